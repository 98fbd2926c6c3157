#include "auth/rate_limit.h"

#include "base/clock.h"
#include "store/rate_limits.h"

enum { WINDOWS = 2 };

static const struct {
    const char *bucket;
    struct {
        int64_t window_ms;
        int64_t limit;
    } windows[WINDOWS];
} limits[] = {
    [RATE_SIGNUP] = {"signup", {{15 * MS_PER_MINUTE, 20}, {MS_PER_DAY, 200}}},
    [RATE_SIGNUP_ATTEMPT] = {"signupAttempt", {{15 * MS_PER_MINUTE, 50}, {MS_PER_DAY, 500}}},
    [RATE_SIGNIN] = {"signin", {{15 * MS_PER_MINUTE, 50}, {MS_PER_DAY, 500}}},
    [RATE_GATEWAY_CHECK] = {"gatewayCheck", {{5 * MS_PER_MINUTE, 10}, {MS_PER_DAY, 200}}},
};

static enum err check_and_count(struct db *db, enum rate_limit limit, const char *key,
                                int64_t now_ms, int64_t *ret_wait_ms)
{
    enum err err = ERR_OK;
    const char *bucket = limits[limit].bucket;
    for (int i = 0; i < WINDOWS && !err; i++)
        err = rate_limit_check(db, bucket, key, limits[limit].windows[i].window_ms,
                               limits[limit].windows[i].limit, now_ms, ret_wait_ms);
    for (int i = 0; i < WINDOWS && !err; i++)
        err = rate_limit_count(db, bucket, key, limits[limit].windows[i].window_ms, now_ms);
    return err;
}

enum err rate_limit_take(struct db *db, enum rate_limit limit, const char *key, int64_t now_ms,
                         int *ret_retry_after)
{
    if (limit == RATE_NONE)
        return ERR_OK;
    enum err err = db_begin(db);
    if (err)
        return err;
    int64_t wait_ms = 0;
    err = check_and_count(db, limit, key, now_ms, &wait_ms);
    db_end(db, &err);
    if (err == ERR_RATE_LIMITED)
        *ret_retry_after = (int)((wait_ms + MS_PER_SECOND - 1) / MS_PER_SECOND);
    return err;
}

enum err rate_limit_give_back(struct db *db, enum rate_limit limit, const char *key,
                              int64_t taken_ms)
{
    if (limit == RATE_NONE)
        return ERR_OK;
    enum err err = db_begin(db);
    if (err)
        return err;
    for (int i = 0; i < WINDOWS && !err; i++)
        err = rate_limit_uncount(db, limits[limit].bucket, key, limits[limit].windows[i].window_ms,
                                 taken_ms);
    db_end(db, &err);
    return err;
}
