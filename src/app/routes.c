#include "app/routes.h"

#include "app/handlers.h"
#include "base/json.h"
#include "http/origin.h"

#include <string.h>

enum { READ = HTTP_GET | HTTP_HEAD, BODY_MAX_BYTES = 64 * 1024 };

static const char json_area[] = "/api/behest/";

/* clang-format off */
/* The whole site: verbs, path, handler, largest body. */
static const struct http_route routes[] = {
    {HTTP_POST,        "/api/_internal/method/*", app_method,          BODY_MAX_BYTES},
    {HTTP_POST,        "/api/behest/token",       app_token,           BODY_MAX_BYTES},
    {READ,             "/api/behest/threads",     app_threads,         0},
    {READ,             "/api/behest/threads/*",   app_thread_messages, 0},
    {HTTP_DELETE,      "/api/behest/threads/*",   app_thread_deletion, 0},
    {READ | HTTP_POST, "/api/*",                  app_no_such_call,    0},
    {READ,             "/healthz",                app_health,          0},
    {READ,             "/metrics",                app_metrics,         0},
    {READ,             "/",                       app_page,            0},
    {READ,             "/signin",                 app_page,            0},
    {READ,             "/signup",                 app_page,            0},
    {READ,             "/c/*",                    app_conversation,    0},
    {READ,             "/*",                      app_file,            0},
};
/* clang-format on */

enum { ROUTES = sizeof routes / sizeof routes[0] };

const char *app_route_value(size_t index)
{
    if (index < ROUTES)
        return routes[index].path;
    return index == ROUTES ? "none" : NULL;
}

static void add_security_headers(struct http_exchange *exchange)
{
    const struct app *app = exchange->app;
    struct http_response *response = &exchange->response;
    http_response_header(response, "Content-Security-Policy",
                         buf_str(&app->content_security_policy));
    http_response_header(response, "X-Content-Type-Options", "nosniff");
    http_response_header(response, "X-Frame-Options", "DENY");
    http_response_header(response, "Referrer-Policy", "same-origin");
    http_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    http_response_header(response, "X-Request-Id", exchange->request.id);
    if (exchange->request
            .https) { /* browsers ignore both without TLS, the second with a complaint */
        http_response_header(response, "Strict-Transport-Security", "max-age=31536000");
        http_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    }
}

static enum err prepare(struct http_exchange *exchange)
{
    const struct app *app = exchange->app;
    struct http_request *request = &exchange->request;
    if (app->config->site_origin && strncmp(app->config->site_origin, "https:", 6) == 0)
        request->https = true;
    add_security_headers(exchange);
    bool changes_state = !(request->verb & (HTTP_GET | HTTP_HEAD | HTTP_OPTIONS));
    if (changes_state && http_is_cross_site(request, app->config->site_origin)) {
        exchange->log_detail =
            "cross-site request refused; compare CHAT_SITE_URL with the address in the browser";
        return http_fail(exchange, ERR_FORBIDDEN, "Requests from other sites are not allowed");
    }
    return ERR_OK;
}

static const char *error_code(int status)
{
    switch (status) {
    case 400:
        return "validation_error";
    case 401:
        return "unauthorized";
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
    case 415:
        return "unsupported_media_type";
    case 429:
        return "rate_limited";
    default:
        return "server_error";
    }
}

static void explain_to_operator(struct http_exchange *exchange, enum err err)
{
    const struct app *app = exchange->app;
    char text[DB_FAILURE_SIZE];
    if (err == ERR_DATABASE)
        http_note_detail(exchange, db_pool_message(app->pool, err, text));
}

/* Modelence's clients want the bare message, Behest's want JSON. */
static void describe(struct http_exchange *exchange, int status, enum err err, const char *message)
{
    explain_to_operator(exchange, err);
    http_response_header(&exchange->response, "Cache-Control", "no-store");
    if (strncmp(buf_str(&exchange->request.path), json_area, strlen(json_area)) != 0) {
        http_response_text(&exchange->response, status, message);
        return;
    }
    AUTO_JSON struct json_object *body = json_object_new_object();
    struct json_object *error = json_object_new_object();
    json_add_string(error, "code", error_code(status));
    json_add_string(error, "message", message);
    json_object_object_add(body, "error", error);
    http_response_json(&exchange->response, status, body);
}

struct http_service app_service(struct app *app)
{
    return (struct http_service){
        .routes = routes,
        .route_count = ROUTES,
        .app = app,
        .log = app->log,
        .metrics = app->metrics,
        .site_path = app->config->site_path,
        .trust = app->config->trust,
        .prepare = prepare,
        .describe = describe,
    };
}
