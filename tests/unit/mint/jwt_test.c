#include "support_tokens.h"

static void signs_compactly_in_the_order_of_the_claims(void **state)
{
    BUF_AUTO(token, TOKEN_MAX);
    BUF_AUTO(expected, TOKEN_MAX);
    make_token(*state, "good", &token);
    add_input(&expected, good_header,
              "{\"uid\":\"anna\",\"iss\":\"https://api.behest.ai\",\"exp\":4102444800}");
    assert_memory_equal(buf_str(&token), buf_str(&expected), expected.len);
    assert_int_equal(token.data[expected.len], '.');
    assert_int_equal(token.len - expected.len - 1, 342); /* 256 bytes in base64url */
    assert_int_equal(strcspn(buf_str(&token), "=+/ \r\n"), token.len);
}

static void verifies_its_own_tokens(void **state)
{
    BUF_AUTO(token, TOKEN_MAX);
    BUF_AUTO(forged, TOKEN_MAX);
    make_token(*state, "good", &token);
    assert_true(accepts(*state, buf_str(&token)));
    forge(*state, good_header, good_payload, &forged); /* the attacks below begin with this one */
    assert_true(accepts(*state, buf_str(&forged)));
}

static void a_key_id_is_escaped_in_the_header(void **state)
{
    (void)state;
    BUF_AUTO(header, 1024);
    BUF_AUTO(json, 1024);
    assert_int_equal(jwt_header("a\",\"alg\":\"none", &header), ERR_OK);
    assert_int_equal(decode_base64url(buf_str(&header), header.len, &json), ERR_OK);
    assert_string_equal(
        buf_str(&json),
        "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"a\\\",\\\"alg\\\":\\\"none\"}");
}

static void refuses_the_signature_of_another_key(void **state)
{
    BUF_AUTO(other, TOKEN_MAX);
    BUF_AUTO(unknown, TOKEN_MAX);
    make_token(*state, "other", &other);
    make_token(*state, "unknown", &unknown);
    assert_false(accepts(*state, buf_str(&other)));
    assert_false(accepts(*state, buf_str(&unknown)));
}

/* The signature is right in each: the header alone is at fault. */
static void refuses_any_header_but_rs256_with_a_kid(void **state)
{
    static const struct {
        int line;
        const char *header;
    } rows[] = {
        {__LINE__, "{\"alg\":\"none\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"None\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"HS256\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"RS384\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"RS512\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"PS256\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"ES256\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"rs256\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"RS256 \",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":\"RS256\\u0000\",\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":[\"RS256\"],\"kid\":\"good\"}"},
        {__LINE__, "{\"alg\":null,\"kid\":\"good\"}"},
        {__LINE__, "{\"ALG\":\"RS256\",\"kid\":\"good\"}"},
        {__LINE__, "{\"kid\":\"good\"}"},
        /* the key id */
        {__LINE__, "{\"alg\":\"RS256\"}"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":null}"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":\"\"}"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":7}"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":[\"good\"]}"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":\"good\\u0000x\"}"},
        {__LINE__, "{\"alg\":\"RS256\",\"jku\":\"https://evil.example/jwks.json\"}"},
        /* critical extensions */
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":\"good\",\"crit\":[\"b64\"],\"b64\":false}"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":\"good\",\"crit\":[\"exp\"],\"exp\":1}"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":\"good\",\"crit\":[]}"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":\"good\",\"crit\":null}"},
        /* no JSON object */
        {__LINE__, "[\"RS256\",\"good\"]"},
        {__LINE__, "\"RS256\""},
        {__LINE__, "null"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":\"good\""},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":\"good\"}}"},
        {__LINE__, "{\"alg\":\"RS256\",\"kid\":\"good\",\"x\":\"\xff\"}"},
        {__LINE__, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        BUF_AUTO(token, TOKEN_MAX);
        forge(*state, rows[i].header, good_payload, &token);
        assert_row(rows[i].line, !accepts(*state, buf_str(&token)));
    }
}

static void refuses_a_payload_that_is_no_json_object(void **state)
{
    static const char *const payloads[] = {"",
                                           "null",
                                           "[]",
                                           "7",
                                           "\"anna\"",
                                           "{\"uid\":\"anna\"",
                                           "{\"uid\":\"anna\"}x",
                                           "{\"uid\":\"\xff\"}"};
    for (size_t i = 0; i < COUNT(payloads); i++) {
        BUF_AUTO(token, TOKEN_MAX);
        forge(*state, good_header, payloads[i], &token);
        assert_false(accepts(*state, buf_str(&token)));
    }
}

static void unknown_members_of_the_header_are_fine(void **state)
{
    BUF_AUTO(token, TOKEN_MAX);
    forge(*state, "{\"x5t\":\"abc\",\"kid\":\"good\",\"alg\":\"RS256\"}", good_payload, &token);
    assert_true(accepts(*state, buf_str(&token)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_compactly_in_the_order_of_the_claims),
        cmocka_unit_test(verifies_its_own_tokens),
        cmocka_unit_test(a_key_id_is_escaped_in_the_header),
        cmocka_unit_test(refuses_the_signature_of_another_key),
        cmocka_unit_test(refuses_any_header_but_rs256_with_a_kid),
        cmocka_unit_test(refuses_a_payload_that_is_no_json_object),
        cmocka_unit_test(unknown_members_of_the_header_are_fine),
    };
    return cmocka_run_group_tests_name("mint/jwt", tests, keys_make, keys_free);
}
