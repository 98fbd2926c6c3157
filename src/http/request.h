/* A request as a value: what the handlers may know of it, checked once at the door. */
#ifndef BEHEST_HTTP_REQUEST_H
#define BEHEST_HTTP_REQUEST_H

#include "base/buf.h"
#include "base/err.h"
#include "http/transport.h"

#include <stdbool.h>
#include <stddef.h>

enum http_verb {
    HTTP_GET = 1 << 0,
    HTTP_HEAD = 1 << 1,
    HTTP_POST = 1 << 2,
    HTTP_DELETE = 1 << 3,
    HTTP_OPTIONS = 1 << 4,
    HTTP_OTHER = 1 << 5,
};

enum { HTTP_ADDRESS_SIZE = 46, HTTP_PATH_MAX_BYTES = 2048, HTTP_ID_SIZE = 17 };

struct http_trust; /* http/client.h */

struct http_request {
    const struct http_transport *transport;
    enum http_verb verb;
    const char *verb_name;
    struct buf path;  /* decoded, below the mount point, begins with '/' */
    struct buf mount; /* where the application is: "" for the root of a site, else "/chat" */
    char client_address[HTTP_ADDRESS_SIZE]; /* numeric; "" when unknown */
    bool https;
    char id[HTTP_ID_SIZE]; /* random, for the log and for the person who reports a problem */
    struct buf body;       /* filled by http_request_read_body() */
};

/* Reads verb, path, client and scheme. site_path is where the application is mounted: "" for the
 * root of a site, else "/chat"; a path that is not below it is taken whole. ERR_INVALID when the
 * path is malformed, would climb out of the site (dot segments), or holds an encoded slash, a
 * backslash or control characters; ERR_TOO_LARGE when it is over HTTP_PATH_MAX_BYTES. The request
 * can be answered even then. */
MUST_CHECK enum err http_request_init(struct http_request *request,
                                      const struct http_transport *transport, const char *site_path,
                                      const struct http_trust *trust);
void http_request_free(struct http_request *request);

/* Verbs as the values of a label (base/metrics.h). */
size_t http_verb_index(enum http_verb verb);
const char *http_verb_value(size_t index);

/* A CGI variable; NULL when the web server did not send it. */
const char *http_param(const struct http_request *request, const char *name);

/* The value of a cookie as the browser sent it; NULL when there is none. A browser may send several
 * of one name, for different paths: previous is the one after which to look, NULL for the first.
 * Not NUL-terminated: *ret_len says how long. */
const char *http_cookie(const struct http_request *request, const char *name, const char *previous,
                        size_t *ret_len);

/* Reads the body, at most max bytes. ERR_TOO_LARGE when it is longer, ERR_INVALID when fewer bytes
 * came than the client announced or the length is no number. */
MUST_CHECK enum err http_request_read_body(struct http_request *request, size_t max);

/* True when the Content-Type is this media type, with or without parameters. */
bool http_has_content_type(const struct http_request *request, const char *media_type);

/* The token of "Authorization: Bearer ..." (RFC 6750), NULL when there is none. */
const char *http_bearer_token(const struct http_request *request);

#endif
