/* Where a request comes from, as the browser tells: protection against requests that other sites
 * make in a user's name. */
#ifndef BEHEST_HTTP_ORIGIN_H
#define BEHEST_HTTP_ORIGIN_H

#include "http/request.h"

/* True when Sec-Fetch-Site (Fetch Metadata, W3C) or Origin (RFC 6454) show that a page of another
 * origin sent the request. This site is site_origin ("https://chat.example.com"), or when NULL the
 * scheme and Host of the request. A request with neither header comes from no browser, and does not
 * count. */
bool http_is_cross_site(const struct http_request *request, const char *site_origin);

#endif
