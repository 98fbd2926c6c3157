#include "gateway/limits.h"

#include "base/buf.h"
#include "base/clock.h"
#include "gateway/usage_store.h"
#include "store/rate_limits.h"

enum { SWEEP_ROWS = 500, DAYS_KEPT = 400, KEY_MAX_BYTES = 2 * NAME_SIZE };

static const char bucket[] = "completions";

static int64_t day_of(int64_t now_ms)
{
    return now_ms - now_ms % MS_PER_DAY;
}

static struct usage_key key_of(const struct gateway_user *user, int64_t now_ms)
{
    return (struct usage_key){.project_id = user->pid, .user_id = user->uid, .day = day_of(now_ms)};
}

static enum err check_day(struct db *db, const struct usage_key *key,
                          const struct tier_limits *limits, struct refusal *refusal)
{
    struct usage usage;
    enum err err = usage_read(db, key, &usage);
    if (err)
        return err;
    int64_t tokens = usage.input_tokens + usage.output_tokens;
    bool by_requests = usage.requests >= limits->requests_per_day;
    if (!by_requests && tokens < limits->tokens_per_day)
        return ERR_OK;
    *refusal = (struct refusal){
        .kind = by_requests ? "requests_per_day" : "tokens_per_day",
        .limit = by_requests ? limits->requests_per_day : limits->tokens_per_day,
        .used = by_requests ? usage.requests : tokens,
        .resets_at_ms = key->day + MS_PER_DAY,
    };
    return ERR_QUOTA;
}

static enum err take_minute(struct db *db, const struct gateway_user *user, int64_t limit,
                            int64_t now_ms, struct refusal *refusal)
{
    /* No name holds a line break. */
    BUF_AUTO(key, KEY_MAX_BYTES);
    buf_addf(&key, "%s\n%s", user->pid, user->uid);
    if (buf_err(&key))
        return buf_err(&key);
    int64_t wait_ms = 0;
    enum err err = rate_limit_check(db, bucket, key.data, MS_PER_MINUTE, limit, now_ms, &wait_ms);
    if (err == ERR_RATE_LIMITED)
        *refusal = (struct refusal){
            .limit = limit,
            .retry_after = (int)((wait_ms + MS_PER_SECOND - 1) / MS_PER_SECOND),
        };
    return err ? err : rate_limit_count(db, bucket, key.data, MS_PER_MINUTE, now_ms);
}

static enum err take(struct db *db, const struct tier_limits *limits,
                     const struct gateway_user *user, int64_t now_ms, struct refusal *refusal)
{
    struct usage_key key = key_of(user, now_ms);
    enum err err = db_begin(db);
    if (err)
        return err;
    err = check_day(db, &key, limits, refusal);
    if (!err)
        err = take_minute(db, user, limits->requests_per_minute, now_ms, refusal);
    if (!err)
        err = usage_add(db, &key, &(struct usage){.requests = 1});
    db_end(db, &err);
    return err;
}

enum err limits_take(struct db_pool *pool, const struct tier_table *tiers,
                     const struct gateway_user *user, int64_t now_ms, struct refusal *ret_refusal)
{
    struct db *db = NULL;
    enum err err = db_pool_take(pool, &db);
    if (!err)
        err = take(db, tier_table_find(tiers, user->tier), user, now_ms, ret_refusal);
    db_pool_give(pool, db);
    return err;
}

enum err limits_spend(struct db_pool *pool, const struct gateway_user *user, int64_t now_ms,
                      const char *model, const struct usage *more, bool may_wait)
{
    const struct usage_answer answer = {
        .project_id = user->pid,
        .user_id = user->uid,
        .at_ms = now_ms,
        .model = model,
        .usage = *more,
    };
    struct db *db = NULL;
    enum err err = db_pool_take(pool, &db);
    if (!err && !may_wait)
        db_never_wait(db);
    if (!err)
        err = usage_add_answer(db, &answer);
    db_pool_give(pool, db);
    return err;
}

enum err limits_sweep(struct db_pool *pool, int64_t now_ms)
{
    struct db *db = NULL;
    enum err err = db_pool_take(pool, &db);
    if (!err)
        err = rate_limit_delete_expired(db, now_ms, SWEEP_ROWS);
    if (!err)
        err = usage_delete_before(db, day_of(now_ms) - DAYS_KEPT * MS_PER_DAY, SWEEP_ROWS);
    if (!err)
        err = usage_delete_minutes_before(db, day_of(now_ms) - DAYS_KEPT * MS_PER_DAY, SWEEP_ROWS);
    db_pool_give(pool, db);
    return err;
}
