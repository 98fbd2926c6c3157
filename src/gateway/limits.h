/* How much a user may use, by tier: requests a minute, requests a day and tokens a day. The days
 * are those of UTC, the minute slides; all processes on one database count together. */
#ifndef BEHEST_GATEWAY_LIMITS_H
#define BEHEST_GATEWAY_LIMITS_H

#include "base/err.h"
#include "gateway/tiers.h"
#include "gateway/token.h"
#include "gateway/usage_store.h"
#include "store/db.h"

#include <stdbool.h>
#include <stdint.h>

/* Why a request is refused. */
struct refusal {
    const char *kind; /* static: "requests_per_day" or "tokens_per_day", for ERR_QUOTA */
    int64_t limit;
    int64_t used;
    int64_t resets_at_ms; /* the beginning of the next day */
    int retry_after;      /* seconds, for ERR_RATE_LIMITED */
};

/* Counts one request, in a single short transaction. ERR_QUOTA or ERR_RATE_LIMITED with the
 * refusal, and nothing is counted then; database errors. */
MUST_CHECK enum err limits_take(struct db_pool *pool, const struct tier_table *tiers,
                                const struct gateway_user *user, int64_t now_ms,
                                struct refusal *ret_refusal);

/* Adds what a request that was taken at now_ms has used more than was added before; less, where
 * that was too much. The last one of a day may so go over the limit: what an answer will use is not
 * known before it ends. Unless may_wait, a lock that others hold is ERR_OVERLOADED at once. */
MUST_CHECK enum err limits_spend(struct db_pool *pool, const struct gateway_user *user,
                                 int64_t now_ms, const char *model, const struct usage *more,
                                 bool may_wait);

/* Removes a bite of the counters that no limit looks at any more. */
MUST_CHECK enum err limits_sweep(struct db_pool *pool, int64_t now_ms);

#endif
