/* The files of a folder: the built page.
 *
 * Files under assets/ carry a hash in their name and are cached for good, all others are asked for
 * again each time (ETag). Where FILE.gz stands beside FILE it is sent to whoever accepts gzip.
 * Names that begin with a dot and symbolic links are not served. */
#ifndef BEHEST_HTTP_STATIC_H
#define BEHEST_HTTP_STATIC_H

#include "base/err.h"
#include "http/service.h"

enum { STATIC_FILE_MAX_BYTES = 16 << 20 };

/* Sends the file at path ("/assets/app.js"), relative to the folder that root_fd is open on.
 * ERR_NOT_FOUND when there is no such regular file. */
MUST_CHECK enum err http_static_send(struct http_exchange *exchange, int root_fd, const char *path);

/* Sends an HTML page, as http_static_send() does, but with its <base href="/"> pointing to the
 * mount point of the request. */
MUST_CHECK enum err http_static_send_page(struct http_exchange *exchange, int root_fd,
                                          const char *path);

#endif
