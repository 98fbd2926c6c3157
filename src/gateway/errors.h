/* Errors as the gateway's clients get them: {"error": {"code", "message", "details"?}}. */
#ifndef BEHEST_GATEWAY_ERRORS_H
#define BEHEST_GATEWAY_ERRORS_H

#include "gateway/limits.h"
#include "gateway/upstream.h"
#include "http/service.h"

/* The code for an HTTP status: "validation_error" for 400. */
const char *gateway_error_code(int status);

/* The service's describe. */
void gateway_describe(struct http_exchange *exchange, int status, enum err err,
                      const char *message);

/* Turns what limits_take() refused into the answer: an error to return, or for ERR_QUOTA, which
 * carries details, the whole response and ERR_OK. */
MUST_CHECK enum err gateway_refuse(struct http_exchange *exchange, enum err err,
                                   const struct refusal *refusal, int tier);

/* The whole response to a request of which more would be kept for the user than that many bytes. */
MUST_CHECK enum err gateway_refuse_to_keep(struct http_exchange *exchange, int64_t most);

/* Notes why a call to the upstream failed, and gives the error to return. */
MUST_CHECK enum err gateway_upstream_failed(struct http_exchange *exchange, enum err err,
                                            const struct upstream_failure *failure);

#endif
