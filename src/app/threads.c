/* GET /api/behest/threads, GET /api/behest/threads/ID/messages and DELETE /api/behest/threads/ID:
 * the conversations that the gateway keeps, for clients that ask the application for them, as
 * Behest's React package does. The gateway is asked in the name of whoever is signed in. */
#include "app/app.h"
#include "app/handlers.h"
#include "app/module_behest.h"
#include "base/encode.h"
#include "base/json.h"
#include "call/caller.h"
#include "http/query.h"

#include <string.h>

enum {
    ID_MAX_BYTES = 128,
    PLACE_MAX_BYTES = ID_MAX_BYTES + 32,
    URL_MAX_BYTES = 4096,
    ANSWER_MAX_BYTES = HTTP_BODY_MAX_BYTES
};

static enum err check_outcome(struct http_exchange *exchange, enum call_outcome outcome)
{
    static const char *const details[] = {
        [CALL_TIMED_OUT] = "threads: no answer in time",
        [CALL_TOO_LARGE] = "threads: the answer is over 16 MiB",
        [CALL_NO_SUCH_NAME] = "threads: the host name of BEHEST_BASE_URL does not resolve",
        [CALL_REFUSED] = "threads: cannot connect to BEHEST_BASE_URL",
        [CALL_TLS_FAILED] = "threads: the TLS certificate of BEHEST_BASE_URL cannot be verified",
        [CALL_BROKEN] = "threads: the connection to BEHEST_BASE_URL broke",
    };
    if (outcome == CALL_ANSWERED)
        return ERR_OK;
    exchange->log_detail = details[outcome];
    return outcome == CALL_TIMED_OUT ? ERR_TIMEOUT : ERR_UPSTREAM;
}

static enum err check_status(struct http_exchange *exchange, const struct call_answer *answer)
{
    switch (answer->status) {
    case 200:
    case 204:
        return ERR_OK;
    case 400:
        return http_fail(exchange, ERR_INVALID, "The gateway found the request wrong");
    case 404:
        return http_fail(exchange, ERR_NOT_FOUND, "There is no such conversation");
    case 429:
        exchange->retry_after = answer->retry_after;
        return ERR_RATE_LIMITED;
    default:
        exchange->log_detail = answer->status == 401
                                   ? "threads: the gateway refused the token (401)"
                                   : "threads: the gateway failed";
        return ERR_UPSTREAM;
    }
}

static enum err answer_with(struct http_exchange *exchange, const struct call_answer *answer)
{
    struct http_response *response = &exchange->response;
    enum err err = check_outcome(exchange, answer->outcome);
    if (!err)
        err = check_status(exchange, answer);
    if (err)
        return err;
    response->status = (int)answer->status;
    http_response_header(response, "Cache-Control", "no-store");
    if (answer->status == 200) {
        http_response_header(response, "Content-Type", "application/json");
        buf_add(&response->body, answer->body.data, answer->body.len);
    }
    return ERR_OK;
}

static enum err call_gateway(struct http_exchange *exchange, const char *method, const char *url,
                             const char *token)
{
    const struct app *app = exchange->app;
    struct bearer bearer;
    struct call_answer answer;
    enum err err = bearer_init(&bearer, token);
    if (err)
        return err;
    const struct call_order order = {
        .method = method, .url = url, .bearer = &bearer, .answer_max_bytes = ANSWER_MAX_BYTES};
    err = caller_call(app->caller, &order, &answer);
    if (err == ERR_OVERLOADED)
        exchange->log_detail = "threads: too many calls wait for the gateway";
    if (!err)
        err = answer_with(exchange, &answer);
    call_answer_free(&answer);
    bearer_free(&bearer);
    return err;
}

/* Asks for what is at path below /v1/threads, with a token of the visitor's. */
static enum err forward(struct http_exchange *exchange, const char *method, const char *path)
{
    const struct app *app = exchange->app;
    AUTO_JSON struct json_object *minted = NULL;
    const char *token = NULL;
    struct visitor visitor;
    BUF_AUTO(url, URL_MAX_BYTES);
    buf_addf(&url, "%s/v1/threads%s", app->config->base_url, path);
    enum err err = visitor_require(exchange, &visitor);
    if (!err)
        err = buf_err(&url);
    if (!err)
        err = mint_for_visitor(exchange, &visitor, NULL, &minted);
    if (!err)
        err = json_get_string(minted, "token", &token);
    return err ? err : call_gateway(exchange, method, url.data, token);
}

/* What needs no escapes in a query, with one comma at most: TIME,ID names a place in a list. */
static bool is_parameter(const char *text)
{
    char first[PLACE_MAX_BYTES + 1];
    size_t len = strcspn(text, ",");
    if (text[len] == '\0')
        return is_url_segment(text, ID_MAX_BYTES);
    memcpy(first, text, len);
    first[len] = '\0';
    return is_url_segment(first, PLACE_MAX_BYTES) && is_url_segment(text + len + 1, ID_MAX_BYTES);
}

/* Passes on one of the parameters with which long lists are asked for in pages. */
static enum err add_parameter(struct http_exchange *exchange, const char *name, struct buf *path)
{
    BUF_AUTO(value, PLACE_MAX_BYTES);
    enum err err = http_query_text(&exchange->request, name, &value);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err || !is_parameter(buf_str(&value)))
        return http_fail(exchange, ERR_INVALID, "The parameter \"%s\" is not valid", name);
    buf_addf(path, "%c%s=%s", strchr(buf_str(path), '?') ? '&' : '?', name, value.data);
    return ERR_OK;
}

static enum err no_such_call(struct http_exchange *exchange)
{
    return http_fail(exchange, ERR_NOT_FOUND, "There is no such call");
}

enum err app_threads(struct http_exchange *exchange)
{
    BUF_AUTO(path, URL_MAX_BYTES);
    enum err err = add_parameter(exchange, "limit", &path);
    if (!err)
        err = add_parameter(exchange, "after", &path);
    return err ? err : forward(exchange, "GET", buf_str(&path));
}

enum err app_thread_messages(struct http_exchange *exchange)
{
    BUF_AUTO(id, URL_MAX_BYTES);
    BUF_AUTO(path, URL_MAX_BYTES);
    const char *slash = strchr(exchange->rest, '/');
    if (!slash || strcmp(slash, "/messages") != 0)
        return no_such_call(exchange);
    buf_add(&id, exchange->rest, (size_t)(slash - exchange->rest));
    if (!is_url_segment(buf_str(&id), ID_MAX_BYTES))
        return no_such_call(exchange);
    buf_addf(&path, "/%s/messages", id.data);
    enum err err = add_parameter(exchange, "limit", &path);
    if (!err)
        err = add_parameter(exchange, "before", &path);
    return err ? err : forward(exchange, "GET", buf_str(&path));
}

enum err app_thread_deletion(struct http_exchange *exchange)
{
    BUF_AUTO(path, URL_MAX_BYTES);
    if (!is_url_segment(exchange->rest, ID_MAX_BYTES))
        return no_such_call(exchange);
    buf_addf(&path, "/%s", exchange->rest);
    return forward(exchange, "DELETE", buf_str(&path));
}
