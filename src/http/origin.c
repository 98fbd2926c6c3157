#include "http/origin.h"

#include <string.h>
#include <strings.h>

enum { ORIGIN_MAX_BYTES = 512 };

static bool is_own_origin(const struct http_request *request, const char *origin,
                          const char *site_origin)
{
    if (site_origin)
        return strcasecmp(origin, site_origin) == 0;
    const char *host = http_param(request, "HTTP_HOST");
    if (!host || !*host)
        return false;
    BUF_AUTO(own, ORIGIN_MAX_BYTES);
    buf_addf(&own, "%s://%s", request->https ? "https" : "http", host);
    return !buf_err(&own) && strcasecmp(origin, own.data) == 0;
}

bool http_is_cross_site(const struct http_request *request, const char *site_origin)
{
    const char *fetch_site = http_param(request, "HTTP_SEC_FETCH_SITE");
    const char *origin = http_param(request, "HTTP_ORIGIN");
    if (fetch_site && strcmp(fetch_site, "same-origin") != 0 && strcmp(fetch_site, "none") != 0)
        return true;
    return origin && *origin && !is_own_origin(request, origin, site_origin);
}
