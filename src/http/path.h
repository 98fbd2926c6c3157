/* From the URL of a request to mount point and path.
 *
 * Each server fills SCRIPT_NAME, PATH_INFO and DOCUMENT_URI its own way, some after decoding and
 * merging slashes, and some split a path where nothing is mounted. REQUEST_URI is what the client
 * sent on all of them, so the path comes from there, and the mount point from the operator. */
#ifndef BEHEST_HTTP_PATH_H
#define BEHEST_HTTP_PATH_H

#include "http/request.h"

/* Fills request->path and request->mount; errors as for http_request_init(). */
MUST_CHECK enum err http_path_read(struct http_request *request, const char *site_path);

#endif
