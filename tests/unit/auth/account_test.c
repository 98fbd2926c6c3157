#include "support_db.h"

#include "auth/account.h"

#include <pthread.h>

static struct password_hasher hasher;

enum { REGISTRATIONS = 6 };

static char *repeat(char *out, const char *piece, int times)
{
    out[0] = '\0';
    for (int i = 0; i < times; i++)
        strcat(out, piece);
    return out;
}

static void normalises_addresses(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *typed;
        const char *email; /* NULL: refused */
    } rows[] = {
        {__LINE__, "ada@example.com", "ada@example.com"},
        {__LINE__, "  Ada.L+x@Example.COM\t\n", "ada.l+x@example.com"},
        {__LINE__, "a@b", "a@b"},
        {__LINE__, "o'hara_-%#@example.com", "o'hara_-%#@example.com"},
        {__LINE__, "\xc3\xa9ric@b\xc3\xbc.de", "\xc3\xa9ric@b\xc3\xbc.de"},
        {__LINE__, "", NULL},
        {__LINE__, "   ", NULL},
        {__LINE__, "@", NULL},
        {__LINE__, "ada", NULL},
        {__LINE__, "ada@", NULL},
        {__LINE__, "@example.com", NULL},
        {__LINE__, "a@b@c", NULL},
        {__LINE__, "a b@example.com", NULL},
        {__LINE__, "a@exam ple.com", NULL},
        {__LINE__, "a\n@example.com", NULL},
        {__LINE__, "a@example.com\r\nBcc: x@y", NULL},
        {__LINE__, "Ada <ada@example.com>", NULL},
        {__LINE__, "a,b@example.com", NULL},
        {__LINE__, "a@example.com;b", NULL},
        {__LINE__, "\"a\"@example.com", NULL},
        {__LINE__, "a\x7f@example.com", NULL},
        {__LINE__, "a\xff@example.com", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char email[EMAIL_SIZE] = "untouched";
        enum err err = account_normalise_email(rows[i].typed, email);
        assert_row(rows[i].line, err == (rows[i].email ? ERR_OK : ERR_INVALID));
        assert_row(rows[i].line, strcmp(email, rows[i].email ? rows[i].email : "untouched") == 0);
    }
}

static void addresses_have_at_most_254_characters(void **state)
{
    (void)state;
    char email[EMAIL_SIZE];
    char typed[300] = "a@";
    repeat(typed + 2, "b", 252);
    assert_int_equal(account_normalise_email(typed, email), ERR_OK);
    assert_int_equal(strlen(email), 254);
    strcat(typed, "b");
    assert_int_equal(account_normalise_email(typed, email), ERR_INVALID);
}

static void passwords_have_8_to_128_characters(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *piece;
        int times;
        bool valid;
    } rows[] = {
        {__LINE__, "x", 0, false},
        {__LINE__, "x", 7, false},
        {__LINE__, "x", 8, true},
        {__LINE__, "x", 128, true},
        {__LINE__, "x", 129, false},
        {__LINE__, " ", 8, true},
        {__LINE__, "\xf0\x9f\x98\x80", 7, false},
        {__LINE__, "\xf0\x9f\x98\x80", 8, true},
        {__LINE__, "\xf0\x9f\x98\x80", 128, true},
        {__LINE__, "\xf0\x9f\x98\x80", 129, false},
        {__LINE__, "\xff", 8, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char password[600];
        const char *problem = NULL;
        repeat(password, rows[i].piece, rows[i].times);
        enum err err = account_check_password(password, &problem);
        assert_row(rows[i].line, err == (rows[i].valid ? ERR_OK : ERR_INVALID));
        assert_row(rows[i].line, !problem == rows[i].valid);
    }
}

typedef enum err setter(struct user *user, const char *text, const char **ret_problem);

