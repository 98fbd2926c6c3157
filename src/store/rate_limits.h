/* Counters of sliding windows, shared by all processes on one database.
 *
 * A sliding window is estimated from two fixed ones: the count of the present one, and of the one
 * before that share which the sliding window still covers. */
#ifndef BEHEST_STORE_RATE_LIMITS_H
#define BEHEST_STORE_RATE_LIMITS_H

#include "store/db.h"

/* Reads how many more are allowed: ERR_OK when below limit, ERR_RATE_LIMITED with the time until
 * one more fits. Inside the transaction in which the caller counts. */
MUST_CHECK enum err rate_limit_check(struct db *db, const char *bucket, const char *key,
                                     int64_t window_ms, int64_t limit, int64_t now_ms,
                                     int64_t *ret_wait_ms);

/* Counts one. */
MUST_CHECK enum err rate_limit_count(struct db *db, const char *bucket, const char *key,
                                     int64_t window_ms, int64_t now_ms);

/* Takes one back that was counted at that time. Nothing when its window is over. */
MUST_CHECK enum err rate_limit_uncount(struct db *db, const char *bucket, const char *key,
                                       int64_t window_ms, int64_t counted_ms);

/* Deletes at most limit counters whose windows are over. */
MUST_CHECK enum err rate_limit_delete_expired(struct db *db, int64_t now_ms, int limit);

#endif
