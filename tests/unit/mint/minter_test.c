#include "support_tokens.h"

#include "mint/mint.h"

#include <time.h>

static const struct mint_local_config config = {
    .kid = "good",
    .tenant_id = "tenant-1",
    .project_id = "project-1",
    .issuer = "https://api.behest.ai",
    .audience = "behest",
};

#define SESSION_ID "11111111-2222-4333-8444-555555555555"

static struct minter *make_local(const struct keys *keys)
{
    struct minter *minter = NULL;
    struct mint_key key = {.rsa = keys->rsa};
    EVP_PKEY_up_ref(keys->rsa);
    assert_int_equal(mint_local_new(&key, &config, &minter), ERR_OK);
    assert_null(key.rsa); /* taken over */
    return minter;
}

/* The claims of a token, once verified, as they were written. */
static void read_claims(struct keys *keys, const struct mint_result *result, struct buf *json,
                        struct json_object **ret_claims)
{
    const char *token = buf_str(&result->token);
    const char *first = strchr(token, '.');
    assert_int_equal(jwt_verify(token, find_key, keys, ret_claims), ERR_OK);
    assert_int_equal(decode_base64url(first + 1, strcspn(first + 1, "."), json), ERR_OK);
}

static void claims_are_exactly_those_of_the_protocol(void **state)
{
    static const struct {
        int line;
        int tier;
        const char *end;
    } rows[] = {{__LINE__, 0, "}"}, {__LINE__, 1, ",\"tier\":1}"}, {__LINE__, 3, ",\"tier\":3}"}};
    struct minter *minter = make_local(*state);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct mint_order order = {
            .user_id = "anna \"1\"", .session_id = SESSION_ID, .tier = rows[i].tier, .ttl = 900};
        struct mint_result result;
        AUTO_JSON struct json_object *claims = NULL;
        BUF_AUTO(json, TOKEN_MAX);
        BUF_AUTO(expected, TOKEN_MAX);
        const char *jti = NULL;
        int64_t iat = 0;
        long long before = time(NULL);
        assert_int_equal(minter_mint(minter, &order, &result), ERR_OK);
        read_claims(*state, &result, &json, &claims);
        assert_int_equal(json_get_string(claims, "jti", &jti), ERR_OK);
        assert_int_equal(json_get_integer(claims, "iat", &iat), ERR_OK);
        assert_in_range(iat, before, time(NULL));
        buf_addf(&expected,
                 "{\"tid\":\"tenant-1\",\"pid\":\"project-1\",\"uid\":\"anna \\\"1\\\"\","
                 "\"role\":\"user\",\"scp\":[],\"iss\":\"https://api.behest.ai\","
                 "\"aud\":\"behest\",\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld,\"jti\":\"%s\","
                 "\"sid\":\"%s\"%s",
                 (long long)iat, (long long)iat, (long long)iat + 900, jti, SESSION_ID,
                 rows[i].end);
        assert_string_equal(buf_str(&json), buf_str(&expected));
        assert_true(is_uuid(jti) && jti[14] == '4');
        assert_int_equal(result.expires_at, iat + 900);
        assert_int_equal(result.ttl, 900);
        assert_string_equal(result.session_id, SESSION_ID);
        assert_int_equal(result.retry_after, 0);
        mint_result_free(&result);
    }
    minter_free(minter);
}

static void the_header_names_algorithm_type_and_key(void **state)
{
    const struct mint_order order = {.user_id = "anna", .session_id = SESSION_ID, .ttl = 60};
    struct minter *minter = make_local(*state);
    struct mint_result result;
    BUF_AUTO(json, 1024);
    assert_int_equal(minter_mint(minter, &order, &result), ERR_OK);
    const char *token = buf_str(&result.token);
    assert_int_equal(decode_base64url(token, strcspn(token, "."), &json), ERR_OK);
    assert_string_equal(buf_str(&json), good_header);
    mint_result_free(&result);
    minter_free(minter);
}

static void every_token_has_an_id_of_its_own(void **state)
{
    const struct mint_order order = {.user_id = "anna", .session_id = SESSION_ID, .ttl = 60};
    struct minter *minter = make_local(*state);
    struct mint_result one;
    struct mint_result two;
    assert_int_equal(minter_mint(minter, &order, &one), ERR_OK);
    assert_int_equal(minter_mint(minter, &order, &two), ERR_OK);
    assert_string_not_equal(buf_str(&one.token), buf_str(&two.token));
    mint_result_free(&one);
    mint_result_free(&two);
    minter_free(minter);
}

