#include "support_db.h"

#include "auth/rate_limit.h"
#include "base/clock.h"

#define DAY_START (TEST_NOW - TEST_NOW % MS_PER_DAY)

static enum err take(struct db *db, enum rate_limit limit, const char *key, int64_t now_ms,
                     int *ret_retry_after)
{
    return rate_limit_take(db, limit, key, now_ms, ret_retry_after);
}

/* How many of tries are let through at now_ms. */
static int taken(struct db *db, enum rate_limit limit, const char *key, int64_t now_ms, int tries)
{
    int count = 0;
    int retry_after = 0;
    for (int i = 0; i < tries; i++)
        count += take(db, limit, key, now_ms, &retry_after) == ERR_OK;
    return count;
}

static void allows_as_many_as_agreed(void **state)
{
    struct test_db *test = *state;
    static const struct {
        int line;
        enum rate_limit limit;
        int at_once;
        int in_a_day;
    } rows[] = {
        {__LINE__, RATE_SIGNUP, 20, 200},
        {__LINE__, RATE_SIGNUP_ATTEMPT, 50, 500},
        {__LINE__, RATE_SIGNIN, 50, 500},
        {__LINE__, RATE_GATEWAY_CHECK, 10, 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_row(rows[i].line, taken(test->db, rows[i].limit, "192.0.2.1", DAY_START,
                                       rows[i].at_once + 5) == rows[i].at_once);
        int all = rows[i].at_once;
        for (int half_hour = 1; half_hour < 40; half_hour++)
            all += taken(test->db, rows[i].limit, "192.0.2.1",
                         DAY_START + half_hour * 30 * MS_PER_MINUTE, rows[i].at_once);
        assert_row(rows[i].line, all == rows[i].in_a_day);
    }
}

static void nothing_is_counted_without_a_limit(void **state)
{
    struct test_db *test = *state;
    assert_int_equal(taken(test->db, RATE_NONE, "192.0.2.1", DAY_START, 1000), 1000);
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    assert_int_equal(db_query(test->db, &stmt, "SELECT 1 FROM rate_limits", ""), ERR_OK);
    assert_int_equal(db_step(stmt), ERR_NOT_FOUND);
}

static void callers_and_limits_count_apart(void **state)
{
    struct test_db *test = *state;
    assert_int_equal(taken(test->db, RATE_SIGNUP, "192.0.2.1", DAY_START, 30), 20);
    assert_int_equal(taken(test->db, RATE_SIGNUP, "192.0.2.2", DAY_START, 30), 20);
    assert_int_equal(taken(test->db, RATE_SIGNIN, "192.0.2.1", DAY_START, 30), 30);
}

static void who_waits_as_told_may_come_in(void **state)
{
    struct test_db *test = *state;
    int retry_after = 0;
    int64_t now = DAY_START + 7 * MS_PER_MINUTE;
    assert_int_equal(taken(test->db, RATE_SIGNIN, "192.0.2.1", now, 50), 50);
    assert_int_equal(take(test->db, RATE_SIGNIN, "192.0.2.1", now, &retry_after), ERR_RATE_LIMITED);
    assert_in_range(retry_after, 8 * 60, 30 * 60);
    int64_t then = now + retry_after * MS_PER_SECOND;
    assert_int_equal(take(test->db, RATE_SIGNIN, "192.0.2.1", then, &retry_after), ERR_OK);
}

static void refused_tries_do_not_prolong_the_wait(void **state)
{
    struct test_db *test = *state;
    int first = 0;
    int last = 0;
    taken(test->db, RATE_SIGNUP, "192.0.2.1", DAY_START, 20);
    assert_int_equal(take(test->db, RATE_SIGNUP, "192.0.2.1", DAY_START, &first), ERR_RATE_LIMITED);
    assert_int_equal(taken(test->db, RATE_SIGNUP, "192.0.2.1", DAY_START, 100), 0);
    assert_int_equal(take(test->db, RATE_SIGNUP, "192.0.2.1", DAY_START, &last), ERR_RATE_LIMITED);
    assert_int_equal(first, last);
}

static void what_is_given_back_was_not_counted(void **state)
{
    struct test_db *test = *state;
    int64_t now = DAY_START + 7 * MS_PER_MINUTE;
    assert_int_equal(taken(test->db, RATE_SIGNIN, "192.0.2.1", now, 50), 50);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rate_limit_give_back(test->db, RATE_SIGNIN, "192.0.2.1", now), ERR_OK);
    assert_int_equal(taken(test->db, RATE_SIGNIN, "192.0.2.1", now, 50), 3);
    assert_int_equal(taken(test->db, RATE_SIGNIN, "192.0.2.2", now, 50), 50);
    assert_int_equal(rate_limit_give_back(test->db, RATE_NONE, "192.0.2.1", now), ERR_OK);
}

static void nothing_is_given_back_of_another_window(void **state)
{
    struct test_db *test = *state;
    int64_t later = DAY_START + MS_PER_DAY;
    assert_int_equal(taken(test->db, RATE_SIGNIN, "192.0.2.1", later, 50), 50);
    assert_int_equal(rate_limit_give_back(test->db, RATE_SIGNIN, "192.0.2.1", DAY_START), ERR_OK);
    assert_int_equal(rate_limit_give_back(test->db, RATE_SIGNIN, "192.0.2.3", later), ERR_OK);
    assert_int_equal(taken(test->db, RATE_SIGNIN, "192.0.2.1", later, 1), 0);
    assert_int_equal(taken(test->db, RATE_SIGNIN, "192.0.2.3", later, 60), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(allows_as_many_as_agreed),
        DB_TEST(nothing_is_counted_without_a_limit),
        DB_TEST(callers_and_limits_count_apart),
        DB_TEST(who_waits_as_told_may_come_in),
        DB_TEST(refused_tries_do_not_prolong_the_wait),
        DB_TEST(what_is_given_back_was_not_counted),
        DB_TEST(nothing_is_given_back_of_another_window),
    };
    return cmocka_run_group_tests_name("auth/rate_limit", tests, NULL, NULL);
}
