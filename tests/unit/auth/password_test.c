#include "support.h"

#include "auth/password.h"

#include <pthread.h>
#include <sodium.h>

enum { THREADS = 6 };

static int set_up(void **state)
{
    struct password_hasher *hasher = calloc(1, sizeof *hasher);
    assert_non_null(hasher);
    assert_true(sodium_init() >= 0);
    assert_int_equal(password_hasher_init(hasher, 1, 1), ERR_OK);
    *state = hasher;
    return 0;
}

static int tear_down(void **state)
{
    password_hasher_destroy(*state);
    free(*state);
    return 0;
}

static void verifies_what_it_hashed(void **state)
{
    char hash[PASSWORD_HASH_SIZE];
    char again[PASSWORD_HASH_SIZE];
    assert_int_equal(password_hash(*state, "p\xc3\xa4ssword", hash), ERR_OK);
    assert_int_equal(password_hash(*state, "p\xc3\xa4ssword", again), ERR_OK);
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_string_not_equal(hash, again);
    assert_int_equal(password_verify(*state, hash, "p\xc3\xa4ssword"), ERR_OK);
    assert_int_equal(password_verify(*state, again, "p\xc3\xa4ssword"), ERR_OK);
    assert_int_equal(password_verify(*state, hash, "passwort"), ERR_UNAUTHENTICATED);
    assert_int_equal(password_verify(*state, hash, ""), ERR_UNAUTHENTICATED);
}

static void nobody_has_a_password(void **state)
{
    assert_int_equal(password_verify(*state, NULL, ""), ERR_UNAUTHENTICATED);
    assert_int_equal(password_verify(*state, NULL, "anything"), ERR_UNAUTHENTICATED);
}

static void other_hashes_do_not_match(void **state)
{
    assert_int_equal(password_verify(*state, "", "x"), ERR_UNAUTHENTICATED);
    assert_int_equal(password_verify(*state, "x", "x"), ERR_UNAUTHENTICATED);
    assert_int_equal(password_verify(*state, "$argon2id$v=19$m=1", "x"), ERR_UNAUTHENTICATED);
}

static void knows_outdated_parameters(void **state)
{
    char hash[PASSWORD_HASH_SIZE];
    char weak[PASSWORD_HASH_SIZE];
    assert_int_equal(password_hash(*state, "password", hash), ERR_OK);
    assert_false(password_is_outdated(hash));
    assert_non_null(strstr(hash, "m=19456,t=2,p=1"));
    assert_int_equal(crypto_pwhash_str(weak, "password", 8, 1, 8192 * 2), 0);
    assert_true(password_is_outdated(weak));
    assert_int_equal(password_verify(*state, weak, "password"), ERR_OK);
    assert_true(password_is_outdated("$2b$10$abcdefghijklmnopqrstuv"));
}

struct caller {
    struct password_hasher *hasher;
    enum err err;
};

static void *hash_one(void *context)
{
    struct caller *caller = context;
    char hash[PASSWORD_HASH_SIZE];
    caller->err = password_hash(caller->hasher, "password", hash);
    return NULL;
}

/* One is computed, one waits; of the others at least some come meanwhile. */
static void turns_away_a_burst(void **state)
{
    struct caller callers[THREADS];
    pthread_t threads[THREADS];
    int done = 0;
    int refused = 0;
    for (size_t i = 0; i < THREADS; i++) {
        callers[i].hasher = *state;
        assert_int_equal(pthread_create(&threads[i], NULL, hash_one, &callers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        done += callers[i].err == ERR_OK;
        refused += callers[i].err == ERR_OVERLOADED;
    }
    assert_int_equal(done + refused, THREADS);
    assert_true(done >= 2);
    assert_true(refused >= 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(verifies_what_it_hashed),   TEST(nobody_has_a_password),
        TEST(other_hashes_do_not_match), TEST(knows_outdated_parameters),
        TEST(turns_away_a_burst),
    };
    return cmocka_run_group_tests_name("auth/password", tests, NULL, NULL);
}
