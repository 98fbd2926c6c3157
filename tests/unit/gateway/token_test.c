#include "gateway/keys.h"

#include "base/encode.h"
#include "gateway/token.h"
#include "mint/jwt.h"

#include <sodium.h>

#define NOW INT64_C(1800000000)

struct fixture {
    EVP_PKEY *key;
    struct keyset *keys;
    struct buf header;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    assert_true(sodium_init() >= 0);
    fixture->key = test_key(2048);
    fixture->keys = keyset_new();
    fixture->header = BUF_MAX(512);
    assert_int_equal(keyset_add(fixture->keys, "k", fixture->key), ERR_OK);
    assert_int_equal(jwt_header("k", &fixture->header), ERR_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    EVP_PKEY_free(fixture->key);
    keyset_free(fixture->keys);
    buf_free(&fixture->header);
    free(fixture);
    return 0;
}

static const struct token_rules rules = {.issuer = "issuer", .audience = "behest", .now = NOW};

/* Good claims, with those of more put over them. */
static struct json_object *claims_with(const char *more)
{
    struct json_object *claims = json_tokener_parse(
        "{\"pid\":\"p\",\"uid\":\"u\",\"role\":\"user\",\"iss\":\"issuer\",\"aud\":\"behest\","
        "\"iat\":1800000000,\"nbf\":1800000000,\"exp\":1800000900,\"sid\":\"s\",\"tier\":3}");
    struct json_object *changes = json_tokener_parse(more);
    assert_non_null(changes);
    json_object_object_foreach(changes, name, value)
    {
        if (value)
            json_object_object_add(claims, name, json_object_get(value));
        else
            json_object_object_del(claims, name);
    }
    json_object_put(changes);
    return claims;
}

static enum err verify_text(struct fixture *fixture, const char *token, struct gateway_user *user,
                            const char **problem)
{
    const char *detail = NULL;
    return token_verify(token, fixture->keys, &rules, user, problem, &detail);
}

static enum err verify(struct fixture *fixture, const char *more, struct gateway_user *user,
                       const char **problem)
{
    BUF_AUTO(token, JWT_MAX_BYTES);
    struct json_object *claims = claims_with(more);
    assert_int_equal(jwt_sign(fixture->key, buf_str(&fixture->header), claims, &token), ERR_OK);
    json_object_put(claims);
    return verify_text(fixture, token.data, user, problem);
}

static void tells_who_it_is(void **state)
{
    struct gateway_user user;
    const char *problem;
    assert_int_equal(verify(*state, "{}", &user, &problem), ERR_OK);
    assert_string_equal(user.uid, "u");
    assert_string_equal(user.pid, "p");
    assert_string_equal(user.sid, "s");
    assert_int_equal(user.tier, 3);
}

static void checks_each_claim(void **state)
{
    static const struct {
        int line;
        const char *more;
        bool valid;
    } rows[] = {
        {__LINE__, "{\"tier\":null,\"sid\":null,\"pid\":null}", true},
        {__LINE__, "{\"iat\":null,\"nbf\":null}", true},
        {__LINE__, "{\"aud\":[\"other\",\"behest\"]}", true},
        {__LINE__, "{\"aud\":[\"other\"]}", false},
        {__LINE__, "{\"aud\":[]}", false},
        {__LINE__, "{\"aud\":\"other\"}", false},
        {__LINE__, "{\"aud\":null}", false},
        {__LINE__, "{\"iss\":\"other\"}", false},
        {__LINE__, "{\"iss\":null}", false},
        {__LINE__, "{\"exp\":1800000001}", true},
        {__LINE__, "{\"exp\":1800000000}", false},
        {__LINE__, "{\"exp\":1799999999}", false},
        {__LINE__, "{\"exp\":null}", false},
        {__LINE__, "{\"exp\":\"1800000900\"}", false},
        {__LINE__, "{\"nbf\":1800000030}", true},
        {__LINE__, "{\"nbf\":1800000031}", false},
        {__LINE__, "{\"iat\":1800000030}", true},
        {__LINE__, "{\"iat\":1800000031}", false},
        {__LINE__, "{\"iat\":\"now\"}", false},
        {__LINE__, "{\"role\":\"admin\"}", false},
        {__LINE__, "{\"role\":null}", false},
        {__LINE__, "{\"uid\":null}", false},
        {__LINE__, "{\"uid\":\"\"}", false},
        {__LINE__, "{\"uid\":7}", false},
        {__LINE__, "{\"uid\":\"a\\nb\"}", false},
        {__LINE__, "{\"uid\":\"a\\u0000b\"}", false},
        {__LINE__, "{\"pid\":\"\"}", false},
        {__LINE__, "{\"sid\":5}", false},
        {__LINE__, "{\"tier\":0}", false},
        {__LINE__, "{\"tier\":-1}", false},
        {__LINE__, "{\"tier\":\"3\"}", false},
        {__LINE__, "{\"tier\":1.5}", false},
        {__LINE__, "{\"tier\":99999999999}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gateway_user user = {.uid = "untouched"};
        const char *problem = NULL;
        enum err err = verify(*state, rows[i].more, &user, &problem);
        assert_row(rows[i].line, err == (rows[i].valid ? ERR_OK : ERR_UNAUTHENTICATED));
        if (!rows[i].valid)
            assert_row(rows[i].line, problem && strcmp(user.uid, "untouched") == 0);
    }
}

static void limits_the_length_of_names(void **state)
{
    struct gateway_user user;
    const char *problem;
    BUF_AUTO(more, 4096);
    buf_adds(&more, "{\"uid\":\"");
    for (int i = 0; i < NAME_MAX_CHARACTERS; i++)
        buf_adds(&more, "\xf0\x9f\x99\x82");
    buf_adds(&more, "\"}");
    assert_int_equal(verify(*state, more.data, &user, &problem), ERR_OK);
    assert_int_equal(strlen(user.uid), 4 * NAME_MAX_CHARACTERS);
    more.len -= 2;
    buf_adds(&more, "x\"}");
    assert_int_equal(verify(*state, more.data, &user, &problem), ERR_UNAUTHENTICATED);
}

static void says_when_a_token_has_expired(void **state)
{
    struct gateway_user user;
    const char *problem = NULL;
    assert_int_equal(verify(*state, "{\"exp\":1799999999}", &user, &problem), ERR_UNAUTHENTICATED);
    assert_non_null(strstr(problem, "expired"));
}

static void refuses_other_signatures(void **state)
{
    struct fixture *fixture = *state;
    struct gateway_user user;
    const char *problem;
    struct json_object *claims = claims_with("{}");
    EVP_PKEY *other = test_key(2048);
    BUF_AUTO(foreign, JWT_MAX_BYTES);
    BUF_AUTO(unknown, JWT_MAX_BYTES);
    BUF_AUTO(header, 512);
    assert_int_equal(jwt_sign(other, buf_str(&fixture->header), claims, &foreign), ERR_OK);
    assert_int_equal(jwt_header("another", &header), ERR_OK);
    assert_int_equal(jwt_sign(fixture->key, header.data, claims, &unknown), ERR_OK);
    assert_int_equal(verify_text(fixture, foreign.data, &user, &problem), ERR_UNAUTHENTICATED);
    assert_int_equal(verify_text(fixture, unknown.data, &user, &problem), ERR_UNAUTHENTICATED);
    assert_int_equal(verify_text(fixture, "a.b.c", &user, &problem), ERR_UNAUTHENTICATED);
    assert_int_equal(verify_text(fixture, "", &user, &problem), ERR_UNAUTHENTICATED);
    EVP_PKEY_free(other);
    json_object_put(claims);
}

/* The algorithm is not the token's to choose. */
static void refuses_other_algorithms(void **state)
{
    struct fixture *fixture = *state;
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"kid\":\"k\"}", "{\"alg\":\"HS256\",\"kid\":\"k\"}",
        "{\"alg\":\"RS384\",\"kid\":\"k\"}", "{\"kid\":\"k\"}", "{\"alg\":\"RS256\"}"};
    struct json_object *claims = claims_with("{}");
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        BUF_AUTO(header, 512);
        BUF_AUTO(token, JWT_MAX_BYTES);
        struct gateway_user user;
        const char *problem;
        encode_base64url(&header, headers[i], strlen(headers[i]));
        assert_int_equal(jwt_sign(fixture->key, header.data, claims, &token), ERR_OK);
        assert_int_equal(verify_text(fixture, token.data, &user, &problem), ERR_UNAUTHENTICATED);
        strrchr(token.data, '.')[1] = '\0';
        assert_int_equal(verify_text(fixture, token.data, &user, &problem), ERR_UNAUTHENTICATED);
    }
    json_object_put(claims);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_who_it_is),
        TEST(checks_each_claim),
        TEST(limits_the_length_of_names),
        TEST(says_when_a_token_has_expired),
        TEST(refuses_other_signatures),
        TEST(refuses_other_algorithms),
    };
    return cmocka_run_group_tests_name("gateway/token", tests, NULL, NULL);
}
