/* Calls to the gateway's HTTP interface: short ones with JSON, over kept connections, only so many
 * at a time. */
#ifndef BEHEST_CALL_CALLER_H
#define BEHEST_CALL_CALLER_H

#include "base/buf.h"
#include "base/err.h"
#include "call/bearer.h"
#include "call/transfer.h"

#include <stddef.h>

struct caller; /* used by several threads at once */

/* At most max_at_once calls are under way at a time. */
MUST_CHECK enum err caller_new(unsigned max_at_once, struct caller **ret_caller);
void caller_free(struct caller *caller);

struct call_order {
    const char *method; /* "GET", "DELETE", or "POST" with a body */
    const char *url;    /* http or https */
    const struct bearer *bearer;
    const char *body; /* JSON; NULL unless the method is POST */
    size_t answer_max_bytes;
};

struct call_answer {
    enum call_outcome outcome;
    long status;     /* of HTTP, when answered */
    int retry_after; /* seconds; 30 unless the answer says otherwise */
    struct buf body;
};

/* Makes the call, once more when the connection broke before anything of an answer came. It has
 * timed out without a connection within 3 s, or a whole answer within 10 s. Fills *ret_answer, to
 * be freed with call_answer_free() whatever comes back. ERR_OVERLOADED when too many calls are
 * under way, ERR_NOMEM; what happens on the network is an outcome. */
MUST_CHECK enum err caller_call(struct caller *caller, const struct call_order *order,
                                struct call_answer *ret_answer);
void call_answer_free(struct call_answer *answer);

#endif
