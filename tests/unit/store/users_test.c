#include "support_db.h"

#include "base/json.h"
#include "store/passwords.h"
#include "store/profiles.h"
#include "store/sessions.h"

#define ID_1 "000000000000000000000001"
#define ID_2 "000000000000000000000002"
#define NOBODY "0000000000000000000000ff"

static void finds_by_id_address_and_handle(void **state)
{
    struct test_db *test = *state;
    struct user user;
    test_user(test->db, 1, "Ada", "ada@example.com");
    static const struct {
        int line;
        const char *text;
        enum err err;
    } rows[] = {
        {__LINE__, ID_1, ERR_OK},
        {__LINE__, "ada@example.com", ERR_OK},
        {__LINE__, "ADA@Example.COM", ERR_OK},
        {__LINE__, "Ada", ERR_OK},
        {__LINE__, "aDA", ERR_OK},
        {__LINE__, "", ERR_NOT_FOUND},
        {__LINE__, "ad", ERR_NOT_FOUND},
        {__LINE__, "ada%", ERR_NOT_FOUND},
        {__LINE__, NOBODY, ERR_NOT_FOUND},
        {__LINE__, "x' OR '1'='1", ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_row(rows[i].line, user_find_by_any(test->db, rows[i].text, &user) == rows[i].err);
    assert_string_equal(user.id, ID_1);
    assert_string_equal(user.handle, "Ada");
    assert_true(user.active);
    assert_true(user.created_at_ms == TEST_NOW);
    assert_string_equal(user.first_name, "");
}

static void an_id_wins_over_a_handle(void **state)
{
    struct test_db *test = *state;
    struct user user;
    test_user(test->db, 1, "ada", "ada@example.com");
    test_user(test->db, 2, ID_1, "bob@example.com");
    assert_int_equal(user_find_by_any(test->db, ID_1, &user), ERR_OK);
    assert_string_equal(user.handle, "ada");
}

static void handles_and_addresses_are_unique(void **state)
{
    struct test_db *test = *state;
    test_user(test->db, 1, "ada", "ada@example.com");
    struct user other = {.id = ID_2, .handle = "ADA", .active = true};
    assert_int_equal(user_insert(test->db, &other, "other@example.com"), ERR_CONFLICT);
    snprintf(other.handle, sizeof other.handle, "bob");
    enum err err = db_begin(test->db);
    assert_int_equal(err, ERR_OK);
    err = user_insert(test->db, &other, "ada@example.com");
    assert_int_equal(err, ERR_CONFLICT);
    db_end(test->db, &err);
    assert_int_equal(user_find(test->db, ID_2, &other), ERR_NOT_FOUND);
    assert_int_equal(user_handle_lookup(test->db, "AdA"), ERR_OK);
    assert_int_equal(user_handle_lookup(test->db, "bob"), ERR_NOT_FOUND);
    assert_int_equal(user_email_lookup(test->db, "ada@example.com"), ERR_OK);
    assert_int_equal(user_email_lookup(test->db, "bob@example.com"), ERR_NOT_FOUND);
}

static void the_schema_refuses_impossible_users(void **state)
{
    struct test_db *test = *state;
    static const struct {
        int line;
        const char *id;
        const char *handle;
    } rows[] = {
        {__LINE__, "00000000000000000000000", "abc"},  /* 23 digits */
        {__LINE__, "00000000000000000000000G", "abc"}, /* not hexadecimal */
        {__LINE__, "00000000000000000000000A", "abc"}, /* not lower case */
        {__LINE__, ID_1, "ab"},
        {__LINE__, ID_1, "123456789012345678901234567890123456789012345678901"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct user user = {.active = true};
        snprintf(user.id, sizeof user.id, "%s", rows[i].id);
        snprintf(user.handle, sizeof user.handle, "%s", rows[i].handle);
        assert_row(rows[i].line, user_insert(test->db, &user, "a@example.com") == ERR_INVALID);
    }
}

static void updates_what_a_person_may_change(void **state)
{
    struct test_db *test = *state;
    struct user ada = test_user(test->db, 1, "ada", "ada@example.com");
    struct user bob = test_user(test->db, 2, "bob", "bob@example.com");
    snprintf(ada.first_name, sizeof ada.first_name, "Ada");
    snprintf(ada.last_name, sizeof ada.last_name, "Lov\xc3\xa9lace");
    snprintf(ada.avatar_url, sizeof ada.avatar_url, "https://example.com/a.png");
    assert_int_equal(user_update(test->db, &ada), ERR_OK);
    struct user read;
    assert_int_equal(user_find(test->db, ada.id, &read), ERR_OK);
    assert_string_equal(read.first_name, "Ada");
    assert_string_equal(read.last_name, "Lov\xc3\xa9lace");
    assert_string_equal(read.avatar_url, "https://example.com/a.png");
    snprintf(bob.handle, sizeof bob.handle, "Ada");
    assert_int_equal(user_update(test->db, &bob), ERR_CONFLICT);
    ada.first_name[0] = '\0';
    assert_int_equal(user_update(test->db, &ada), ERR_OK);
    assert_int_equal(user_find(test->db, ada.id, &read), ERR_OK);
    assert_string_equal(read.first_name, "");
    struct user nobody = {.id = NOBODY, .handle = "nobody"};
    assert_int_equal(user_update(test->db, &nobody), ERR_NOT_FOUND);
}

static void status_can_be_set(void **state)
{
    struct test_db *test = *state;
    struct user user = test_user(test->db, 1, "ada", "ada@example.com");
    assert_int_equal(user_set_active(test->db, user.id, false), ERR_OK);
    assert_int_equal(user_find(test->db, ID_1, &user), ERR_OK);
    assert_false(user.active);
    assert_int_equal(user_set_active(test->db, user.id, true), ERR_OK);
    assert_int_equal(user_find(test->db, ID_1, &user), ERR_OK);
    assert_true(user.active);
    assert_int_equal(user_set_active(test->db, NOBODY, true), ERR_NOT_FOUND);
}

static int rows_of(struct db *db, const char *table)
{
    char sql[80];
    sqlite3_stmt *stmt = NULL;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    assert_int_equal(sqlite3_prepare_v2(db_handle(db), sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int count = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return count;
}

static void deleting_removes_all_that_belongs_to_a_user(void **state)
{
    struct test_db *test = *state;
    static const char *const tables[] = {"users",     "user_emails", "user_roles",
                                         "passwords", "profiles",    "sessions"};
    static const unsigned char hash[SESSION_HASH_BYTES] = {1};
    test_user(test->db, 1, "ada", "ada@example.com");
    struct session session = {.user_id = ID_1, .expires_at_ms = TEST_NOW};
    assert_int_equal(user_role_add(test->db, ID_1, "admin"), ERR_OK);
    assert_int_equal(password_hash_set(test->db, ID_1, "hash", TEST_NOW), ERR_OK);
    assert_int_equal(profile_set_tier(test->db, ID_1, 2), ERR_OK);
    assert_int_equal(session_insert(test->db, hash, &session), ERR_OK);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        assert_int_equal(rows_of(test->db, tables[i]), 1);
    assert_int_equal(user_delete(test->db, ID_1), ERR_OK);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        assert_int_equal(rows_of(test->db, tables[i]), 0);
    assert_int_equal(user_delete(test->db, ID_1), ERR_NOT_FOUND);
}

static enum err collect(void *context, const struct user *user)
{
    buf_addf(context, "%s,", user->handle);
    return strcmp(user->handle, "stop") == 0 ? ERR_INVALID : ERR_OK;
}

static void visits_all_in_order_until_an_error(void **state)
{
    struct test_db *test = *state;
    BUF_AUTO(none, 100);
    BUF_AUTO(all, 100);
    BUF_AUTO(some, 100);
    assert_int_equal(user_each(test->db, collect, &none), ERR_OK);
    assert_string_equal(buf_str(&none), "");
    test_user(test->db, 3, "three", "3@example.com");
    test_user(test->db, 1, "one", "1@example.com");
    assert_int_equal(user_each(test->db, collect, &all), ERR_OK);
    assert_string_equal(buf_str(&all), "one,three,");
    test_user(test->db, 2, "stop", "2@example.com");
    assert_int_equal(user_each(test->db, collect, &some), ERR_INVALID);
    assert_string_equal(buf_str(&some), "one,stop,");
}

static void lists_addresses_and_roles(void **state)
{
    struct test_db *test = *state;
    AUTO_JSON struct json_object *emails = NULL;
    AUTO_JSON struct json_object *roles = NULL;
    test_user(test->db, 1, "ada", "ada@example.com");
    assert_int_equal(user_role_add(test->db, ID_1, "editor"), ERR_OK);
    assert_int_equal(user_role_add(test->db, ID_1, "admin"), ERR_OK);
    assert_int_equal(user_role_add(test->db, ID_1, "admin"), ERR_CONFLICT);
    assert_int_equal(user_role_add(test->db, NOBODY, "admin"), ERR_INVALID);
    assert_int_equal(user_emails(test->db, ID_1, &emails), ERR_OK);
    assert_int_equal(user_roles(test->db, ID_1, &roles), ERR_OK);
    assert_string_equal(json_object_to_json_string_ext(emails, JSON_C_TO_STRING_PLAIN),
                        "[{\"address\":\"ada@example.com\",\"verified\":false}]");
    assert_string_equal(json_object_to_json_string_ext(roles, JSON_C_TO_STRING_PLAIN),
                        "[\"admin\",\"editor\"]");
    assert_int_equal(user_role_remove(test->db, ID_1, "admin"), ERR_OK);
    assert_int_equal(user_role_remove(test->db, ID_1, "admin"), ERR_NOT_FOUND);
}

static void profiles_hold_the_tier(void **state)
{
    struct test_db *test = *state;
    struct profile profile = {.tier = -1};
    test_user(test->db, 1, "ada", "ada@example.com");
    assert_int_equal(profile_find(test->db, ID_1, &profile), ERR_NOT_FOUND);
    assert_int_equal(profile.tier, -1);
    assert_int_equal(profile_set_tier(test->db, ID_1, TIER_MAX), ERR_OK);
    assert_int_equal(profile_find(test->db, ID_1, &profile), ERR_OK);
    assert_int_equal(profile.tier, TIER_MAX);
    assert_int_equal(profile_set_tier(test->db, ID_1, TIER_MAX + 1), ERR_INVALID);
    assert_int_equal(profile_set_tier(test->db, ID_1, -1), ERR_INVALID);
    assert_int_equal(profile_set_tier(test->db, NOBODY, 1), ERR_INVALID);
    assert_int_equal(profile_set_tier(test->db, ID_1, 0), ERR_OK);
    assert_int_equal(profile_find(test->db, ID_1, &profile), ERR_OK);
    assert_int_equal(profile.tier, 0);
}

static void password_hashes_are_replaced(void **state)
{
    struct test_db *test = *state;
    char hash[PASSWORD_HASH_SIZE] = "untouched";
    test_user(test->db, 1, "ada", "ada@example.com");
    assert_int_equal(password_hash_find(test->db, ID_1, hash), ERR_NOT_FOUND);
    assert_string_equal(hash, "untouched");
    assert_int_equal(password_hash_set(test->db, ID_1, "first", TEST_NOW), ERR_OK);
    assert_int_equal(password_hash_set(test->db, ID_1, "second", TEST_NOW + 1), ERR_OK);
    assert_int_equal(password_hash_find(test->db, ID_1, hash), ERR_OK);
    assert_string_equal(hash, "second");
    assert_int_equal(password_hash_set(test->db, NOBODY, "x", TEST_NOW), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(finds_by_id_address_and_handle),
        DB_TEST(an_id_wins_over_a_handle),
        DB_TEST(handles_and_addresses_are_unique),
        DB_TEST(the_schema_refuses_impossible_users),
        DB_TEST(updates_what_a_person_may_change),
        DB_TEST(status_can_be_set),
        DB_TEST(deleting_removes_all_that_belongs_to_a_user),
        DB_TEST(visits_all_in_order_until_an_error),
        DB_TEST(lists_addresses_and_roles),
        DB_TEST(profiles_hold_the_tier),
        DB_TEST(password_hashes_are_replaced),
    };
    return cmocka_run_group_tests_name("store/users", tests, NULL, NULL);
}
