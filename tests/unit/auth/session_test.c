#include "support_db.h"

#include "auth/session.h"
#include "base/clock.h"

#define ADA "000000000000000000000001"
#define LIFETIME (SESSION_SECONDS * MS_PER_SECOND)

enum { TOKEN_LEN = SESSION_TOKEN_SIZE - 1 };

static void begin(struct db *db, char token[static SESSION_TOKEN_SIZE], struct session *session)
{
    assert_int_equal(session_begin(db, ADA, TEST_NOW, token, session), ERR_OK);
}

static void tokens_are_random_base64url(void **state)
{
    (void)state;
    char first[SESSION_TOKEN_SIZE];
    char second[SESSION_TOKEN_SIZE];
    assert_true(sodium_init() >= 0);
    session_token_new(first);
    session_token_new(second);
    assert_int_equal(strlen(first), TOKEN_LEN);
    assert_int_equal(strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_"),
                     TOKEN_LEN);
    assert_string_not_equal(first, second);
}

static void a_token_names_its_session(void **state)
{
    struct test_db *test = *state;
    char token[SESSION_TOKEN_SIZE];
    struct session begun;
    struct session session;
    test_user(test->db, 1, "ada", "ada@example.com");
    begin(test->db, token, &begun);
    assert_string_equal(begun.user_id, ADA);
    assert_true(begun.expires_at_ms == TEST_NOW + LIFETIME);
    assert_int_equal(session_resolve(test->db, token, TOKEN_LEN, TEST_NOW, &session), ERR_OK);
    assert_string_equal(session.user_id, ADA);
    assert_true(session.created_at_ms == TEST_NOW);
    assert_int_equal(session_resolve(test->db, token, TOKEN_LEN, TEST_NOW + LIFETIME - 1, &session),
                     ERR_OK);
    assert_int_equal(session_resolve(test->db, token, TOKEN_LEN, TEST_NOW + LIFETIME, &session),
                     ERR_NOT_FOUND);
}

static void other_tokens_name_none(void **state)
{
    struct test_db *test = *state;
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    test_user(test->db, 1, "ada", "ada@example.com");
    begin(test->db, token, &session);
    assert_int_equal(session_resolve(test->db, "", 0, TEST_NOW, &session), ERR_NOT_FOUND);
    assert_int_equal(session_resolve(test->db, token, TOKEN_LEN - 1, TEST_NOW, &session),
                     ERR_NOT_FOUND);
    token[0] = token[0] == 'A' ? 'B' : 'A';
    assert_int_equal(session_resolve(test->db, token, TOKEN_LEN, TEST_NOW, &session),
                     ERR_NOT_FOUND);
}

static void the_database_does_not_hold_the_token(void **state)
{
    struct test_db *test = *state;
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    test_user(test->db, 1, "ada", "ada@example.com");
    begin(test->db, token, &session);
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    assert_int_equal(db_query(test->db, &stmt, "SELECT token_hash FROM sessions", ""), ERR_OK);
    assert_int_equal(db_step(stmt), ERR_OK);
    unsigned char expected[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(expected, (const unsigned char *)token, TOKEN_LEN);
    assert_int_equal(sqlite3_column_bytes(stmt, 0), sizeof expected);
    assert_memory_equal(sqlite3_column_blob(stmt, 0), expected, sizeof expected);
}

static int64_t stored_expiry(struct db *db, const char *token)
{
    struct session session;
    assert_int_equal(session_resolve(db, token, TOKEN_LEN, TEST_NOW, &session), ERR_OK);
    return session.expires_at_ms;
}

static void slides_by_at_least_an_hour(void **state)
{
    struct test_db *test = *state;
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    static const struct {
        int line;
        int64_t after; /* since sign-in */
        int64_t gained;
    } rows[] = {
        {__LINE__, 0, 0},
        {__LINE__, 30 * MS_PER_SECOND, 0},
        {__LINE__, MS_PER_HOUR - 1, 0},
        {__LINE__, MS_PER_HOUR, MS_PER_HOUR},
        {__LINE__, MS_PER_HOUR + MS_PER_MINUTE, MS_PER_HOUR},
        {__LINE__, 2 * MS_PER_HOUR, 2 * MS_PER_HOUR},
        {__LINE__, 6 * MS_PER_DAY, 6 * MS_PER_DAY},
    };
    test_user(test->db, 1, "ada", "ada@example.com");
    begin(test->db, token, &session);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int changes = sqlite3_total_changes(db_handle(test->db));
        int64_t before = session.expires_at_ms;
        enum err err =
            session_slide(test->db, token, TOKEN_LEN, TEST_NOW + rows[i].after, &session);
        bool written = sqlite3_total_changes(db_handle(test->db)) != changes;
        int64_t expected = TEST_NOW + LIFETIME + rows[i].gained;
        assert_row(rows[i].line, err == ERR_OK);
        assert_row(rows[i].line, session.expires_at_ms == expected);
        assert_row(rows[i].line, stored_expiry(test->db, token) == expected);
        assert_row(rows[i].line, written == (before != expected));
    }
}

static void ends(void **state)
{
    struct test_db *test = *state;
    char token[SESSION_TOKEN_SIZE];
    char other[SESSION_TOKEN_SIZE];
    struct session session;
    test_user(test->db, 1, "ada", "ada@example.com");
    begin(test->db, token, &session);
    begin(test->db, other, &session);
    assert_int_equal(session_end(test->db, token, TOKEN_LEN), ERR_OK);
    assert_int_equal(session_resolve(test->db, token, TOKEN_LEN, TEST_NOW, &session),
                     ERR_NOT_FOUND);
    assert_int_equal(session_resolve(test->db, other, TOKEN_LEN, TEST_NOW, &session), ERR_OK);
    assert_int_equal(session_end(test->db, token, TOKEN_LEN), ERR_OK);
    assert_int_equal(session_end(test->db, "", 0), ERR_OK);
}

static void needs_a_user(void **state)
{
    struct test_db *test = *state;
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    assert_int_equal(session_begin(test->db, ADA, TEST_NOW, token, &session), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_random_base64url),
        DB_TEST(a_token_names_its_session),
        DB_TEST(other_tokens_name_none),
        DB_TEST(the_database_does_not_hold_the_token),
        DB_TEST(slides_by_at_least_an_hour),
        DB_TEST(ends),
        DB_TEST(needs_a_user),
    };
    return cmocka_run_group_tests_name("auth/session", tests, NULL, NULL);
}
