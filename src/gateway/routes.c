#include "gateway/routes.h"

#include "gateway/chat_request.h"
#include "gateway/errors.h"
#include "gateway/handlers.h"
#include "http/cors.h"
#include "http/query.h"

#include <string.h>

/* A body that is not wanted is read all the same where the reader is watched: what is left of it
 * would look like one who leaves. */
enum { MINT_MAX_BYTES = 64 * 1024, NO_BODY_MAX_BYTES = 1024 };

enum {
    ANY_VERB = HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_DELETE | HTTP_OPTIONS | HTTP_OTHER,
};

static const char health_path[] = "/healthz";

static enum err handle_health(struct http_exchange *exchange)
{
    const struct gateway *gateway = exchange->app;
    enum err err = db_pool_check_writable(gateway->pool);
    if (err)
        return err;
    http_response_header(&exchange->response, "Cache-Control", "no-store");
    http_response_text(&exchange->response, 200, "ok\n");
    return ERR_OK;
}

/* Pages ask which calls there are (threads, usage): a preflight must succeed for them to see the
 * 404. */
static enum err handle_unknown(struct http_exchange *exchange)
{
    if (exchange->request.verb != HTTP_OPTIONS)
        return ERR_NOT_FOUND;
    exchange->response.status = 204;
    return ERR_OK;
}

static const struct http_route routes[] = {
    {HTTP_POST, "/v1/chat/completions", gateway_handle_completions, CHAT_REQUEST_MAX_BYTES},
    {HTTP_POST, "/v1/auth/mint", gateway_handle_mint, MINT_MAX_BYTES},
    {HTTP_POST, "/auth/v1/auth/mint", gateway_handle_mint, MINT_MAX_BYTES},
    {HTTP_GET | HTTP_HEAD, "/v1/models", gateway_handle_models, NO_BODY_MAX_BYTES},
    {HTTP_GET | HTTP_HEAD, "/v1/threads", gateway_handle_threads, 0},
    {HTTP_GET | HTTP_HEAD, "/v1/threads/*", gateway_handle_thread, 0},
    {HTTP_DELETE, "/v1/threads/*", gateway_handle_thread_deletion, NO_BODY_MAX_BYTES},
    {HTTP_GET | HTTP_HEAD, "/v1/usage", gateway_handle_usage, 0},
    {HTTP_GET | HTTP_HEAD, "/v1/billing/usage", gateway_handle_billing, 0},
    {HTTP_GET | HTTP_HEAD, "/.well-known/jwks.json", gateway_handle_jwks, 0},
    {HTTP_GET | HTTP_HEAD, health_path, handle_health, 0},
    {ANY_VERB, "/metrics", gateway_handle_metrics, 0},
    {HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_DELETE | HTTP_OPTIONS, "/v1/*", handle_unknown, 0},
};

enum { ROUTES = sizeof routes / sizeof routes[0] };

const char *gateway_route_value(size_t index)
{
    if (index < ROUTES)
        return routes[index].path;
    return index == ROUTES ? "none" : NULL;
}

/* Another program may serve the rest of the site. Only whoever watches this process may ask it
 * directly. */
static bool is_elsewhere(const struct gateway *gateway, const struct http_request *request)
{
    return *gateway->config->site_path && !request->mount.len &&
           strcmp(buf_str(&request->path), health_path) != 0;
}

/* What every answer carries, errors too: without CORS headers a page could not read those. */
static enum err prepare(struct http_exchange *exchange)
{
    const struct gateway *gateway = exchange->app;
    struct http_response *response = &exchange->response;
    http_response_header(response, "X-Trace-Id", exchange->request.id);
    http_response_header(response, "X-Content-Type-Options", "nosniff");
    http_response_header(response, "Content-Security-Policy",
                         "default-src 'none'; frame-ancestors 'none'");
    http_response_header(response, "Referrer-Policy", "no-referrer");
    if (exchange->request.https)
        http_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    bool allowed = http_cors_allow(&exchange->request, response,
                                   (const char *const *)gateway->config->origins);
    if (allowed && exchange->request.verb == HTTP_OPTIONS)
        http_cors_preflight(response);
    if (is_elsewhere(gateway, &exchange->request))
        return ERR_NOT_FOUND;
    /* A preflight is answered whatever the query: a page could not read the 400 otherwise. */
    if (exchange->request.verb != HTTP_OPTIONS && http_query_check(&exchange->request) != ERR_OK)
        return http_fail(exchange, ERR_INVALID, "The query has a malformed escape (%%)");
    return ERR_OK;
}

struct http_service gateway_service(struct gateway *gateway)
{
    return (struct http_service){
        .routes = routes,
        .route_count = ROUTES,
        .app = gateway,
        .log = gateway->log,
        .metrics = gateway->metrics,
        .site_path = gateway->config->site_path,
        .prepare = prepare,
        .describe = gateway_describe,
    };
}
