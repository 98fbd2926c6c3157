#include "http/service.h"

#include "base/clock.h"
#include "http/metrics.h"

#include <stdio.h>
#include <string.h>

enum { PROBLEM_MAX_BYTES = 512, OVERLOADED_RETRY_AFTER = 2 };

enum err http_fail(struct http_exchange *exchange, enum err err, const char *format, ...)
{
    struct buf text = BUF_MAX(PROBLEM_MAX_BYTES);
    va_list args;
    va_start(args, format);
    buf_vaddf(&text, format, args);
    va_end(args);
    buf_free(&exchange->problem_text);
    exchange->problem_text = text;
    exchange->problem = buf_err(&text) ? NULL : buf_str(&exchange->problem_text);
    return err;
}

void http_note_detail(struct http_exchange *exchange, const char *text)
{
    if (exchange->log_detail)
        return;
    snprintf(exchange->log_text, sizeof exchange->log_text, "%s", text);
    exchange->log_detail = exchange->log_text;
}

/* Length of a route's path without its star. */
static size_t fixed_length(const struct http_route *route)
{
    return strcspn(route->path, "*");
}

static bool route_matches(const struct http_route *route, const char *path)
{
    size_t len = fixed_length(route);
    return strncmp(path, route->path, len) == 0 && (route->path[len] == '*' || path[len] == '\0');
}

/* The rows for one path, and those for what is below it, stand together. */
static bool stand_together(const struct http_route *a, const struct http_route *b)
{
    size_t len = fixed_length(a);
    return len == fixed_length(b) && strncmp(a->path, b->path, len) == 0;
}

static void add_allow(struct http_exchange *exchange, unsigned verbs)
{
    http_response_headerf(&exchange->response, "Allow", "%s%s%s%s%s",
                          verbs & HTTP_GET ? "GET, " : "", verbs & HTTP_HEAD ? "HEAD, " : "",
                          verbs & HTTP_POST ? "POST, " : "", verbs & HTTP_DELETE ? "DELETE, " : "",
                          "OPTIONS");
}

static enum err run_route(struct http_exchange *exchange, const struct http_route *route)
{
    exchange->rest = buf_str(&exchange->request.path) + fixed_length(route);
    if (route->body_max) {
        enum err err = http_request_read_body(&exchange->request, route->body_max);
        if (err == ERR_TOO_LARGE)
            return http_fail(exchange, err,
                             "The request is too large: at most %zu KiB are accepted",
                             route->body_max / 1024);
        if (err == ERR_INVALID)
            return http_fail(exchange, err, "The request's body did not arrive whole");
        if (err)
            return err;
    }
    return route->handle(exchange);
}

static const struct http_route *first_match(const struct http_service *service, const char *path)
{
    for (size_t i = 0; i < service->route_count; i++)
        if (route_matches(&service->routes[i], path))
            return &service->routes[i];
    return NULL;
}

/* The rows for one path stand together; a path that only other verbs serve is a 405, or the answer
 * to OPTIONS. */
static enum err dispatch(const struct http_service *service, struct http_exchange *exchange)
{
    const struct http_route *end = service->routes + service->route_count;
    const char *path = buf_str(&exchange->request.path);
    const struct http_route *first = first_match(service, path);
    exchange->route = first;
    if (!first)
        return ERR_NOT_FOUND;
    unsigned allowed = 0;
    for (const struct http_route *row = first; row < end && stand_together(row, first); row++) {
        if (!route_matches(row, path))
            continue;
        if (row->verbs & exchange->request.verb)
            return run_route(exchange, row);
        allowed |= row->verbs;
    }
    add_allow(exchange, allowed);
    if (exchange->request.verb != HTTP_OPTIONS)
        return ERR_WRONG_VERB;
    exchange->response.status = 204;
    return ERR_OK;
}