static void keeps_copies_of_its_configuration(void **state)
{
    struct keys *keys = *state;
    char kid[] = "good";
    char tenant[] = "tenant";
    const struct mint_local_config passing = {
        .kid = kid, .tenant_id = tenant, .project_id = "p", .issuer = "i", .audience = "a"};
    const struct mint_order order = {.user_id = "anna", .session_id = SESSION_ID, .ttl = 60};
    struct mint_key key = {.rsa = keys->rsa};
    struct minter *minter = NULL;
    struct mint_result result;
    AUTO_JSON struct json_object *claims = NULL;
    const char *tid = NULL;
    BUF_AUTO(json, TOKEN_MAX);
    EVP_PKEY_up_ref(keys->rsa);
    assert_int_equal(mint_local_new(&key, &passing, &minter), ERR_OK);
    memset(kid, 'x', sizeof kid - 1);
    memset(tenant, 'x', sizeof tenant - 1);
    assert_int_equal(minter_mint(minter, &order, &result), ERR_OK);
    read_claims(keys, &result, &json, &claims);
    assert_int_equal(json_get_string(claims, "tid", &tid), ERR_OK);
    assert_string_equal(tid, "tenant");
    mint_result_free(&result);
    minter_free(minter);
}

static void a_key_id_that_does_not_fit_leaves_the_key_to_the_caller(void **state)
{
    struct keys *keys = *state;
    struct mint_local_config wrong = config;
    struct mint_key key = {.rsa = keys->rsa};
    struct minter *minter = NULL;
    char kid[2001];
    memset(kid, 'k', sizeof kid - 1);
    kid[sizeof kid - 1] = '\0';
    wrong.kid = kid;
    assert_int_equal(mint_local_new(&key, &wrong, &minter), ERR_TOO_LARGE);
    assert_null(minter);
    assert_ptr_equal(key.rsa, keys->rsa);
}

static void an_endless_user_id_is_refused_with_a_reason(void **state)
{
    struct minter *minter = make_local(*state);
    struct mint_result result;
    char user_id[20001];
    memset(user_id, 'u', sizeof user_id - 1);
    user_id[sizeof user_id - 1] = '\0';
    const struct mint_order order = {.user_id = user_id, .session_id = SESSION_ID, .ttl = 60};
    assert_int_not_equal(minter_mint(minter, &order, &result), ERR_OK);
    assert_int_equal(result.token.len, 0);
    assert_non_null(result.operators);
    mint_result_free(&result);
    minter_free(minter);
}

static enum err make_remote(const char *api_key, const char *base_url, unsigned max_at_once,
                            struct mint_key *key, struct minter **ret_minter)
{
    const char *problem;
    assert_int_equal(mint_key_parse(api_key, key, &problem), ERR_OK);
    return mint_remote_new(key, base_url, max_at_once, ret_minter);
}

static void tells_its_mode(void **state)
{
    struct minter *local = make_local(*state);
    struct minter *remote = NULL;
    struct mint_key key = {0};
    assert_int_equal(make_remote("behest_sk_live_a", "http://127.0.0.1:9", 2, &key, &remote),
                     ERR_OK);
    assert_null(key.api_key); /* taken over */
    assert_string_equal(minter_mode(local), "local");
    assert_string_equal(minter_mode(remote), "remote");
    minter_free(local);
    minter_free(remote);
    minter_free(NULL);
}

static void with_no_place_left_fails_at_once(void **state)
{
    (void)state;
    const struct mint_order order = {.user_id = "anna", .session_id = SESSION_ID, .ttl = 60};
    struct minter *remote = NULL;
    struct mint_key key = {0};
    struct mint_result result;
    assert_int_equal(make_remote("behest_sk_live_a", "http://127.0.0.1:9", 0, &key, &remote),
                     ERR_OK);
    assert_int_equal(minter_mint(remote, &order, &result), ERR_OVERLOADED);
    assert_non_null(result.operators);
    assert_int_equal(result.token.len, 0);
    mint_result_free(&result);
    minter_free(remote);
}

/* Cut short, either would send the key to another address or fail at every mint. */
static void what_does_not_fit_into_a_request_is_refused_at_the_start(void **state)
{
    (void)state;
    char text[8001];
    struct mint_key key = {0};
    struct minter *remote = NULL;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text, "behest_sk_live_", 15);
    assert_int_not_equal(make_remote(text, "http://127.0.0.1:9", 2, &key, &remote), ERR_OK);
    assert_null(remote);
    mint_key_free(&key);
    memcpy(text, "http://localhost/", 17);
    enum err err = make_remote("behest_sk_live_a", text, 2, &key, &remote);
    minter_free(remote);
    mint_key_free(&key);
    assert_int_not_equal(err, ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_exactly_those_of_the_protocol),
        cmocka_unit_test(the_header_names_algorithm_type_and_key),
        cmocka_unit_test(every_token_has_an_id_of_its_own),
        cmocka_unit_test(keeps_copies_of_its_configuration),
        cmocka_unit_test(a_key_id_that_does_not_fit_leaves_the_key_to_the_caller),
        cmocka_unit_test(an_endless_user_id_is_refused_with_a_reason),
        cmocka_unit_test(tells_its_mode),
        cmocka_unit_test(with_no_place_left_fails_at_once),
        cmocka_unit_test(what_does_not_fit_into_a_request_is_refused_at_the_start),
    };
    return cmocka_run_group_tests_name("mint/minter", tests, keys_make, keys_free);
}
