/* What the end of a call to the upstream means; for upstream.c. */
#ifndef BEHEST_GATEWAY_UPSTREAM_ANSWER_H
#define BEHEST_GATEWAY_UPSTREAM_ANSWER_H

#include "gateway/upstream.h"

#include <curl/curl.h>
#include <stdbool.h>

enum { UPSTREAM_REFUSAL_MAX_BYTES = 64 * 1024 };

bool upstream_is_success(long status);

/* The error that status and result of a finished transfer make, with the failure's members filled
 * in; refusal is the body of an answer that is no success. */
MUST_CHECK enum err upstream_judge(CURL *easy, CURLcode code, const struct buf *refusal,
                                   struct upstream_failure *failure);

/* Adds at most UPSTREAM_PROBLEM_MAX_BYTES of what an error body says for a person: error.message,
 * or error, or message. Nothing when it says nothing. */
void upstream_error_message(const struct buf *refusal, struct buf *problem);

#endif
