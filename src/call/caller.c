#include "call/caller.h"

#include "base/clock.h"
#include "base/gate.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    CONNECT_TIMEOUT_MS = 3000,
    TOTAL_TIMEOUT_MS = 10000,
    DEFAULT_RETRY_AFTER = 30,
    RETRY_AFTER_MAX = 86400,
};

struct caller {
    struct gate gate;
    pthread_mutex_t mutex;
    CURL **idle; /* handles with their kept connections */
    unsigned idle_count;
};

enum err caller_new(unsigned max_at_once, struct caller **ret_caller)
{
    struct caller *caller = calloc(1, sizeof *caller);
    if (!caller || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(caller);
        return ERR_NOMEM;
    }
    gate_init(&caller->gate, max_at_once, 0);
    pthread_mutex_init(&caller->mutex, NULL);
    caller->idle = calloc(max_at_once, sizeof(CURL *));
    if (!caller->idle) {
        caller_free(caller);
        return ERR_NOMEM;
    }
    *ret_caller = caller;
    return ERR_OK;
}

void caller_free(struct caller *caller)
{
    if (!caller)
        return;
    while (caller->idle && caller->idle_count)
        curl_easy_cleanup(caller->idle[--caller->idle_count]);
    free(caller->idle);
    gate_destroy(&caller->gate);
    pthread_mutex_destroy(&caller->mutex);
    free(caller);
    curl_global_cleanup();
}

static CURL *take_handle(struct caller *caller)
{
    pthread_mutex_lock(&caller->mutex);
    CURL *handle = caller->idle_count ? caller->idle[--caller->idle_count] : NULL;
    pthread_mutex_unlock(&caller->mutex);
    return handle ? handle : curl_easy_init();
}

/* The gate lets no more in than idle has room for. */
static void give_handle(struct caller *caller, CURL *handle)
{
    pthread_mutex_lock(&caller->mutex);
    caller->idle[caller->idle_count++] = handle;
    pthread_mutex_unlock(&caller->mutex);
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct buf *body = context;
    buf_add(body, data, size * count);
    return buf_err(body) ? 0 : size * count;
}

/* The method is named after the body, whose option sets it to POST. */
static void set_options(CURL *handle, const struct call_order *order, long timeout_ms,
                        struct buf *body)
{
    curl_easy_reset(handle);
    transfer_prepare(handle, order->url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, order->bearer->nodes);
    if (order->body)
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, order->body);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, order->method);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, body);
}

/* True when asking once more is right: the connection broke before anything of an answer came, and
 * libcurl has not asked again itself, as it does on a new connection when a kept one turns out to
 * be dead. */
static bool is_worth_retrying(CURL *handle, CURLcode code, bool had_connection)
{
    long status = 0;
    long new_connections = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &new_connections);
    if (status != 0 || (had_connection && new_connections > 0))
        return false;
    return code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
}

static bool has_connection(CURL *handle)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket);
    return socket != CURL_SOCKET_BAD;
}

static CURLcode perform(CURL *handle, const struct call_order *order, struct buf *body)
{
    int64_t deadline = clock_monotonic_ms() + TOTAL_TIMEOUT_MS;
    CURLcode code = CURLE_OK;
    for (int attempt = 0; attempt < 2; attempt++) {
        long left_ms = (long)(deadline - clock_monotonic_ms());
        if (left_ms <= 0)
            return CURLE_OPERATION_TIMEDOUT;
        bool had_connection = has_connection(handle);
        set_options(handle, order, left_ms, body);
        code = curl_easy_perform(handle);
        if (!is_worth_retrying(handle, code, had_connection))
            break;
    }
    return code;
}

static void read_head(CURL *handle, struct call_answer *answer)
{
    curl_off_t retry_after = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &retry_after);
    answer->retry_after =
        retry_after > 0 && retry_after < RETRY_AFTER_MAX ? (int)retry_after : DEFAULT_RETRY_AFTER;
}

enum err caller_call(struct caller *caller, const struct call_order *order,
                     struct call_answer *ret_answer)
{
    *ret_answer = (struct call_answer){.body = BUF_MAX(order->answer_max_bytes)};
    enum err err = gate_enter(&caller->gate);
    if (err)
        return err;
    CURL *handle = take_handle(caller);
    if (handle) {
        ret_answer->outcome = call_outcome_of(perform(handle, order, &ret_answer->body));
        read_head(handle, ret_answer);
        give_handle(caller, handle);
    }
    gate_leave(&caller->gate);
    return handle ? ERR_OK : ERR_NOMEM;
}

void call_answer_free(struct call_answer *answer)
{
    buf_free(&answer->body);
}
