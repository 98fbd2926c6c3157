/* From a request to the handler that a route table names, and to one log line.
 *
 * A service is its route table: adding a page or an endpoint is a row and a function. */
#ifndef BEHEST_HTTP_SERVICE_H
#define BEHEST_HTTP_SERVICE_H

#include "base/log.h"
#include "base/metrics.h"
#include "http/request.h"
#include "http/response.h"

#include <stddef.h>

enum { HTTP_USER_SIZE = 256, HTTP_DETAIL_SIZE = 200 };

struct http_route;

/* One request and its response, on their way through a handler. */
struct http_exchange {
    void *app; /* the service's app */
    struct http_request request;
    struct http_response response;
    const struct http_route *route; /* the first row for its path; NULL when there is none */
    const char *rest;               /* what stands for the star in the route's path */
    const char *problem; /* set by a handler that fails: the sentence for the client; static or
                            owned by problem_text */
    struct buf problem_text;
    int retry_after;        /* seconds, sent with an error when over 0 */
    const char *log_detail; /* for the operator alone; static or log_text */
    char log_text[HTTP_DETAIL_SIZE];
    char user[HTTP_USER_SIZE]; /* for the log */
};

/* Fills exchange->response. What it returns other than ERR_OK becomes an error response. */
typedef enum err http_handler(struct http_exchange *exchange);

struct http_route {
    unsigned verbs;   /* enum http_verb, combined */
    const char *path; /* a star at its end stands for anything */
    http_handler *handle;
    size_t body_max; /* bytes; 0: the body is not read */
};

struct http_service {
    const struct http_route
        *routes; /* the first match wins; the rows for one path stand together */
    size_t route_count;
    void *app;
    const struct logger *log;
    struct metrics *metrics; /* with the rows of http/metrics.h; NULL: nobody counts */
    const char *site_path;   /* see http_request_init() */
    const struct http_trust *trust;

    /* Called before routing: headers that every response carries, checks that every request has to
     * pass. */
    http_handler *prepare;

    /* Fills the response for an error: status and headers are set already. */
    void (*describe)(struct http_exchange *exchange, int status, enum err err, const char *message);
};

/* Serves one request; context is a struct http_service. Called from several threads. */
void http_service_handle(void *context, const struct http_transport *transport);

/* Sets exchange->log_detail to a copy of text, unless something was set before. */
void http_note_detail(struct http_exchange *exchange, const char *text);

/* Sets exchange->problem to a formatted sentence and returns err, for a handler to return. */
enum err http_fail(struct http_exchange *exchange, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
