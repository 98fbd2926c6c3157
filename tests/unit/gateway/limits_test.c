#include "support.h"

#include "base/clock.h"
#include "gateway/limits.h"
#include "gateway/usage_store.h"
#include "store/schema.h"

#include <sodium.h>

#define DAY INT64_C(1800000000000) - INT64_C(1800000000000) % MS_PER_DAY
#define NOON ((DAY) + 12 * MS_PER_HOUR)

struct fixture {
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
    struct db_pool *pool;
    struct tier_table tiers;
    struct gateway_user user;
};

static struct db_pool *open_pool(const char *path)
{
    BUF_AUTO(problem, 1024);
    struct db_pool *pool = NULL;
    assert_int_equal(db_pool_open(&gateway_schema, path, &pool, &problem), ERR_OK);
    return pool;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    assert_true(sodium_init() >= 0);
    test_folder_make(fixture->folder);
    test_path(fixture->path, fixture->folder, "gateway.db");
    fixture->pool = open_pool(fixture->path);
    assert_int_equal(tier_table_parse("1:2,5,100;2:10,8,1000", &fixture->tiers), ERR_OK);
    fixture->user = (struct gateway_user){.uid = "u", .pid = "p", .tier = 1};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    db_pool_close(fixture->pool);
    test_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static enum err take(struct fixture *fixture, int64_t now_ms, struct refusal *refusal)
{
    *refusal = (struct refusal){0};
    return limits_take(fixture->pool, &fixture->tiers, &fixture->user, now_ms, refusal);
}

static void take_some(struct fixture *fixture, int count, int64_t now_ms, int64_t step_ms)
{
    struct refusal refusal;
    for (int i = 0; i < count; i++)
        assert_int_equal(take(fixture, now_ms + i * step_ms, &refusal), ERR_OK);
}

static void limits_requests_a_minute(void **state)
{
    struct fixture *fixture = *state;
    struct refusal refusal;
    take_some(fixture, 2, NOON, 1000);
    assert_int_equal(take(fixture, NOON + 2000, &refusal), ERR_RATE_LIMITED);
    assert_int_equal(refusal.limit, 2);
    assert_in_range(refusal.retry_after, 1, 60);
    assert_int_equal(take(fixture, NOON + 2000 + refusal.retry_after * MS_PER_SECOND, &refusal),
                     ERR_OK);
}

static void tells_who_came_down_to_a_lower_tier_how_long_it_takes(void **state)
{
    struct fixture *fixture = *state;
    struct refusal refusal;
    fixture->user.tier = 2;
    take_some(fixture, 4, NOON, 1000);
    fixture->user.tier = 1;
    assert_int_equal(take(fixture, NOON + 5000, &refusal), ERR_RATE_LIMITED);
    assert_in_range(refusal.retry_after, 61, 120);
    assert_int_equal(take(fixture, NOON + 5000 + refusal.retry_after * MS_PER_SECOND, &refusal),
                     ERR_OK);
}

static void does_not_count_what_it_refuses(void **state)
{
    struct fixture *fixture = *state;
    struct refusal refusal;
    take_some(fixture, 2, NOON, 1000);
    for (int i = 0; i < 20; i++)
        assert_int_equal(take(fixture, NOON + 3000, &refusal), ERR_RATE_LIMITED);
    take_some(fixture, 3, NOON + 10 * MS_PER_MINUTE, MS_PER_MINUTE);
    assert_int_equal(take(fixture, NOON + 20 * MS_PER_MINUTE, &refusal), ERR_QUOTA);
}

static void limits_requests_a_day(void **state)
{
    struct fixture *fixture = *state;
    struct refusal refusal;
    take_some(fixture, 5, NOON, MS_PER_HOUR);
    assert_int_equal(take(fixture, NOON + 5 * MS_PER_HOUR, &refusal), ERR_QUOTA);
    assert_string_equal(refusal.kind, "requests_per_day");
    assert_int_equal(refusal.limit, 5);
    assert_int_equal(refusal.used, 5);
    assert_true(refusal.resets_at_ms == DAY + MS_PER_DAY);
    assert_int_equal(take(fixture, DAY + MS_PER_DAY - 1, &refusal), ERR_QUOTA);
    assert_int_equal(take(fixture, DAY + MS_PER_DAY, &refusal), ERR_OK);
}

static enum err spend(struct fixture *fixture, int64_t input_tokens, int64_t output_tokens)
{
    const struct usage more = {
        .requests = 1, .input_tokens = input_tokens, .output_tokens = output_tokens};
    return limits_spend(fixture->pool, &fixture->user, NOON, "m", &more, true);
}

static void limits_tokens_a_day(void **state)
{
    struct fixture *fixture = *state;
    struct refusal refusal;
    assert_int_equal(take(fixture, NOON, &refusal), ERR_OK);
    assert_int_equal(spend(fixture, 30, 69), ERR_OK);
    assert_int_equal(take(fixture, NOON + MS_PER_HOUR, &refusal), ERR_OK);
    assert_int_equal(spend(fixture, 0, 11), ERR_OK);
    assert_int_equal(take(fixture, NOON + 2 * MS_PER_HOUR, &refusal), ERR_QUOTA);
    assert_string_equal(refusal.kind, "tokens_per_day");
    assert_int_equal(refusal.limit, 100);
    assert_int_equal(refusal.used, 110);
}

static void goes_by_user_project_and_tier(void **state)
{
    struct fixture *fixture = *state;
    struct refusal refusal;
    take_some(fixture, 5, NOON, MS_PER_HOUR);
    int64_t later = NOON + 6 * MS_PER_HOUR;
    assert_int_equal(take(fixture, later, &refusal), ERR_QUOTA);
    fixture->user.tier = 77;
    assert_int_equal(take(fixture, later, &refusal), ERR_QUOTA);
    fixture->user.tier = 2;
    take_some(fixture, 3, later, 1);
    assert_int_equal(take(fixture, later, &refusal), ERR_QUOTA);
    assert_int_equal(refusal.used, 8);
    strcpy(fixture->user.uid, "v");
    assert_int_equal(take(fixture, later, &refusal), ERR_OK);
    strcpy(fixture->user.uid, "u");
    strcpy(fixture->user.pid, "q");
    assert_int_equal(take(fixture, later, &refusal), ERR_OK);
}

/* A second pool stands for a second process: they meet in the file alone. */
static void counts_together_with_other_processes(void **state)
{
    struct fixture *fixture = *state;
    struct db_pool *own = fixture->pool;
    struct db_pool *other = open_pool(fixture->path);
    struct refusal refusal;
    assert_int_equal(take(fixture, NOON, &refusal), ERR_OK);
    fixture->pool = other;
    assert_int_equal(take(fixture, NOON, &refusal), ERR_OK);
    assert_int_equal(take(fixture, NOON, &refusal), ERR_RATE_LIMITED);
    fixture->pool = own;
    assert_int_equal(take(fixture, NOON, &refusal), ERR_RATE_LIMITED);
    db_pool_close(other);
}

static int64_t count_rows(struct db_pool *pool, const char *sql)
{
    struct db *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(db_pool_take(pool, &db), ERR_OK);
    assert_int_equal(sqlite3_prepare_v2(db_handle(db), sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    db_pool_give(pool, db);
    return count;
}

static void sweeps_old_counters(void **state)
{
    struct fixture *fixture = *state;
    take_some(fixture, 2, NOON, 1);
    assert_int_equal(limits_sweep(fixture->pool, NOON + MS_PER_SECOND), ERR_OK);
    assert_int_equal(count_rows(fixture->pool, "SELECT count(*) FROM rate_limits"), 1);
    assert_int_equal(limits_sweep(fixture->pool, NOON + MS_PER_HOUR), ERR_OK);
    assert_int_equal(count_rows(fixture->pool, "SELECT count(*) FROM rate_limits"), 0);
    assert_int_equal(count_rows(fixture->pool, "SELECT count(*) FROM usage_days"), 1);
    assert_int_equal(limits_sweep(fixture->pool, NOON + 500 * MS_PER_DAY), ERR_OK);
    assert_int_equal(count_rows(fixture->pool, "SELECT count(*) FROM usage_days"), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(limits_requests_a_minute),
        TEST(tells_who_came_down_to_a_lower_tier_how_long_it_takes),
        TEST(does_not_count_what_it_refuses),
        TEST(limits_requests_a_day),
        TEST(limits_tokens_a_day),
        TEST(goes_by_user_project_and_tier),
        TEST(counts_together_with_other_processes),
        TEST(sweeps_old_counters),
    };
    return cmocka_run_group_tests_name("gateway/limits", tests, NULL, NULL);
}