static void describe_error(const struct http_service *service, struct http_exchange *exchange,
                           enum err err)
{
    const char *message = exchange->problem ? exchange->problem : err_message(err);
    int status = http_status_of(err);
    if (status == 500)
        message = "Something went wrong on the server, please try again later";
    if (err == ERR_OVERLOADED && exchange->retry_after <= 0)
        exchange->retry_after = OVERLOADED_RETRY_AFTER;
    if (exchange->retry_after > 0)
        http_response_headerf(&exchange->response, "Retry-After", "%d", exchange->retry_after);
    exchange->response.status = status;
    service->describe(exchange, status, err, message);
    if (status >= 500 && !exchange->log_detail)
        exchange->log_detail = err_message(err);
}

/* A response that is over its limits is no fault of the client's. */
static enum err discard_oversized(const struct http_service *service,
                                  struct http_exchange *exchange)
{
    http_response_reset(&exchange->response);
    exchange->log_detail = "the response was over its limits";
    enum err err = service->prepare(exchange);
    return err ? err : ERR_IO;
}

static void log_request(const struct http_service *service, const struct http_exchange *exchange,
                        int64_t took_us, bool abandoned)
{
    const struct http_request *request = &exchange->request;
    char status[12];
    char ms[24];
    snprintf(status, sizeof status, "%d", exchange->response.status);
    snprintf(ms, sizeof ms, "%lld", (long long)(took_us / 1000));
    enum log_level level = exchange->response.status >= 500 ? LOG_ERROR : LOG_INFO;
    log_event(service->log, level, "request", "id", request->id, "method", request->verb_name,
              "path", buf_str(&request->path), "status", status, "ms", ms, "user",
              exchange->user[0] ? exchange->user : NULL, "client",
              request->client_address[0] ? request->client_address : NULL, "abandoned",
              abandoned ? "true" : NULL, "detail", exchange->log_detail, NULL);
}

/* Rows for one path are one route, which the first of them stands for. */
static size_t route_index(const struct http_service *service, const struct http_route *route)
{
    return route ? (size_t)(route - service->routes) : service->route_count;
}

static void count_request(const struct http_service *service, const struct http_exchange *exchange,
                          int64_t took_us)
{
    size_t route = route_index(service, exchange->route);
    metric_add(metrics_at(service->metrics, METRIC_REQUESTS),
               METRIC_AT(route, http_verb_index(exchange->request.verb),
                         http_status_index(exchange->response.status)),
               1);
    metric_observe(metrics_at(service->metrics, METRIC_REQUEST_DURATION), METRIC_AT(route),
                   (uint64_t)took_us);
}

void http_service_handle(void *context, const struct http_transport *transport)
{
    const struct http_service *service = context;
    struct http_exchange exchange = {.app = service->app};
    int64_t began_us = clock_monotonic_us();
    metric_add(metrics_at(service->metrics, METRIC_WORKERS_BUSY), METRIC_ALONE, 1);
    http_response_init(&exchange.response, transport);
    enum err invalid =
        http_request_init(&exchange.request, transport, service->site_path, service->trust);
    exchange.response.omit_body = exchange.request.verb == HTTP_HEAD;
    enum err err = service->prepare(&exchange);
    if (!err && invalid)
        err = http_fail(&exchange, invalid, "The address of this request is not valid");
    if (!err)
        err = dispatch(service, &exchange);
    if (!err && !exchange.response.started && http_response_check(&exchange.response) != ERR_OK)
        err = discard_oversized(service, &exchange);
    if (err && !exchange.response.started)
        describe_error(service, &exchange, err);
    if (!exchange.response.started)
        err = http_response_send(&exchange.response);
    int64_t took_us = clock_monotonic_us() - began_us;
    log_request(service, &exchange, took_us, err == ERR_DISCONNECTED);
    count_request(service, &exchange, took_us);
    metric_subtract(metrics_at(service->metrics, METRIC_WORKERS_BUSY), METRIC_ALONE, 1);
    http_response_free(&exchange.response);
    http_request_free(&exchange.request);
    buf_free(&exchange.problem_text);
}
