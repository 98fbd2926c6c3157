#include "gateway/upstream.h"

#include "base/clock.h"
#include "call/bearer.h"
#include "call/transfer.h"
#include "gateway/upstream_answer.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECT_TIMEOUT_MS = 5000,
    SILENCE_MAX_SECONDS = 120,
    WAIT_MS = 1000,
    URL_MAX_BYTES = 4096,
};

/* A handle and the connections that it keeps, used by one call at a time. */
struct line {
    CURLM *multi;
    CURL *easy;
    struct line *next;
};

struct upstream {
    char *base_url;
    struct bearer bearer;
    pthread_mutex_t mutex;
    struct line *idle;
};

struct transfer {
    CURL *easy;
    const struct upstream_call *call;
    struct buf refusal; /* the body of an answer that is no success */
    int64_t heard_ms;   /* when something last arrived, or idle was called */
    enum err err;       /* what receive or idle returned */
};

enum err upstream_new(const char *base_url, const char *key, struct upstream **ret_upstream)
{
    struct upstream *upstream = calloc(1, sizeof *upstream);
    if (!upstream || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(upstream);
        return ERR_NOMEM;
    }
    pthread_mutex_init(&upstream->mutex, NULL);
    upstream->base_url = strdup(base_url);
    enum err err = bearer_init(&upstream->bearer, key);
    if (!err && !upstream->base_url)
        err = ERR_NOMEM;
    if (err) {
        upstream_free(upstream);
        return err;
    }
    *ret_upstream = upstream;
    return ERR_OK;
}

static void line_free(struct line *line)
{
    curl_easy_cleanup(line->easy);
    curl_multi_cleanup(line->multi);
    free(line);
}

void upstream_free(struct upstream *upstream)
{
    if (!upstream)
        return;
    while (upstream->idle) {
        struct line *next = upstream->idle->next;
        line_free(upstream->idle);
        upstream->idle = next;
    }
    bearer_free(&upstream->bearer);
    free(upstream->base_url);
    pthread_mutex_destroy(&upstream->mutex);
    free(upstream);
    curl_global_cleanup();
}

static struct line *line_new(void)
{
    struct line *line = calloc(1, sizeof *line);
    if (!line)
        return NULL;
    line->multi = curl_multi_init();
    line->easy = curl_easy_init();
    if (!line->multi || !line->easy) {
        line_free(line);
        return NULL;
    }
    curl_multi_setopt(line->multi, CURLMOPT_MAXCONNECTS, 1L);
    return line;
}

static struct line *take_line(struct upstream *upstream)
{
    pthread_mutex_lock(&upstream->mutex);
    struct line *line = upstream->idle;
    if (line)
        upstream->idle = line->next;
    pthread_mutex_unlock(&upstream->mutex);
    return line ? line : line_new();
}

static void give_line(struct upstream *upstream, struct line *line)
{
    pthread_mutex_lock(&upstream->mutex);
    line->next = upstream->idle;
    upstream->idle = line;
    pthread_mutex_unlock(&upstream->mutex);
}

static long status_of(const struct transfer *transfer)
{
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static bool pass_on(struct transfer *transfer, const char *data, size_t len)
{
    const char *type = NULL;
    transfer->heard_ms = clock_monotonic_ms();
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &type);
    transfer->err = transfer->call->receive(transfer->call->context, type ? type : "", data, len);
    return transfer->err == ERR_OK;
}

/* Called with each header line; an empty one ends the headers. */
static size_t receive_header(const char *line, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    bool last = *line == '\r' || *line == '\n';
    bool passed = !last || !upstream_is_success(status_of(transfer)) || pass_on(transfer, "", 0);
    return passed ? size * count : 0;
}

static size_t receive_body(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t len = size * count;
    if (upstream_is_success(status_of(transfer)))
        return pass_on(transfer, data, len) ? len : 0;
    buf_add(&transfer->refusal, data, len);
    return buf_err(&transfer->refusal) ? 0 : len;
}

static void set_options(struct upstream *upstream, struct transfer *transfer, const char *url)
{
    CURL *easy = transfer->easy;
    const struct upstream_call *call = transfer->call;
    curl_easy_reset(easy);
    transfer_prepare(easy, url);
    /* A call that is broken off has to end its connection, which of several on one it could not. */
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, upstream->bearer.nodes);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "behest-gateway");
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_MAX_SECONDS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, call->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    if (call->body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
    }
}

static bool is_readable(int fd)
{
    struct pollfd watch = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&watch, 1, 0) > 0;
}

static enum err notice_silence(struct transfer *transfer)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!transfer->call->idle ||
        now_ms - transfer->heard_ms < UPSTREAM_IDLE_SECONDS * MS_PER_SECOND)
        return ERR_OK;
    transfer->heard_ms = now_ms;
    transfer->err = transfer->call->idle(transfer->call->context);
    return transfer->err;
}

/* Runs the transfer to its end, or until nobody wants it any more. */
static enum err drive(CURLM *multi, struct transfer *transfer)
{
    int watch_fd = transfer->call->watch_fd;
    struct curl_waitfd watch = {.fd = watch_fd, .events = CURL_WAIT_POLLIN};
    unsigned watched = watch_fd >= 0 ? 1 : 0;
    for (;;) {
        int running = 0;
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            return ERR_UPSTREAM;
        if (!running)
            return transfer->err;
        if (is_readable(watch_fd))
            return ERR_DISCONNECTED;
        enum err err = notice_silence(transfer);
        if (err)
            return err;
        if (curl_multi_poll(multi, watched ? &watch : NULL, watched, WAIT_MS, NULL) != CURLM_OK)
            return ERR_UPSTREAM;
    }
}

static CURLcode result_of(CURLM *multi)
{
    int left;
    const CURLMsg *message = curl_multi_info_read(multi, &left);
    return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_RECV_ERROR;
}

static enum err perform_on(struct upstream *upstream, const struct line *line,
                           const struct upstream_call *call, struct upstream_failure *failure)
{
    struct transfer transfer = {
        .easy = line->easy,
        .call = call,
        .refusal = BUF_MAX(UPSTREAM_REFUSAL_MAX_BYTES),
        .heard_ms = clock_monotonic_ms(),
    };
    BUF_AUTO(url, URL_MAX_BYTES);
    buf_addf(&url, "%s%s", upstream->base_url, call->path);
    if (buf_err(&url))
        return buf_err(&url);
    set_options(upstream, &transfer, url.data);
    if (curl_multi_add_handle(line->multi, line->easy) != CURLM_OK)
        return ERR_NOMEM;
    enum err err = drive(line->multi, &transfer);
    if (!err)
        err = upstream_judge(line->easy, result_of(line->multi), &transfer.refusal, failure);
    /* Ends a transfer that is under way, and its connection with it. */
    curl_multi_remove_handle(line->multi, line->easy);
    buf_free(&transfer.refusal);
    return err;
}

enum err upstream_perform(struct upstream *upstream, const struct upstream_call *call,
                          struct upstream_failure *ret_failure)
{
    *ret_failure = (struct upstream_failure){.problem = BUF_MAX(UPSTREAM_PROBLEM_MAX_BYTES)};
    struct line *line = take_line(upstream);
    if (!line)
        return ERR_NOMEM;
    enum err err = perform_on(upstream, line, call, ret_failure);
    give_line(upstream, line);
    return err;
}

void upstream_failure_free(struct upstream_failure *failure)
{
    buf_free(&failure->problem);
}
