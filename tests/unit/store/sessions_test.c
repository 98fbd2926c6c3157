#include "support_db.h"

#include "base/clock.h"
#include "store/profiles.h"
#include "store/sessions.h"

#define ADA "000000000000000000000001"
#define BOB "000000000000000000000002"

/* A session whose hash is made of one number. */
static void insert(struct db *db, unsigned char number, const char *user_id, int64_t created_at_ms,
                   int64_t expires_at_ms)
{
    unsigned char hash[SESSION_HASH_BYTES];
    struct session session = {.created_at_ms = created_at_ms, .expires_at_ms = expires_at_ms};
    memset(hash, number, sizeof hash);
    snprintf(session.user_id, sizeof session.user_id, "%s", user_id);
    assert_int_equal(session_insert(db, hash, &session), ERR_OK);
}

static enum err find(struct db *db, unsigned char number, int64_t now_ms, struct session *session)
{
    unsigned char hash[SESSION_HASH_BYTES];
    memset(hash, number, sizeof hash);
    return session_find(db, hash, now_ms, session);
}

static void lives_until_it_expires(void **state)
{
    struct test_db *test = *state;
    struct session session;
    test_user(test->db, 1, "ada", "ada@example.com");
    insert(test->db, 1, ADA, TEST_NOW, TEST_NOW + 1000);
    assert_int_equal(find(test->db, 1, TEST_NOW + 999, &session), ERR_OK);
    assert_string_equal(session.user_id, ADA);
    assert_int_equal(session.tier, 0);
    assert_true(session.created_at_ms == TEST_NOW);
    assert_true(session.expires_at_ms == TEST_NOW + 1000);
    assert_int_equal(find(test->db, 1, TEST_NOW + 1000, &session), ERR_NOT_FOUND);
    assert_int_equal(find(test->db, 2, TEST_NOW, &session), ERR_NOT_FOUND);
}

static void carries_the_tier(void **state)
{
    struct test_db *test = *state;
    struct session session;
    test_user(test->db, 1, "ada", "ada@example.com");
    insert(test->db, 1, ADA, TEST_NOW, TEST_NOW + 1000);
    assert_int_equal(profile_set_tier(test->db, ADA, 3), ERR_OK);
    assert_int_equal(find(test->db, 1, TEST_NOW, &session), ERR_OK);
    assert_int_equal(session.tier, 3);
}

static void a_disabled_user_has_none(void **state)
{
    struct test_db *test = *state;
    struct session session;
    test_user(test->db, 1, "ada", "ada@example.com");
    insert(test->db, 1, ADA, TEST_NOW, TEST_NOW + 1000);
    assert_int_equal(user_set_active(test->db, ADA, false), ERR_OK);
    assert_int_equal(find(test->db, 1, TEST_NOW, &session), ERR_NOT_FOUND);
    assert_int_equal(user_set_active(test->db, ADA, true), ERR_OK);
    assert_int_equal(find(test->db, 1, TEST_NOW, &session), ERR_OK);
    assert_int_equal(user_delete(test->db, ADA), ERR_OK);
    assert_int_equal(find(test->db, 1, TEST_NOW, &session), ERR_NOT_FOUND);
}

static void expiry_can_be_moved(void **state)
{
    struct test_db *test = *state;
    struct session session;
    unsigned char hash[SESSION_HASH_BYTES];
    memset(hash, 1, sizeof hash);
    test_user(test->db, 1, "ada", "ada@example.com");
    insert(test->db, 1, ADA, TEST_NOW, TEST_NOW + 1000);
    assert_int_equal(session_set_expiry(test->db, hash, TEST_NOW + MS_PER_DAY), ERR_OK);
    assert_int_equal(find(test->db, 1, TEST_NOW + MS_PER_HOUR, &session), ERR_OK);
    assert_int_equal(session_delete(test->db, hash), ERR_OK);
    assert_int_equal(session_delete(test->db, hash), ERR_OK);
    assert_int_equal(find(test->db, 1, TEST_NOW, &session), ERR_NOT_FOUND);
}

static void one_user_can_be_signed_out_everywhere(void **state)
{
    struct test_db *test = *state;
    struct session session;
    int count = -1;
    test_user(test->db, 1, "ada", "ada@example.com");
    test_user(test->db, 2, "bob", "bob@example.com");
    insert(test->db, 1, ADA, TEST_NOW, TEST_NOW + 1000);
    insert(test->db, 2, ADA, TEST_NOW, TEST_NOW + 1000);
    insert(test->db, 3, BOB, TEST_NOW, TEST_NOW + 1000);
    assert_int_equal(session_delete_by_user(test->db, ADA, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(session_delete_by_user(test->db, ADA, &count), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(find(test->db, 3, TEST_NOW, &session), ERR_OK);
}

static enum err collect(void *context, const struct session *session)
{
    buf_addf(context, "%c%lld,", session->user_id[23],
             (long long)(session->created_at_ms - TEST_NOW));
    return ERR_OK;
}

static void visits_live_ones_newest_first(void **state)
{
    struct test_db *test = *state;
    BUF_AUTO(all, 200);
    BUF_AUTO(of_ada, 200);
    test_user(test->db, 1, "ada", "ada@example.com");
    test_user(test->db, 2, "bob", "bob@example.com");
    insert(test->db, 1, ADA, TEST_NOW, TEST_NOW + 1000);
    insert(test->db, 2, BOB, TEST_NOW + 5, TEST_NOW + 1000);
    insert(test->db, 3, ADA, TEST_NOW + 7, TEST_NOW + 1000);
    insert(test->db, 4, ADA, TEST_NOW + 9, TEST_NOW + 10);
    assert_int_equal(session_each(test->db, NULL, TEST_NOW + 10, collect, &all), ERR_OK);
    assert_string_equal(buf_str(&all), "17,25,10,");
    assert_int_equal(session_each(test->db, ADA, TEST_NOW + 10, collect, &of_ada), ERR_OK);
    assert_string_equal(buf_str(&of_ada), "17,10,");
}

static int count_all(struct db *db)
{
    BUF_AUTO(seen, 4096);
    int count = 0;
    assert_int_equal(session_each(db, NULL, 0, collect, &seen), ERR_OK);
    for (const char *c = buf_str(&seen); *c; c++)
        count += *c == ',';
    return count;
}

static void expired_ones_go_in_small_bites(void **state)
{
    struct test_db *test = *state;
    test_user(test->db, 1, "ada", "ada@example.com");
    for (unsigned char i = 0; i < 10; i++)
        insert(test->db, i, ADA, TEST_NOW, TEST_NOW + i);
    assert_int_equal(session_delete_expired(test->db, TEST_NOW + 6, 4), ERR_OK);
    assert_int_equal(count_all(test->db), 6);
    assert_int_equal(session_delete_expired(test->db, TEST_NOW + 6, 4), ERR_OK);
    assert_int_equal(count_all(test->db), 3);
    assert_int_equal(session_delete_expired(test->db, TEST_NOW + 6, 4), ERR_OK);
    assert_int_equal(count_all(test->db), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(lives_until_it_expires),
        DB_TEST(carries_the_tier),
        DB_TEST(a_disabled_user_has_none),
        DB_TEST(expiry_can_be_moved),
        DB_TEST(one_user_can_be_signed_out_everywhere),
        DB_TEST(visits_live_ones_newest_first),
        DB_TEST(expired_ones_go_in_small_bites),
    };
    return cmocka_run_group_tests_name("store/sessions", tests, NULL, NULL);
}
