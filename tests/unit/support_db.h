/* A database of the application's schema in a temporary folder, as cmocka's setup and teardown. */
#ifndef BEHEST_TESTS_SUPPORT_DB_H
#define BEHEST_TESTS_SUPPORT_DB_H

#include "support.h"

#include "store/schema.h"
#include "store/users.h"

#include <sodium.h>

struct test_db {
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
    struct db *db;
};

#define TEST_NOW INT64_C(1800000000000) /* 2027-01-15T08:00:00.000Z */

static inline int test_db_open(void **state)
{
    BUF_AUTO(problem, 1024);
    struct test_db *test = calloc(1, sizeof *test);
    assert_non_null(test);
    assert_true(sodium_init() >= 0);
    test_folder_make(test->folder);
    test_path(test->path, test->folder, "app.db");
    assert_int_equal(db_open(&app_schema, test->path, &test->db, &problem), ERR_OK);
    *state = test;
    return 0;
}

static inline int test_db_close(void **state)
{
    struct test_db *test = *state;
    db_close(test->db);
    test_folder_remove(test->folder);
    free(test);
    return 0;
}

#define DB_TEST(function) cmocka_unit_test_setup_teardown(function, test_db_open, test_db_close)

/* Adds a user; id is filled from number. */
static inline struct user test_user(struct db *db, unsigned number, const char *handle,
                                    const char *email)
{
    struct user user = {.active = true, .created_at_ms = TEST_NOW};
    snprintf(user.id, sizeof user.id, "%024x", number);
    snprintf(user.handle, sizeof user.handle, "%s", handle);
    assert_int_equal(user_insert(db, &user, email), ERR_OK);
    return user;
}

#endif
