/* A response as a value: built whole and sent at once, or sent piece by piece. */
#ifndef BEHEST_HTTP_RESPONSE_H
#define BEHEST_HTTP_RESPONSE_H

#include "base/buf.h"
#include "base/err.h"
#include "http/transport.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

enum { HTTP_HEADERS_MAX_BYTES = 16 * 1024, HTTP_BODY_MAX_BYTES = 16 << 20 };

struct http_response {
    const struct http_transport *transport;
    int status;
    bool omit_body; /* the answer to HEAD, 204 and 304 */
    bool started;   /* the headers are on their way: the status cannot change any more */
    struct buf headers;
    struct buf body;
};

void http_response_init(struct http_response *response, const struct http_transport *transport);
void http_response_free(struct http_response *response);

/* Takes back all that was set, as long as nothing was sent. */
void http_response_reset(struct http_response *response);

/* Adds a header. A value with a line break, which would smuggle in more headers, is dropped whole.
 */
void http_response_header(struct http_response *response, const char *name, const char *value);
void http_response_headerf(struct http_response *response, const char *name, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));

/* Sets status, type and body. */
void http_response_text(struct http_response *response, int status, const char *text);
void http_response_json(struct http_response *response, int status, struct json_object *json);

/* ERR_OK when headers and body are within their limits, so that the response can be sent. */
MUST_CHECK enum err http_response_check(const struct http_response *response);

/* Sends status, headers and body; they are on their way when the request ends. */
MUST_CHECK enum err http_response_send(struct http_response *response);

/* Sends status and headers; the body follows in pieces, each on its way when the function returns.
 */
MUST_CHECK enum err http_response_begin(struct http_response *response);
MUST_CHECK enum err http_response_write(struct http_response *response, const void *data,
                                        size_t len);

/* True when the reader has gone away, or goes within wait_ms. Only for a request whose body has
 * been read. */
bool http_response_abandoned(const struct http_response *response, int wait_ms);

/* "Not Found" for 404. */
const char *http_status_text(int status);

/* Statuses as the values of a label (base/metrics.h). */
size_t http_status_index(int status);
const char *http_status_value(size_t index);

/* The one place where an error becomes an HTTP status. */
int http_status_of(enum err err);

#endif
