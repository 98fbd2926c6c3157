#include "gateway/handlers.h"

#include "base/json.h"
#include "base/secret.h"
#include "gateway/app.h"
#include "gateway/metrics.h"
#include "gateway/tiers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TTL_MIN = 60, TTL_MAX = 86400, TTL_DEFAULT = 3600 };

/* Names that could be taken for somebody with more rights than a user has. */
static bool is_reserved(const char *user_id)
{
    static const char *const names[] = {
        "admin",   "administrator", "dashboard-service", "gateway",  "internal", "root",
        "service", "superadmin",    "superuser",         "sysadmin", "system",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(user_id, names[i]) == 0)
            return true;
    return false;
}

static enum err require_api_key(struct http_exchange *exchange)
{
    const struct gateway *gateway = exchange->app;
    const char *key = http_bearer_token(&exchange->request);
    if (key && secret_equal(key, gateway->config->api_key))
        return ERR_OK;
    return http_fail(exchange, ERR_UNAUTHENTICATED,
                     key ? "The API key is not valid"
                         : "The API key is needed: Authorization: Bearer behest_sk_live_...");
}

static enum err read_user_id(struct http_exchange *exchange, struct json_object *body,
                             const char **ret_user_id)
{
    enum err err = json_get_string(body, "user_id", ret_user_id);
    if (err || (*ret_user_id)[strspn(*ret_user_id, " ")] == '\0' || !is_name(*ret_user_id))
        return http_fail(exchange, ERR_INVALID,
                         "user_id must be a text of 1 to %d characters without control characters",
                         NAME_MAX_CHARACTERS);
    if (is_reserved(*ret_user_id))
        return http_fail(exchange, ERR_INVALID, "user_id is a reserved name");
    return ERR_OK;
}

/* An optional whole number. */
static enum err read_number(struct http_exchange *exchange, struct json_object *body,
                            const char *name, int min, int max, int *number)
{
    int64_t value;
    enum err err = json_get_integer(body, name, &value);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err || value < min || value > max)
        return http_fail(exchange, ERR_INVALID, "%s must be a whole number from %d to %d", name,
                         min, max);
    *number = (int)value;
    return ERR_OK;
}

static enum err read_session_id(struct http_exchange *exchange, struct json_object *body,
                                const char **session_id)
{
    const char *given;
    enum err err = json_get_string(body, "session_id", &given);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err || !is_uuid(given))
        return http_fail(exchange, ERR_INVALID, "session_id must be a UUID");
    *session_id = given;
    return ERR_OK;
}

static enum err check_role(struct http_exchange *exchange, struct json_object *body)
{
    const char *role;
    enum err err = json_get_string(body, "role", &role);
    if (err == ERR_NOT_FOUND || (!err && strcmp(role, "user") == 0))
        return ERR_OK;
    return http_fail(exchange, ERR_INVALID, "role must be user or left out");
}

/* The order's texts belong to body, or are what they were before. */
static enum err read_order(struct http_exchange *exchange, struct json_object *body,
                           struct mint_order *order)
{
    enum err err = read_user_id(exchange, body, &order->user_id);
    if (!err)
        err = check_role(exchange, body);
    if (!err)
        err = read_number(exchange, body, "ttl", TTL_MIN, TTL_MAX, &order->ttl);
    if (!err)
        err = read_number(exchange, body, "tier", 1, TIER_NUMBER_MAX, &order->tier);
    return err ? err : read_session_id(exchange, body, &order->session_id);
}

static void answer(struct http_exchange *exchange, const struct mint_result *result)
{
    AUTO_JSON struct json_object *json = json_object_new_object();
    json_add_string(json, "jwt", buf_str(&result->token));
    json_add_string(json, "access_token", buf_str(&result->token));
    json_add_string(json, "token_type", "Bearer");
    json_object_object_add(json, "ttl", json_object_new_int(result->ttl));
    json_object_object_add(json, "expires_in", json_object_new_int(result->ttl));
    json_add_string(json, "session_id", result->session_id);
    json_add_string(json, "project_id", GATEWAY_PROJECT_ID);
    http_response_header(&exchange->response, "Cache-Control", "no-store");
    http_response_json(&exchange->response, 200, json);
}

static enum err mint(struct http_exchange *exchange, struct json_object *body)
{
    const struct gateway *gateway = exchange->app;
    char session_id[UUID_SIZE];
    uuid_v4(session_id);
    struct mint_order order = {.session_id = session_id, .tier = 1, .ttl = TTL_DEFAULT};
    struct mint_result result;
    enum err err = read_order(exchange, body, &order);
    if (err)
        return err;
    snprintf(exchange->user, sizeof exchange->user, "%.*s", HTTP_USER_SIZE - 1, order.user_id);
    err = minter_mint(gateway->minter, &order, &result);
    if (err)
        exchange->log_detail = result.operators;
    else
        answer(exchange, &result);
    mint_result_free(&result);
    return err;
}

static enum err check_and_mint(struct http_exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    enum err err = require_api_key(exchange);
    if (err)
        return err;
    if (!http_has_content_type(request, "application/json"))
        return http_fail(exchange, ERR_UNSUPPORTED, "The request must be application/json");
    AUTO_JSON struct json_object *body = NULL;
    const char *problem = NULL;
    err = json_parse_object(buf_str(&request->body), request->body.len, &body, &problem);
    if (err)
        return problem ? http_fail(exchange, err, "%s", problem) : err;
    return mint(exchange, body);
}

enum err gateway_handle_mint(struct http_exchange *exchange)
{
    const struct gateway *gateway = exchange->app;
    enum err err = check_and_mint(exchange);
    size_t result = MINT_OK;
    if (err)
        result = http_status_of(err) < 500 ? MINT_REFUSED : MINT_FAILED;
    metric_add(metrics_at(gateway->metrics, METRIC_GATEWAY_MINTS), METRIC_AT(result), 1);
    return err;
}
