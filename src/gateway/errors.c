#include "gateway/errors.h"

#include "base/clock.h"
#include "base/json.h"
#include "gateway/app.h"

enum { MESSAGE_MAX_BYTES = 256 };

const char *gateway_error_code(int status)
{
    switch (status) {
    case 400:
    case 415:
    case 422:
        return "validation_error";
    case 401:
        return "invalid_token";
    case 402:
        return "quota_exceeded";
    case 403:
        return "forbidden";
    case 404:
        return "not_found";
    case 405:
        return "method_not_allowed";
    case 413:
        return "too_large";
    case 429:
        return "rate_limited";
    default:
        return "server_error";
    }
}

static void send_error(struct http_response *response, int status, const char *message,
                       struct json_object *details)
{
    AUTO_JSON struct json_object *body = json_object_new_object();
    struct json_object *error = json_object_new_object();
    json_add_string(error, "code", gateway_error_code(status));
    json_add_string(error, "message", message);
    if (details)
        json_object_object_add(error, "details", details);
    json_object_object_add(body, "error", error);
    http_response_header(response, "Cache-Control", "no-store");
    http_response_json(response, status, body);
}

static void explain_to_operator(struct http_exchange *exchange, enum err err)
{
    const struct gateway *gateway = exchange->app;
    char text[DB_FAILURE_SIZE];
    if (err == ERR_DATABASE)
        http_note_detail(exchange, db_pool_message(gateway->pool, err, text));
}

void gateway_describe(struct http_exchange *exchange, int status, enum err err, const char *message)
{
    explain_to_operator(exchange, err);
    if (status == 401)
        http_response_header(&exchange->response, "WWW-Authenticate", "Bearer");
    if (err == ERR_NOT_FOUND && !exchange->problem)
        message = "There is nothing at this address";
    send_error(&exchange->response, status, message, NULL);
}

enum err gateway_refuse(struct http_exchange *exchange, enum err err, const struct refusal *refusal,
                        int tier)
{
    exchange->retry_after = refusal->retry_after;
    if (err != ERR_QUOTA)
        return err == ERR_RATE_LIMITED
                   ? http_fail(exchange, err, "That is more than %lld requests a minute.",
                               (long long)refusal->limit)
                   : err;
    char resets_at[CLOCK_ISO_SIZE];
    clock_format_iso(refusal->resets_at_ms, resets_at);
    struct json_object *details = json_object_new_object();
    json_object_object_add(details, "tier", json_object_new_int(tier));
    json_object_object_add(details, "limit", json_object_new_int64(refusal->limit));
    json_object_object_add(details, "used", json_object_new_int64(refusal->used));
    json_add_string(details, "kind", refusal->kind);
    json_add_string(details, "resets_at", resets_at);
    send_error(&exchange->response, 402, "What this account may use in a day is used up.", details);
    return ERR_OK;
}

enum err gateway_refuse_to_keep(struct http_exchange *exchange, int64_t most)
{
    static const int64_t mib = 1 << 20;
    BUF_AUTO(message, MESSAGE_MAX_BYTES);
    struct json_object *details = json_object_new_object();
    json_add_string(details, "kind", "kept_bytes");
    json_object_object_add(details, "limit", json_object_new_int64(most));
    buf_addf(&message,
             "There is no room for more: your conversations take up the %lld MiB that are kept for "
             "each user. Please delete some of them, then try again.",
             (long long)(most / mib));
    send_error(&exchange->response, 400, buf_str(&message), details);
    return ERR_OK;
}

enum err gateway_upstream_failed(struct http_exchange *exchange, enum err err,
                                 const struct upstream_failure *failure)
{
    if (failure->detail)
        exchange->log_detail = failure->detail;
    exchange->retry_after = failure->retry_after;
    if (err == ERR_INVALID && failure->problem.len)
        return http_fail(exchange, err, "%s", buf_str(&failure->problem));
    return err;
}
