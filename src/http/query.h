/* The parameters behind the ? of an address (application/x-www-form-urlencoded). */
#ifndef BEHEST_HTTP_QUERY_H
#define BEHEST_HTTP_QUERY_H

#include "http/request.h"

#include <stdint.h>

/* ERR_INVALID when there is a malformed escape anywhere in the query. */
MUST_CHECK enum err http_query_check(const struct http_request *request);

/* Adds the decoded value of the first parameter of that name. ERR_NOT_FOUND when there is none,
 * ERR_INVALID as for http_query_check(). */
MUST_CHECK enum err http_query_text(const struct http_request *request, const char *name,
                                    struct buf *value);

/* A whole number from min to max, *ret_number as it was when there is none. ERR_INVALID for
 * anything else. */
MUST_CHECK enum err http_query_number(const struct http_request *request, const char *name,
                                      int64_t min, int64_t max, int64_t *ret_number);

#endif
