/* Which actions are limited, for whom, and how often. */
#ifndef BEHEST_AUTH_RATE_LIMIT_H
#define BEHEST_AUTH_RATE_LIMIT_H

#include "store/db.h"

enum rate_limit {
    RATE_NONE,
    RATE_SIGNUP,         /* accounts made, by client address */
    RATE_SIGNUP_ATTEMPT, /* tries to make one, by client address */
    RATE_SIGNIN,         /* by client address */
    RATE_GATEWAY_CHECK,  /* questions whether the gateway can be reached, by user */
};

/* Counts one action of whoever key names. ERR_RATE_LIMITED with the seconds to wait when it is one
 * too many; it is not counted then. */
MUST_CHECK enum err rate_limit_take(struct db *db, enum rate_limit limit, const char *key,
                                    int64_t now_ms, int *ret_retry_after);

/* Takes back what rate_limit_take() counted at that time: an action that was turned away because
 * too much is under way says nothing about who asked for it. */
MUST_CHECK enum err rate_limit_give_back(struct db *db, enum rate_limit limit, const char *key,
                                         int64_t taken_ms);

#endif