static void lines_have_their_lengths(void **state)
{
    (void)state;
    static const struct {
        int line;
        setter *set;
        const char *piece;
        int times;
        bool valid;
    } rows[] = {
        {__LINE__, account_set_handle, "x", 2, false},
        {__LINE__, account_set_handle, "x", 3, true},
        {__LINE__, account_set_handle, "x", 50, true},
        {__LINE__, account_set_handle, "x", 51, false},
        {__LINE__, account_set_handle, "\xe6\xbc\xa2", 50, true},
        {__LINE__, account_set_handle, " ", 5, false},
        {__LINE__, account_set_handle, "@", 5, false},
        {__LINE__, account_set_handle, "a", 24, false}, /* the form of an id */
        {__LINE__, account_set_handle, "a", 25, true},
        {__LINE__, account_set_handle, "a\n", 5, false},
        {__LINE__, account_set_handle, "\xff", 5, false},
        {__LINE__, account_set_first_name, "x", 0, true},
        {__LINE__, account_set_first_name, "x", 50, true},
        {__LINE__, account_set_first_name, "x", 51, false},
        {__LINE__, account_set_first_name, "\x1b[1mx", 1, false},
        {__LINE__, account_set_last_name, "\xf0\x9f\x98\x80", 50, true},
        {__LINE__, account_set_last_name, "\xf0\x9f\x98\x80", 51, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[600];
        struct user user = {.handle = "old"};
        const char *problem = NULL;
        enum err err = rows[i].set(&user, repeat(text, rows[i].piece, rows[i].times), &problem);
        assert_row(rows[i].line, err == (rows[i].valid ? ERR_OK : ERR_INVALID));
        assert_row(rows[i].line, !problem == rows[i].valid);
        assert_row(rows[i].line, rows[i].valid || strcmp(user.handle, "old") == 0);
    }
}

static void blanks_around_names_go(void **state)
{
    (void)state;
    struct user user = {0};
    const char *problem = NULL;
    assert_int_equal(account_set_handle(&user, " \tada ", &problem), ERR_OK);
    assert_string_equal(user.handle, "ada");
    assert_int_equal(account_set_first_name(&user, "Ada Maria\n", &problem), ERR_OK);
    assert_string_equal(user.first_name, "Ada Maria");
    assert_int_equal(account_set_last_name(&user, "  ", &problem), ERR_OK);
    assert_string_equal(user.last_name, "");
}

static void avatars_are_web_addresses(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *url;
        bool valid;
    } rows[] = {
        {__LINE__, "", true},
        {__LINE__, "https://example.com/a.png", true},
        {__LINE__, "http://example.com/a.png", true},
        {__LINE__, " https://example.com/a.png ", true},
        {__LINE__, "javascript:alert(1)", false},
        {__LINE__, "data:image/png;base64,AAAA", false},
        {__LINE__, "//example.com/a.png", false},
        {__LINE__, "/a.png", false},
        {__LINE__, "https://example.com/\na", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct user user = {0};
        const char *problem = NULL;
        enum err err = account_set_avatar_url(&user, rows[i].url, &problem);
        assert_row(rows[i].line, err == (rows[i].valid ? ERR_OK : ERR_INVALID));
    }
    char url[500] = "https://";
    struct user user = {0};
    const char *problem = NULL;
    repeat(url + 8, "x", 392);
    assert_int_equal(account_set_avatar_url(&user, url, &problem), ERR_OK);
    strcat(url, "x");
    assert_int_equal(account_set_avatar_url(&user, url, &problem), ERR_INVALID);
}

static enum err register_one(struct db *db, const char *email, const char *handle,
                             struct user *user, const char **problem)
{
    struct registration registration = {
        .email = email, .password = "correct horse", .handle = handle};
    return account_register(db, &hasher, &registration, TEST_NOW, user, problem);
}

static void registers_and_signs_in(void **state)
{
    struct test_db *test = *state;
    struct user user;
    struct login signed_in;
    const char *problem = NULL;
    struct registration registration = {
        .email = " Ada@Example.com ",
        .password = "correct horse",
        .first_name = "Ada",
        .last_name = "",
        .avatar_url = "https://example.com/a.png",
    };
    assert_int_equal(account_check(&registration, &problem), ERR_OK);
    assert_int_equal(account_register(test->db, &hasher, &registration, TEST_NOW, &user, &problem),
                     ERR_OK);
    assert_true(is_hex_id(user.id));
    assert_string_equal(user.handle, "ada");
    assert_string_equal(user.first_name, "Ada");
    assert_true(user.created_at_ms == TEST_NOW);
    static const struct {
        int line;
        const char *email;
        const char *password;
        enum err err;
    } rows[] = {
        {__LINE__, "ada@example.com", "correct horse", ERR_OK},
        {__LINE__, " ADA@example.com", "correct horse", ERR_OK},
        {__LINE__, "ada@example.com", "correct horse ", ERR_UNAUTHENTICATED},
        {__LINE__, "ada@example.com", "", ERR_UNAUTHENTICATED},
        {__LINE__, "bob@example.com", "correct horse", ERR_UNAUTHENTICATED},
        {__LINE__, "ada", "correct horse", ERR_UNAUTHENTICATED},
        {__LINE__, "", "correct horse", ERR_UNAUTHENTICATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_row(rows[i].line,
                   account_authenticate(test->db, &hasher, rows[i].email, rows[i].password,
                                        TEST_NOW, &signed_in) == rows[i].err);
    assert_string_equal(signed_in.user.id, user.id);
}

static void disabled_users_cannot_sign_in(void **state)
{
    struct test_db *test = *state;
    struct user user;
    struct login login;
    const char *problem = NULL;
    assert_int_equal(register_one(test->db, "ada@example.com", NULL, &user, &problem), ERR_OK);
    assert_int_equal(user_set_active(test->db, user.id, false), ERR_OK);
    assert_int_equal(account_authenticate(test->db, &hasher, "ada@example.com", "correct horse",
                                          TEST_NOW, &login),
                     ERR_FORBIDDEN);
    assert_int_equal(
        account_authenticate(test->db, &hasher, "ada@example.com", "wrong horse", TEST_NOW, &login),
        ERR_UNAUTHENTICATED);
}

/* Checking a password takes a while, in which it may have been changed. */
static void a_login_that_was_overtaken_is_refused(void **state)
{
    struct test_db *test = *state;
    struct user user;
    struct login login;
    const char *problem = NULL;
    char other[PASSWORD_HASH_SIZE];
    assert_int_equal(register_one(test->db, "ada@example.com", NULL, &user, &problem), ERR_OK);
    assert_int_equal(account_authenticate(test->db, &hasher, "ada@example.com", "correct horse",
                                          TEST_NOW, &login),
                     ERR_OK);
    assert_int_equal(account_confirm(test->db, &login), ERR_OK);
    assert_int_equal(user_set_active(test->db, user.id, false), ERR_OK);
    assert_int_equal(account_confirm(test->db, &login), ERR_UNAUTHENTICATED);
    assert_int_equal(user_set_active(test->db, user.id, true), ERR_OK);
    assert_int_equal(password_hash(&hasher, "another horse", other), ERR_OK);
    assert_int_equal(password_hash_set(test->db, user.id, other, TEST_NOW), ERR_OK);
    assert_int_equal(account_confirm(test->db, &login), ERR_UNAUTHENTICATED);
    assert_int_equal(password_hash_replace(test->db, user.id, login.hash, "x", TEST_NOW),
                     ERR_NOT_FOUND);
    assert_int_equal(user_delete(test->db, user.id), ERR_OK);
    assert_int_equal(account_confirm(test->db, &login), ERR_UNAUTHENTICATED);
}

static void refuses_what_is_taken_or_wrong(void **state)
{
    struct test_db *test = *state;
    static const struct {
        int line;
        const char *email;
        const char *handle;
        enum err err;
    } rows[] = {
        {__LINE__, "ada@example.com", "ada", ERR_OK},
        {__LINE__, "ADA@example.com", "other", ERR_CONFLICT},
        {__LINE__, "bob@example.com", "ADA", ERR_CONFLICT},
        {__LINE__, "bob@example.com", "ab", ERR_INVALID},
        {__LINE__, "bob", NULL, ERR_INVALID},
        {__LINE__, "bob@example.com", "", ERR_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct user user;
        const char *problem = NULL;
        enum err err = register_one(test->db, rows[i].email, rows[i].handle, &user, &problem);
        assert_row(rows[i].line, err == rows[i].err);
        assert_row(rows[i].line, err == ERR_OK || (problem && *problem));
    }
}

/* Takes a handle without the cost of hashing a password. */
static void take_handle(struct db *db, unsigned number, const char *handle)
{
    char email[64];
    snprintf(email, sizeof email, "taken-%u@example.com", number);
    test_user(db, number, handle, email);
}

static void handles_are_numbered_from_2_to_51_and_then_random(void **state)
{
    struct test_db *test = *state;
    struct user user;
    const char *problem = NULL;
    take_handle(test->db, 1, "ADA");
    assert_int_equal(register_one(test->db, "ada@a.example", NULL, &user, &problem), ERR_OK);
    assert_string_equal(user.handle, "ada_2");
    for (unsigned number = 3; number <= 50; number++) {
        char handle[16];
        snprintf(handle, sizeof handle, "ada_%u", number);
        take_handle(test->db, number, handle);
    }
    assert_int_equal(register_one(test->db, "ada@b.example", NULL, &user, &problem), ERR_OK);
    assert_string_equal(user.handle, "ada_51");
    assert_int_equal(register_one(test->db, "ada@c.example", NULL, &user, &problem), ERR_OK);
    assert_memory_equal(user.handle, "ada_", 4);
    assert_int_equal(strlen(user.handle), 4 + 8);
}

static void handles_are_made_of_any_address(void **state)
{
    struct test_db *test = *state;
    static const struct {
        int line;
        const char *piece;
        int times;
        const char *begin;
    } rows[] = {
        {__LINE__, "a", 1, "a__"},
        {__LINE__, "ab", 1, "ab_"},
        {__LINE__, "\xc3\xa9", 1, "\xc3\xa9__"},
        {__LINE__, "x", 200, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
        {__LINE__, "\xe6\xbc\xa2", 60, "\xe6\xbc\xa2\xe6\xbc\xa2"},
        {__LINE__, "\xf0\x9f\x98\x80", 60, "\xf0\x9f\x98\x80"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char email[300];
        struct user user;
        const char *problem = NULL;
        strcat(repeat(email, rows[i].piece, rows[i].times), "@example.com");
        enum err err = register_one(test->db, email, NULL, &user, &problem);
        assert_row(rows[i].line, err == ERR_OK);
        assert_row(rows[i].line, strncmp(user.handle, rows[i].begin, strlen(rows[i].begin)) == 0);
        long length = utf8_length(user.handle, strlen(user.handle));
        assert_row(rows[i].line, length >= USER_HANDLE_MIN && length <= USER_HANDLE_MAX);
    }
}

struct racer {
    const char *path;
    enum err err;
};

static void *race(void *context)
{
    struct racer *racer = context;
    BUF_AUTO(problem, 1024);
    struct db *db = NULL;
    struct user user;
    const char *sentence = NULL;
    racer->err = db_open(&app_schema, racer->path, &db, &problem);
    if (!racer->err)
        racer->err = register_one(db, "ada@example.com", NULL, &user, &sentence);
    db_close(db);
    return NULL;
}

static void of_registrations_racing_for_an_address_one_wins(void **state)
{
    struct test_db *test = *state;
    struct racer racers[REGISTRATIONS];
    pthread_t threads[REGISTRATIONS];
    int won = 0;
    for (size_t i = 0; i < REGISTRATIONS; i++) {
        racers[i].path = test->path;
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < REGISTRATIONS; i++) {
        pthread_join(threads[i], NULL);
        won += racers[i].err == ERR_OK;
        assert_true(racers[i].err == ERR_OK || racers[i].err == ERR_CONFLICT);
    }
    assert_int_equal(won, 1);
}

static void outdated_hashes_are_upgraded_at_sign_in(void **state)
{
    struct test_db *test = *state;
    struct user user;
    struct login login;
    const char *problem = NULL;
    char old[PASSWORD_HASH_SIZE];
    char now[PASSWORD_HASH_SIZE];
    assert_int_equal(register_one(test->db, "ada@example.com", NULL, &user, &problem), ERR_OK);
    assert_int_equal(crypto_pwhash_str(old, "old password", 12, 1, 8192 * 2), 0);
    assert_int_equal(password_hash_set(test->db, user.id, old, TEST_NOW), ERR_OK);
    assert_int_equal(
        account_authenticate(test->db, &hasher, "ada@example.com", "wrong", TEST_NOW, &login),
        ERR_UNAUTHENTICATED);
    assert_int_equal(password_hash_find(test->db, user.id, now), ERR_OK);
    assert_string_equal(now, old);
    assert_int_equal(account_authenticate(test->db, &hasher, "ada@example.com", "old password",
                                          TEST_NOW, &login),
                     ERR_OK);
    assert_int_equal(password_hash_find(test->db, user.id, now), ERR_OK);
    assert_false(password_is_outdated(now));
    assert_int_equal(account_authenticate(test->db, &hasher, "ada@example.com", "old password",
                                          TEST_NOW, &login),
                     ERR_OK);
}

static int make_hasher(void **state)
{
    (void)state;
    return sodium_init() < 0 || password_hasher_init(&hasher, 2, 100) != ERR_OK;
}

static int destroy_hasher(void **state)
{
    (void)state;
    password_hasher_destroy(&hasher);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalises_addresses),
        cmocka_unit_test(addresses_have_at_most_254_characters),
        cmocka_unit_test(passwords_have_8_to_128_characters),
        cmocka_unit_test(lines_have_their_lengths),
        cmocka_unit_test(blanks_around_names_go),
        cmocka_unit_test(avatars_are_web_addresses),
        DB_TEST(registers_and_signs_in),
        DB_TEST(disabled_users_cannot_sign_in),
        DB_TEST(a_login_that_was_overtaken_is_refused),
        DB_TEST(refuses_what_is_taken_or_wrong),
        DB_TEST(handles_are_numbered_from_2_to_51_and_then_random),
        DB_TEST(handles_are_made_of_any_address),
        DB_TEST(of_registrations_racing_for_an_address_one_wins),
        DB_TEST(outdated_hashes_are_upgraded_at_sign_in),
    };
    return cmocka_run_group_tests_name("auth/account", tests, make_hasher, destroy_hasher);
}
