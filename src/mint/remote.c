/* Minting by asking the gateway. */
#include "mint/minter.h"

#include "base/clock.h"
#include "base/gate.h"
#include "base/json.h"
#include "mint/bearer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

enum {
    CONNECT_TIMEOUT_MS = 3000,
    TOTAL_TIMEOUT_MS = 10000,
    ANSWER_MAX_BYTES = 64 * 1024,
    DEFAULT_RETRY_AFTER = 30,
};

struct remote_minter {
    struct minter minter;
    struct gate gate;
    char *url;
    struct bearer bearer;
    pthread_mutex_t mutex;
    CURL **idle; /* handles with their kept connections */
    unsigned idle_count;
};

/* What came back. */
struct answer {
    struct buf body;
    long status;
    long retry_after;
};

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct answer *answer = context;
    buf_add(&answer->body, data, size * count);
    return buf_err(&answer->body) ? 0 : size * count;
}

static CURL *take_handle(struct remote_minter *remote)
{
    pthread_mutex_lock(&remote->mutex);
    CURL *handle = remote->idle_count ? remote->idle[--remote->idle_count] : NULL;
    pthread_mutex_unlock(&remote->mutex);
    return handle ? handle : curl_easy_init();
}

/* The gate lets no more in than idle has room for. */
static void give_handle(struct remote_minter *remote, CURL *handle)
{
    pthread_mutex_lock(&remote->mutex);
    remote->idle[remote->idle_count++] = handle;
    pthread_mutex_unlock(&remote->mutex);
}

static void set_options(CURL *handle, struct remote_minter *remote, const char *body,
                        long timeout_ms, struct answer *answer)
{
    curl_easy_setopt(handle, CURLOPT_URL, remote->url);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, remote->bearer.nodes);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, answer);
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

static CURLcode ask(struct remote_minter *remote, CURL *handle, const char *body,
                    struct answer *answer)
{
    int64_t deadline = clock_monotonic_ms() + TOTAL_TIMEOUT_MS;
    CURLcode code = CURLE_OK;
    for (int attempt = 0; attempt < 2; attempt++) {
        long left_ms = (long)(deadline - clock_monotonic_ms());
        if (left_ms <= 0)
            return CURLE_OPERATION_TIMEDOUT;
        bool had_connection = has_connection(handle);
        set_options(handle, remote, body, left_ms, answer);
        code = curl_easy_perform(handle);
        if (!is_worth_retrying(handle, code, had_connection))
            break;
    }
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_off_t retry_after = 0;
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &retry_after);
    answer->retry_after =
        retry_after > 0 && retry_after < 86400 ? (long)retry_after : DEFAULT_RETRY_AFTER;
    return code;
}

static enum err fail(struct mint_result *result, enum err err, const char *operators)
{
    result->operators = operators;
    return err;
}

static enum err check_transfer(CURLcode code, struct mint_result *result)
{
    switch (code) {
    case CURLE_OK:
        return ERR_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return fail(result, ERR_TIMEOUT, "mint: no answer in time");
    case CURLE_WRITE_ERROR:
        return fail(result, ERR_UPSTREAM, "mint: the answer is over 64 KiB");
    case CURLE_COULDNT_RESOLVE_HOST:
        return fail(result, ERR_UPSTREAM,
                    "mint: the host name of BEHEST_BASE_URL does not resolve");
    case CURLE_COULDNT_CONNECT:
        return fail(result, ERR_UPSTREAM, "mint: cannot connect to BEHEST_BASE_URL");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        return fail(result, ERR_UPSTREAM,
                    "mint: the TLS certificate of BEHEST_BASE_URL cannot be verified");
    default:
        return fail(result, ERR_UPSTREAM, "mint: the connection to BEHEST_BASE_URL broke");
    }
}

static enum err check_status(const struct answer *answer, struct mint_result *result)
{
    if (answer->status >= 200 && answer->status < 300)
        return ERR_OK;
    if (answer->status >= 300 && answer->status < 400)
        return fail(result, ERR_UPSTREAM,
                    "mint: BEHEST_BASE_URL redirects; set it to where it leads");
    if (answer->status == 429)
        result->retry_after = (int)answer->retry_after;
    switch (answer->status) {
    case 400:
        return fail(result, ERR_UPSTREAM,
                    "mint: the request was refused (400); check user id and BEHEST_TTL");
    case 401:
        return fail(result, ERR_UPSTREAM, "mint: key refused (401); check BEHEST_KEY");
    case 402:
        return fail(result, ERR_QUOTA, "mint: quota of the account used up (402)");
    case 403:
        return fail(result, ERR_UPSTREAM, "mint: the key may not mint (403)");
    case 404:
        return fail(result, ERR_UPSTREAM, "mint: no /v1/auth/mint at BEHEST_BASE_URL (404)");
    case 429:
        return fail(result, ERR_RATE_LIMITED, "mint: rate limited (429)");
    default:
        return fail(result, ERR_UPSTREAM, "mint: the gateway failed");
    }
}

