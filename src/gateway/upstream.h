/* Calls to the OpenAI-compatible server behind the gateway, with kept connections. */
#ifndef BEHEST_GATEWAY_UPSTREAM_H
#define BEHEST_GATEWAY_UPSTREAM_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

enum { UPSTREAM_PROBLEM_MAX_BYTES = 500, UPSTREAM_IDLE_SECONDS = 10 };

struct upstream; /* used by several threads at once */

/* base_url is what stands in front of /chat/completions; key may be NULL. */
MUST_CHECK enum err upstream_new(const char *base_url, const char *key,
                                 struct upstream **ret_upstream);
void upstream_free(struct upstream *upstream);

struct upstream_call {
    const char *path; /* below base_url */
    const char *body; /* JSON to post; NULL for a GET */
    size_t body_len;
    long timeout_ms; /* for all of it; 0: as long as something arrives now and then */

    /* When over -1: as soon as this descriptor becomes readable, the call is broken off. */
    int watch_fd;

    /* Gets the body of a successful answer piece by piece as it arrives, beginning with an empty
     * one when the headers are there. What it returns other than ERR_OK breaks the call off.
     * content_type is never NULL. */
    enum err (*receive)(void *context, const char *content_type, const char *data, size_t len);

    /* Called whenever nothing has arrived for UPSTREAM_IDLE_SECONDS; NULL when nobody cares. What
     * it returns counts as for receive. */
    enum err (*idle)(void *context);
    void *context;
};

/* Why a call failed. */
struct upstream_failure {
    struct buf problem; /* the upstream's own words for the client, after ERR_INVALID */
    int retry_after;    /* seconds, after ERR_RATE_LIMITED */
    const char *detail; /* static, for the operator */
};

/* Runs one call. ERR_DISCONNECTED when watch_fd became readable, and what receive or idle returned;
 * else with *ret_failure, to be freed with upstream_failure_free() whatever comes back: ERR_INVALID
 * (the upstream found the request wrong: 400, 422), ERR_RATE_LIMITED (429), ERR_TIMEOUT (no
 * connection within 5 s, or no byte for 120 s), ERR_UPSTREAM (anything else). */
MUST_CHECK enum err upstream_perform(struct upstream *upstream, const struct upstream_call *call,
                                     struct upstream_failure *ret_failure);
void upstream_failure_free(struct upstream_failure *failure);

#endif
