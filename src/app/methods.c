#include "app/methods.h"

#include "app/handlers.h"
#include "app/metrics.h"
#include "base/json.h"

#include <string.h>

/* clang-format off */
static const struct method_field no_fields[] = {{NULL, false}};
static const struct method_field signup_fields[] = {
    {"email",     true},
    {"password",  true},
    {"handle",    false},
    {"firstName", false},
    {"lastName",  false},
    {"avatarUrl", false},
    {NULL,        false},
};
static const struct method_field login_fields[] = {
    {"email",    true},
    {"password", true},
    {NULL,       false},
};
static const struct method_field profile_fields[] = {
    {"handle",    false},
    {"firstName", false},
    {"lastName",  false},
    {"avatarUrl", false},
    {NULL,        false},
};
static const struct method_field mint_fields[] = {
    {"sessionId", false},
    {NULL,        false},
};

static const struct method_results signins = {METRIC_SIGNINS, signin_result_index};
static const struct method_results signups = {METRIC_SIGNUPS, signup_result_index};

/* All methods: name, function, who may call, rate limit, string arguments, where results count. */
static const struct method methods[] = {
    {"_system.session.init",            session_init,         ACCESS_ANYBODY,   RATE_NONE,           no_fields,      NULL},
    {"_system.session.heartbeat",       session_heartbeat,    ACCESS_ANYBODY,   RATE_NONE,           no_fields,      NULL},
    {"_system.user.signupWithPassword", user_signup,          ACCESS_ANYBODY,   RATE_SIGNUP_ATTEMPT, signup_fields,  &signups},
    {"_system.user.loginWithPassword",  user_login,           ACCESS_ANYBODY,   RATE_SIGNIN,         login_fields,   &signins},
    {"_system.user.logout",             user_logout,          ACCESS_ANYBODY,   RATE_NONE,           no_fields,      NULL},
    {"_system.user.getOwnProfile",      user_get_own_profile, ACCESS_SIGNED_IN, RATE_NONE,           no_fields,      NULL},
    {"_system.user.updateProfile",      user_update_profile,  ACCESS_SIGNED_IN, RATE_NONE,           profile_fields, NULL},
    {"behest.mint",                     behest_mint,          ACCESS_SIGNED_IN, RATE_NONE,           mint_fields,    NULL},
    {"behest.checkGateway",             behest_check_gateway, ACCESS_SIGNED_IN, RATE_GATEWAY_CHECK,  no_fields,      NULL},
};
/* clang-format on */

enum { METHODS = sizeof methods / sizeof methods[0] };

const char *app_method_value(size_t index)
{
    return index < METHODS ? methods[index].name : NULL;
}

static const struct method *find_method(const char *name)
{
    for (size_t i = 0; i < METHODS; i++)
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    return NULL;
}

static enum err read_arguments(struct method_call *call, const struct method_field *fields,
                               struct json_object *args)
{
    for (size_t i = 0; fields[i].name; i++) {
        enum err err = json_get_string(args, fields[i].name, &call->text[i]);
        if (err == ERR_INVALID)
            return http_fail(call->exchange, err, "The argument \"%s\" must be a string",
                             fields[i].name);
        if (err == ERR_NOT_FOUND && fields[i].required)
            return http_fail(call->exchange, ERR_INVALID, "The argument \"%s\" is missing",
                             fields[i].name);
        if (err && err != ERR_NOT_FOUND)
            return err;
    }
    return ERR_OK;
}

static enum err handle(struct method_call *call, const struct method *method,
                       struct json_object *args)
{
    enum err err = read_arguments(call, method->fields, args);
    return err ? err : method->handle(call);
}

/* What was turned away because too much was under way is not counted. */
static enum err handle_within_limit(struct method_call *call, const struct method *method,
                                    struct json_object *args)
{
    char address[HTTP_ADDRESS_SIZE];
    http_client_key(&call->exchange->request, address);
    const char *key = method->access == ACCESS_SIGNED_IN ? call->visitor.session.user_id : address;
    int64_t now_ms = clock_now_ms(&call->app->clock);
    enum err err =
        rate_limit_take(call->db, method->limit, key, now_ms, &call->exchange->retry_after);
    if (err)
        return err;
    err = handle(call, method, args);
    if (err == ERR_OVERLOADED) {
        enum err ignored = rate_limit_give_back(call->db, method->limit, key, now_ms);
        (void)ignored; /* what is not given back counts as before */
    }
    return err;
}

static void answer(struct method_call *call)
{
    AUTO_JSON struct json_object *body = json_object_new_object();
    if (call->result)
        json_object_object_add(body, "data", json_object_get(call->result));
    json_object_object_add(body, "typeMap", json_object_get(call->type_map));
    http_response_header(&call->exchange->response, "Cache-Control", "no-store");
    http_response_json(&call->exchange->response, 200, body);
}

static enum err run(struct method_call *call, const struct method *method, struct json_object *body)
{
    const char *body_token = NULL;
    struct json_object *args = NULL;
    if (json_get_string(body, "authToken", &body_token) == ERR_INVALID)
        return http_fail(call->exchange, ERR_INVALID, "The member \"authToken\" must be a string");
    if (json_object_object_get_ex(body, "args", &args) && args &&
        !json_object_is_type(args, json_type_object))
        return http_fail(call->exchange, ERR_INVALID, "The member \"args\" must be an object");
    enum err err = visitor_identify(call->exchange, call->db, body_token, &call->visitor);
    if (!err && method->access == ACCESS_SIGNED_IN && !call->visitor.signed_in)
        err = ERR_UNAUTHENTICATED;
    if (!err)
        err = handle_within_limit(call, method, args);
    if (!err)
        answer(call);
    return err;
}

static enum err call_method(struct method_call *call, const struct method *method)
{
    struct http_exchange *exchange = call->exchange;
    if (!http_has_content_type(&exchange->request, "application/json"))
        return http_fail(exchange, ERR_UNSUPPORTED, "The content type must be application/json");
    AUTO_JSON struct json_object *body = NULL;
    const char *problem = NULL;
    const struct buf *text = &exchange->request.body;
    enum err err = json_parse_object(buf_str(text), text->len, &body, &problem);
    if (err)
        return http_fail(exchange, err, "%s", problem ? problem : err_message(err));
    err = db_pool_take(call->app->pool, &call->db);
    if (!err)
        err = run(call, method, body);
    db_pool_give(call->app->pool, call->db);
    json_object_put(call->result);
    json_object_put(call->type_map);
    return err;
}

static void count_call(const struct method_call *call, const struct method *method, enum err err,
                       int64_t took_us)
{
    struct metrics *metrics = call->app->metrics;
    size_t index = (size_t)(method - methods);
    size_t status = http_status_index(http_status_of(err));
    enum err result = call->counts_as ? call->counts_as : err;
    metric_add(metrics_at(metrics, METRIC_METHOD_CALLS), METRIC_AT(index, status), 1);
    metric_observe(metrics_at(metrics, METRIC_METHOD_DURATION), METRIC_AT(index),
                   (uint64_t)took_us);
    if (method->results)
        metric_add(metrics_at(metrics, method->results->metric),
                   METRIC_AT(method->results->index(result)), 1);
}

enum err app_method(struct http_exchange *exchange)
{
    const struct method *method = find_method(exchange->rest);
    if (!method)
        return http_fail(exchange, ERR_NOT_FOUND, "Method not found");
    struct method_call call = {.app = exchange->app, .exchange = exchange};
    int64_t began_us = clock_monotonic_us();
    enum err err = call_method(&call, method);
    count_call(&call, method, err, clock_monotonic_us() - began_us);
    return err;
}
