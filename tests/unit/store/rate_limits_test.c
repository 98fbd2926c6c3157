#include "support_db.h"

#include "base/clock.h"
#include "store/rate_limits.h"

enum { LIMIT = 10 };

/* The beginning of a window of ten minutes. */
#define WINDOW (10 * MS_PER_MINUTE)
#define START (TEST_NOW - TEST_NOW % WINDOW)

static enum err check(struct db *db, int64_t limit, int64_t now_ms, int64_t *ret_wait_ms)
{
    return rate_limit_check(db, "bucket", "key", WINDOW, limit, now_ms, ret_wait_ms);
}

static void count(struct db *db, int times, int64_t now_ms)
{
    for (int i = 0; i < times; i++)
        assert_int_equal(rate_limit_count(db, "bucket", "key", WINDOW, now_ms), ERR_OK);
}

static void allows_up_to_the_limit(void **state)
{
    struct test_db *test = *state;
    int64_t wait = -1;
    count(test->db, LIMIT - 1, START);
    assert_int_equal(check(test->db, LIMIT, START + 1, &wait), ERR_OK);
    assert_true(wait == -1);
    count(test->db, 1, START + 1);
    assert_int_equal(check(test->db, LIMIT, START + 2, &wait), ERR_RATE_LIMITED);
    assert_true(wait > 0);
}

static void the_previous_window_fades(void **state)
{
    struct test_db *test = *state;
    int64_t wait = 0;
    static const struct {
        int line;
        int percent; /* of the next window that is over */
        int64_t limit;
        enum err err;
    } rows[] = {
        /* Ten in the window before: at p percent, 10 * (100 - p) / 100 of them count. */
        {__LINE__, 0, 10, ERR_RATE_LIMITED}, {__LINE__, 1, 10, ERR_OK},
        {__LINE__, 1, 9, ERR_RATE_LIMITED},  {__LINE__, 50, 5, ERR_RATE_LIMITED},
        {__LINE__, 51, 5, ERR_OK},           {__LINE__, 89, 1, ERR_RATE_LIMITED},
        {__LINE__, 91, 1, ERR_OK},           {__LINE__, 100, 1, ERR_OK},
    };
    count(test->db, LIMIT, START + 1000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t now = START + WINDOW + WINDOW * rows[i].percent / 100;
        assert_row(rows[i].line, check(test->db, rows[i].limit, now, &wait) == rows[i].err);
    }
}

/* Whoever waits as long as they are told is let in, and not much earlier could they have been. */
static void tells_how_long_to_wait(void **state)
{
    struct test_db *test = *state;
    static const struct {
        int line;
        int before; /* counted in the previous window */
        int now;    /* and in the present one */
        int64_t limit;
        int percent; /* of the present window that is over */
    } rows[] = {
        {__LINE__, 0, 10, 10, 0},  {__LINE__, 0, 10, 10, 99}, {__LINE__, 20, 0, 10, 10},
        {__LINE__, 20, 5, 10, 10}, {__LINE__, 9, 9, 10, 50},  {__LINE__, 1, 30, 10, 50},
        {__LINE__, 0, 1, 1, 0},    {__LINE__, 1, 0, 1, 0},    {__LINE__, 500, 499, 500, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t wait = -1;
        int64_t now = START + WINDOW + WINDOW * rows[i].percent / 100;
        assert_int_equal(db_run(test->db, "DELETE FROM rate_limits", ""), ERR_OK);
        count(test->db, rows[i].before, START);
        count(test->db, rows[i].now, START + WINDOW);
        assert_row(rows[i].line, check(test->db, rows[i].limit, now, &wait) == ERR_RATE_LIMITED);
        int64_t ignored = 0;
        assert_row(rows[i].line, wait > 0 && wait <= 2 * WINDOW);
        assert_row(rows[i].line, check(test->db, rows[i].limit, now + wait, &ignored) == ERR_OK);
    }
}

static void does_not_ask_for_more_patience_than_needed(void **state)
{
    struct test_db *test = *state;
    int64_t wait = 0;
    int64_t ignored = 0;
    count(test->db, 1, START);
    assert_int_equal(check(test->db, 1, START, &wait), ERR_RATE_LIMITED);
    assert_int_equal(check(test->db, 1, START + WINDOW + 1, &ignored), ERR_OK);
    assert_in_range(wait, WINDOW, WINDOW + MS_PER_SECOND);
}

static void forgets_after_two_windows(void **state)
{
    struct test_db *test = *state;
    int64_t wait = 0;
    count(test->db, 1000, START);
    assert_int_equal(check(test->db, 1, START + 2 * WINDOW, &wait), ERR_OK);
    count(test->db, 1, START + 5 * WINDOW);
    assert_int_equal(check(test->db, 2, START + 5 * WINDOW, &wait), ERR_OK);
}

static void buckets_keys_and_windows_count_apart(void **state)
{
    struct test_db *test = *state;
    struct db *db = test->db;
    int64_t wait = 0;
    count(db, LIMIT, START);
    assert_int_equal(check(db, LIMIT, START, &wait), ERR_RATE_LIMITED);
    assert_int_equal(rate_limit_check(db, "other", "key", WINDOW, LIMIT, START, &wait), ERR_OK);
    assert_int_equal(rate_limit_check(db, "bucket", "other", WINDOW, LIMIT, START, &wait), ERR_OK);
    assert_int_equal(rate_limit_check(db, "bucket", "key", 2 * WINDOW, LIMIT, START, &wait),
                     ERR_OK);
}

static void survives_a_clock_that_goes_back(void **state)
{
    struct test_db *test = *state;
    int64_t wait = 0;
    count(test->db, LIMIT, START + WINDOW);
    assert_int_equal(check(test->db, LIMIT, START, &wait), ERR_RATE_LIMITED);
    assert_true(wait > 0 && wait <= 2 * WINDOW);
    count(test->db, 1, START);
    assert_int_equal(check(test->db, 1, START + 2 * WINDOW, &wait), ERR_OK);
}

static int counters(struct db *db)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    assert_int_equal(db_query(db, &stmt, "SELECT count(*) FROM rate_limits", ""), ERR_OK);
    assert_int_equal(db_step(stmt), ERR_OK);
    return sqlite3_column_int(stmt, 0);
}

static void counters_that_are_over_go_in_small_bites(void **state)
{
    struct test_db *test = *state;
    char key[16];
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof key, "%d", i);
        assert_int_equal(rate_limit_count(test->db, "bucket", key, WINDOW, START), ERR_OK);
    }
    count(test->db, 1, START + WINDOW);
    int64_t over = START + 2 * WINDOW;
    assert_int_equal(rate_limit_delete_expired(test->db, over - 1, 100), ERR_OK);
    assert_int_equal(counters(test->db), 11);
    assert_int_equal(rate_limit_delete_expired(test->db, over, 6), ERR_OK);
    assert_int_equal(counters(test->db), 5);
    assert_int_equal(rate_limit_delete_expired(test->db, over, 6), ERR_OK);
    assert_int_equal(counters(test->db), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(allows_up_to_the_limit),
        DB_TEST(the_previous_window_fades),
        DB_TEST(tells_how_long_to_wait),
        DB_TEST(does_not_ask_for_more_patience_than_needed),
        DB_TEST(forgets_after_two_windows),
        DB_TEST(buckets_keys_and_windows_count_apart),
        DB_TEST(survives_a_clock_that_goes_back),
        DB_TEST(counters_that_are_over_go_in_small_bites),
    };
    return cmocka_run_group_tests_name("store/rate_limits", tests, NULL, NULL);
}
