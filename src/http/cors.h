/* Cross-origin resource sharing (WHATWG Fetch): which other sites' pages may read the answers. */
#ifndef BEHEST_HTTP_CORS_H
#define BEHEST_HTTP_CORS_H

#include "http/request.h"
#include "http/response.h"

/* Adds Vary: Origin and, when the request's Origin is among allowed (exact origins, NULL at the
 * end), the headers that let that page read the answer, X-Trace-Id and Retry-After included. True
 * when the origin is allowed. */
bool http_cors_allow(const struct http_request *request, struct http_response *response,
                     const char *const *allowed);

/* Adds what the answer to a preflight from an allowed origin carries besides. */
void http_cors_preflight(struct http_response *response);

#endif
