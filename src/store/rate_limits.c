#include "store/rate_limits.h"

struct counter {
    int64_t window_start; /* of the fixed window that now is in */
    int64_t current;
    int64_t previous;
};

static enum err read_counter(struct db *db, const char *bucket, const char *key, int64_t window_ms,
                             int64_t now_ms, struct counter *ret_counter)
{
    *ret_counter = (struct counter){.window_start = now_ms - now_ms % window_ms};
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT window_start, current, previous FROM rate_limits "
                            "WHERE bucket = ? AND key = ? AND window_ms = ?",
                            "tti", bucket, key, window_ms);
    if (!err)
        err = db_step(stmt);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    int64_t age = ret_counter->window_start - sqlite3_column_int64(stmt, 0);
    if (age <= 0) {
        ret_counter->current = sqlite3_column_int64(stmt, 1);
        ret_counter->previous = sqlite3_column_int64(stmt, 2);
    } else if (age == window_ms) {
        ret_counter->previous = sqlite3_column_int64(stmt, 1);
    }
    return ERR_OK;
}

/* How long until count * rest / window_ms, rounded down, falls below free, where rest is what is
 * left of the window at whose end it will be end_ms. */
static int64_t wait_until_faded(int64_t count, int64_t free, int64_t window_ms, int64_t end_ms,
                                int64_t now_ms)
{
    int64_t rest = count ? (free * window_ms - 1) / count : window_ms;
    return end_ms - rest - now_ms;
}

static int64_t wait_of(const struct counter *counter, int64_t window_ms, int64_t limit,
                       int64_t now_ms)
{
    int64_t end_ms = counter->window_start + window_ms;
    if (counter->current < limit)
        return wait_until_faded(counter->previous, limit - counter->current, window_ms, end_ms,
                                now_ms);
    /* The present window has to become the previous one first. */
    return wait_until_faded(counter->current, limit, window_ms, end_ms + window_ms, now_ms);
}

enum err rate_limit_check(struct db *db, const char *bucket, const char *key, int64_t window_ms,
                          int64_t limit, int64_t now_ms, int64_t *ret_wait_ms)
{
    struct counter counter;
    enum err err = read_counter(db, bucket, key, window_ms, now_ms, &counter);
    if (err)
        return err;
    int64_t rest_ms = counter.window_start + window_ms - now_ms;
    int64_t counted = counter.current + counter.previous * rest_ms / window_ms;
    if (counted < limit)
        return ERR_OK;
    *ret_wait_ms = wait_of(&counter, window_ms, limit, now_ms);
    return ERR_RATE_LIMITED;
}

enum err rate_limit_count(struct db *db, const char *bucket, const char *key, int64_t window_ms,
                          int64_t now_ms)
{
    struct counter counter;
    enum err err = read_counter(db, bucket, key, window_ms, now_ms, &counter);
    if (err)
        return err;
    return db_run(
        db,
        "INSERT INTO rate_limits (bucket, key, window_ms, window_start, current, previous) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (bucket, key, window_ms) DO UPDATE SET "
        "window_start = excluded.window_start, current = excluded.current, "
        "previous = excluded.previous",
        "ttiiii", bucket, key, window_ms, counter.window_start, counter.current + 1,
        counter.previous);
}

enum err rate_limit_uncount(struct db *db, const char *bucket, const char *key, int64_t window_ms,
                            int64_t counted_ms)
{
    return db_run(db,
                  "UPDATE rate_limits SET current = current - 1 WHERE bucket = ? AND key = ? "
                  "AND window_ms = ? AND window_start = ? AND current > 0",
                  "ttii", bucket, key, window_ms, counted_ms - counted_ms % window_ms);
}

enum err rate_limit_delete_expired(struct db *db, int64_t now_ms, int limit)
{
    return db_run(db,
                  "DELETE FROM rate_limits WHERE (bucket, key, window_ms) IN (SELECT bucket, key, "
                  "window_ms FROM rate_limits WHERE window_start + 2 * window_ms <= ? LIMIT ?)",
                  "ii", now_ms, (int64_t)limit);
}
