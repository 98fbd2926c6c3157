#include "http/cors.h"

#include <string.h>

static const char allowed_headers[] =
    "authorization, content-type, x-session-id, x-thread-id, x-stainless-arch, x-stainless-lang, "
    "x-stainless-os, x-stainless-package-version, x-stainless-runtime, "
    "x-stainless-runtime-version, "
    "x-stainless-retry-count, x-stainless-timeout, x-stainless-helper-method, x-stainless-async, "
    "x-stainless-helper, x-stainless-poll-helper, x-stainless-custom-poll-interval";

bool http_cors_allow(const struct http_request *request, struct http_response *response,
                     const char *const *allowed)
{
    http_response_header(response, "Vary", "Origin");
    const char *origin = http_param(request, "HTTP_ORIGIN");
    if (!origin)
        return false;
    for (; *allowed; allowed++) {
        if (strcmp(origin, *allowed) == 0) {
            http_response_header(response, "Access-Control-Allow-Origin", origin);
            http_response_header(response, "Access-Control-Expose-Headers",
                                 "X-Trace-Id, Retry-After");
            return true;
        }
    }
    return false;
}

void http_cors_preflight(struct http_response *response)
{
    http_response_header(response, "Access-Control-Allow-Methods", "GET, POST, DELETE");
    http_response_header(response, "Access-Control-Allow-Headers", allowed_headers);
    http_response_header(response, "Access-Control-Max-Age", "600");
}
