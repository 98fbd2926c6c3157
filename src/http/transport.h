/* What the HTTP layer needs of whoever brings a request: the FastCGI loop, or a test. */
#ifndef BEHEST_HTTP_TRANSPORT_H
#define BEHEST_HTTP_TRANSPORT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct http_transport {
    const char *const *params; /* CGI variables (RFC 3875) as NAME=value, NULL at the end */
    void *context;

    /* Reads up to len bytes of the request's body; 0 at its end or when the connection failed. */
    size_t (*read)(void *context, char *data, size_t len);

    /* Writes response bytes, CGI headers first; they may stay in a buffer until flush or the end of
     * the request. ERR_DISCONNECTED when the reader is gone. */
    enum err (*write)(void *context, const char *data, size_t len);
    enum err (*flush)(void *context);

    /* A descriptor that becomes readable when the reader goes away, once the body has been read; -1
     * when there is none. */
    int (*watch_fd)(void *context);
};

#endif