static void read_ttl(struct json_object *json, const struct mint_order *order,
                     struct mint_result *result)
{
    int64_t ttl = 0;
    if (json_get_integer(json, "ttl", &ttl) != ERR_OK &&
        json_get_integer(json, "expires_in", &ttl) != ERR_OK)
        ttl = order->ttl;
    if (ttl <= 0 || ttl > 86400)
        ttl = order->ttl;
    result->ttl = (int)ttl;
    result->expires_at = clock_now_ms(NULL) / MS_PER_SECOND + ttl;
}

/* A token goes into a header of the browser's: anything that is no token (RFC 6750 section 2.1)
 * would break there. */
static bool is_token(const char *text)
{
    return *text &&
           text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "-._~+/=")] == '\0';
}

static enum err read_answer(const struct answer *answer, const struct mint_order *order,
                            struct mint_result *result)
{
    AUTO_JSON struct json_object *json = NULL;
    const char *problem;
    const char *token = NULL;
    if (json_parse_object(buf_str(&answer->body), answer->body.len, &json, &problem) != ERR_OK)
        return fail(result, ERR_UPSTREAM, "mint: the answer is not JSON");
    if (json_get_string(json, "jwt", &token) != ERR_OK &&
        json_get_string(json, "access_token", &token) != ERR_OK)
        return fail(result, ERR_UPSTREAM, "mint: the answer has no token");
    if (!is_token(token))
        return fail(result, ERR_UPSTREAM, "mint: the answer's token is not one");
    const char *session_id = NULL;
    if (json_get_string(json, "session_id", &session_id) != ERR_OK ||
        strlen(session_id) >= MINT_SESSION_ID_SIZE)
        session_id = order->session_id;
    snprintf(result->session_id, sizeof result->session_id, "%s", session_id);
    read_ttl(json, order, result);
    buf_adds(&result->token, token);
    return buf_err(&result->token) ? fail(result, ERR_UPSTREAM, "mint: the token is too long")
                                   : ERR_OK;
}

static struct json_object *make_body(const struct mint_order *order)
{
    struct json_object *body = json_object_new_object();
    json_add_string(body, "user_id", order->user_id);
    json_add_string(body, "role", "user");
    json_object_object_add(body, "ttl", json_object_new_int(order->ttl));
    json_add_string(body, "session_id", order->session_id);
    if (order->tier)
        json_object_object_add(body, "tier", json_object_new_int(order->tier));
    return body;
}

static enum err mint_inside_gate(struct remote_minter *remote, const struct mint_order *order,
                                 struct mint_result *result)
{
    CURL *handle = take_handle(remote);
    if (!handle)
        return ERR_NOMEM;
    AUTO_JSON struct json_object *body = make_body(order);
    struct answer answer = {.body = BUF_MAX(ANSWER_MAX_BYTES)};
    CURLcode code =
        ask(remote, handle, json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN), &answer);
    enum err err = check_transfer(code, result);
    if (!err)
        err = check_status(&answer, result);
    if (!err)
        err = read_answer(&answer, order, result);
    buf_free(&answer.body);
    give_handle(remote, handle);
    return err;
}

static enum err remote_mint(struct minter *minter, const struct mint_order *order,
                            struct mint_result *result)
{
    struct remote_minter *remote = (struct remote_minter *)minter;
    enum err err = gate_enter(&remote->gate);
    if (err)
        return fail(result, err, "mint: too many mints wait for the gateway");
    err = mint_inside_gate(remote, order, result);
    gate_leave(&remote->gate);
    return err;
}

static void remote_free(struct minter *minter)
{
    struct remote_minter *remote = (struct remote_minter *)minter;
    while (remote->idle && remote->idle_count)
        curl_easy_cleanup(remote->idle[--remote->idle_count]);
    free(remote->idle);
    bearer_free(&remote->bearer);
    free(remote->url);
    gate_destroy(&remote->gate);
    pthread_mutex_destroy(&remote->mutex);
    free(remote);
    curl_global_cleanup();
}

static const struct minter_ops remote_ops = {
    .mode = "remote", .mint = remote_mint, .free = remote_free};

enum err mint_remote_new(struct mint_key *key, const char *base_url, unsigned max_at_once,
                         struct minter **ret_minter)
{
    struct remote_minter *remote = calloc(1, sizeof *remote);
    if (!remote || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(remote);
        return ERR_NOMEM;
    }
    remote->minter.ops = &remote_ops;
    gate_init(&remote->gate, max_at_once, 0);
    pthread_mutex_init(&remote->mutex, NULL);
    BUF_AUTO(url, 4096);
    buf_addf(&url, "%s/v1/auth/mint", base_url);
    remote->url = buf_err(&url) ? NULL : strdup(url.data);
    enum err err = bearer_init(&remote->bearer, key->api_key);
    remote->idle = calloc(max_at_once, sizeof(CURL *));
    if (!err && (!remote->url || !remote->idle))
        err = ERR_NOMEM;
    if (err) {
        remote_free(&remote->minter);
        return err;
    }
    mint_key_free(key);
    *ret_minter = &remote->minter;
    return ERR_OK;
}
