#include "gateway/keys.h"

struct fixture {
    EVP_PKEY *key;
    struct keyset *keyset;
    struct buf problem;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->key = test_key(2048);
    fixture->keyset = keyset_new();
    fixture->problem = BUF_MAX(1024);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    EVP_PKEY_free(fixture->key);
    keyset_free(fixture->keyset);
    buf_free(&fixture->problem);
    free(fixture);
    return 0;
}

static enum err add(struct fixture *fixture, const char *text)
{
    buf_clear(&fixture->problem);
    return keyset_add_jwks(fixture->keyset, text, strlen(text), &fixture->problem);
}

static void reads_what_it_writes(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(keyset_add(fixture->keyset, "first", fixture->key), ERR_OK);
    struct json_object *json = keyset_to_json(fixture->keyset);
    const char *text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
    assert_non_null(strstr(text, "\"alg\":\"RS256\""));
    assert_non_null(strstr(text, "\"use\":\"sig\""));
    assert_null(strstr(text, "\"d\""));
    struct keyset *again = keyset_new();
    assert_int_equal(keyset_add_jwks(again, text, strlen(text), &fixture->problem), ERR_OK);
    assert_int_equal(EVP_PKEY_eq(keyset_find(again, "first"), fixture->key), 1);
    assert_null(keyset_find(again, "second"));
    keyset_free(again);
    json_object_put(json);
}

static void accepts_optional_members(void **state)
{
    struct fixture *fixture = *state;
    static const char *const more[] = {"", ",\"alg\":\"RS256\"", ",\"use\":\"sig\"",
                                       ",\"x5t\":\"abc\",\"key_ops\":[\"verify\"]"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        char kid[8];
        snprintf(kid, sizeof kid, "k%zu", i);
        char *text = test_jwks(fixture->key, kid, more[i]);
        assert_int_equal(add(fixture, text), ERR_OK);
        assert_non_null(keyset_find(fixture->keyset, kid));
        free(text);
    }
}

static void names_what_is_wrong_with_a_key(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int line;
        const char *more;
        const char *said;
    } rows[] = {
        {__LINE__, ",\"d\":\"AQAB\"", "private"},
        {__LINE__, ",\"p\":\"AQAB\"", "private"},
        {__LINE__, ",\"alg\":\"RS512\"", "RS256"},
        {__LINE__, ",\"alg\":\"none\"", "RS256"},
        {__LINE__, ",\"alg\":null", "RS256"},
        {__LINE__, ",\"use\":\"enc\"", "sig"},
        {__LINE__, ",\"kty\":\"EC\"", "RSA"},
        {__LINE__, ",\"kid\":\"\"", "kid"},
        {__LINE__, ",\"kid\":7", "kid"},
        {__LINE__, ",\"e\":\"AA\"", "odd"},
        {__LINE__, ",\"e\":\"AQ\"", "odd"},
        {__LINE__, ",\"n\":\"AQAB\"", "weak"},
        {__LINE__, ",\"n\":\"not base64!\"", "base64"},
        {__LINE__, ",\"n\":null", "base64"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = test_jwks(fixture->key, "k", rows[i].more);
        assert_row(rows[i].line, add(fixture, text) == ERR_INVALID);
        assert_row(rows[i].line, strncmp(buf_str(&fixture->problem), "key 1: ", 7) == 0);
        assert_row(rows[i].line, strstr(buf_str(&fixture->problem), rows[i].said));
        assert_row(rows[i].line, !keyset_find(fixture->keyset, "k"));
        free(text);
    }
}

static void refuses_weak_keys(void **state)
{
    struct fixture *fixture = *state;
    EVP_PKEY *weak = test_key(1024);
    char *text = test_jwks(weak, "weak", "");
    assert_int_equal(add(fixture, text), ERR_INVALID);
    assert_non_null(strstr(fixture->problem.data, "2048"));
    free(text);
    EVP_PKEY_free(weak);
}

static void refuses_what_is_no_document(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[] = {"",
                                        "[]",
                                        "{}",
                                        "{\"keys\":{}}",
                                        "{\"keys\":[1]}",
                                        "{\"keys\":[null]}",
                                        "{\"keys\":[",
                                        "{\"keys\":[]} x"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(add(fixture, texts[i]), ERR_INVALID);
        assert_true(fixture->problem.len > 0);
    }
    assert_int_equal(add(fixture, "{\"keys\":[]}"), ERR_OK);
}

static void refuses_a_kid_that_comes_twice(void **state)
{
    struct fixture *fixture = *state;
    char *text = test_jwks(fixture->key, "twin", "");
    assert_int_equal(add(fixture, text), ERR_OK);
    assert_int_equal(add(fixture, text), ERR_INVALID);
    assert_non_null(strstr(fixture->problem.data, "kid"));
    assert_int_equal(keyset_add_all(fixture->keyset, fixture->keyset), ERR_OK);
    free(text);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_what_it_writes),           TEST(accepts_optional_members),
        TEST(names_what_is_wrong_with_a_key), TEST(refuses_weak_keys),
        TEST(refuses_what_is_no_document),    TEST(refuses_a_kid_that_comes_twice),
    };
    return cmocka_run_group_tests_name("gateway/keyset", tests, NULL, NULL);
}
