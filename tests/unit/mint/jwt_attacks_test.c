#include "support_tokens.h"

#include <openssl/hmac.h>

static void attack_none_without_signature(void **state)
{
    static const char *const endings[] = {"", ".", ".AA", "..", ".e30."};
    for (size_t i = 0; i < COUNT(endings); i++) {
        BUF_AUTO(token, TOKEN_MAX);
        add_input(&token, "{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"good\"}", good_payload);
        buf_adds(&token, endings[i]);
        assert_false(accepts(*state, buf_str(&token)));
    }
}

/* The public key is known to everybody; as an HMAC secret it would sign anything. */
static void attack_hs256_with_the_public_key(void **state)
{
    const struct keys *keys = *state;
    static const char *const headers[] = {"{\"alg\":\"HS256\",\"kid\":\"good\"}", good_header};
    BUF_AUTO(pem, PEM_MAX);
    keys_public(keys->rsa, &pem);
    for (size_t i = 0; i < COUNT(headers); i++) {
        unsigned char mac[EVP_MAX_MD_SIZE];
        unsigned len = 0;
        BUF_AUTO(token, TOKEN_MAX);
        add_input(&token, headers[i], good_payload);
        assert_non_null(HMAC(EVP_sha256(), pem.data, (int)pem.len,
                             (const unsigned char *)token.data, token.len, mac, &len));
        buf_adds(&token, ".");
        encode_base64url(&token, mac, len);
        assert_false(accepts(*state, buf_str(&token)));
    }
}

/* Signatures of the right key by another algorithm, named truly or as RS256. */
static void attack_other_algorithms_of_the_same_key(void **state)
{
    const struct keys *keys = *state;
    static const struct {
        int line;
        const char *name;
        const char *digest;
        bool pss;
    } rows[] = {
        {__LINE__, "RS384", "SHA384", false}, {__LINE__, "RS512", "SHA512", false},
        {__LINE__, "RS1", "SHA1", false},     {__LINE__, "PS256", "SHA256", true},
        {__LINE__, "PS384", "SHA384", true},  {__LINE__, "PS512", "SHA512", true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int lie = 0; lie < 2; lie++) {
            char header[128];
            BUF_AUTO(token, TOKEN_MAX);
            snprintf(header, sizeof header, "{\"alg\":\"%s\",\"kid\":\"good\"}",
                     lie ? "RS256" : rows[i].name);
            add_input(&token, header, good_payload);
            add_signature(&token, keys->rsa, EVP_get_digestbyname(rows[i].digest), rows[i].pss);
            assert_row(rows[i].line, !accepts(*state, buf_str(&token)));
        }
    }
}

static EVP_PKEY *find_ec_key(void *context, const char *kid)
{
    const struct keys *keys = context;
    (void)kid;
    return keys->ec;
}

/* RS256 is what the header says; that the key is of another kind must not change what is checked.
 */
static void attack_a_key_of_another_kind(void **state)
{
    struct keys *keys = *state;
    struct json_object *claims = NULL;
    BUF_AUTO(token, TOKEN_MAX);
    add_input(&token, good_header, good_payload);
    add_signature(&token, keys->ec, EVP_sha256(), false);
    enum err err = jwt_verify(buf_str(&token), find_ec_key, keys, &claims);
    json_object_put(claims);
    assert_int_equal(err, ERR_UNAUTHENTICATED);
}

/* Every bit of the signature, and of every 5th character before it. */
static void attack_flipped_bits(void **state)
{
    BUF_AUTO(token, TOKEN_MAX);
    make_token(*state, "good", &token);
    const char *signature = strrchr(buf_str(&token), '.') + 1;
    for (size_t at = 0; at < token.len; at += token.data + at < signature ? 5 : 11) {
        for (int bit = 0; bit < 7; bit++) {
            char old = token.data[at];
            token.data[at] = (char)(old ^ 1 << bit);
            if (accepts(*state, buf_str(&token)))
                fail_msg("accepted with character %zu changed from %c to %c", at, old,
                         token.data[at]);
            token.data[at] = old;
        }
    }
    assert_true(accepts(*state, buf_str(&token)));
}

static void attack_parts_of_another_token(void **state)
{
    BUF_AUTO(one, TOKEN_MAX);
    BUF_AUTO(two, TOKEN_MAX);
    BUF_AUTO(mixed, TOKEN_MAX);
    forge(*state, good_header, good_payload, &one);
    forge(*state, good_header, "{\"uid\":\"anna\",\"tier\":3}", &two);
    const char *end_of_two = strrchr(buf_str(&two), '.');
    buf_add(&mixed, two.data, (size_t)(end_of_two - two.data));
    buf_adds(&mixed, strrchr(buf_str(&one), '.'));
    assert_false(accepts(*state, buf_str(&mixed)));
}

static void attack_dots_and_empty_parts(void **state)
{
    BUF_AUTO(token, TOKEN_MAX);
    forge(*state, good_header, good_payload, &token);
    char *first = strchr(token.data, '.');
    char *second = strchr(first + 1, '.');
    *first = *second = '\0';
    const char *h = token.data;
    const char *p = first + 1;
    const char *s = second + 1;
    static const struct {
        int line;
        const char *format; /* of header, payload and signature */
    } rows[] = {
        {__LINE__, "%2$s.%3$s%1$.0s"},       {__LINE__, "%1$s.%2$s%3$.0s"},
        {__LINE__, "%1$s.%2$s.%3$.0s"},      {__LINE__, ".%2$s.%3$s%1$.0s"},
        {__LINE__, "%1$s..%3$s%2$.0s"},      {__LINE__, "..%1$.0s%2$.0s%3$.0s"},
        {__LINE__, ".%1$.0s%2$.0s%3$.0s"},   {__LINE__, "%1$.0s%2$.0s%3$.0s"},
        {__LINE__, "%1$s%2$s%3$s"},          {__LINE__, "%1$s.%2$s.%3$s."},
        {__LINE__, ".%1$s.%2$s.%3$s"},       {__LINE__, "%1$s.%2$s..%3$s"},
        {__LINE__, "%1$s..%2$s.%3$s"},       {__LINE__, "%1$s.%2$s.%3$s.%3$s"},
        {__LINE__, "%1$s.%2$s.%3$s.e30.AA"}, {__LINE__, "%1$s.%2$s.%3$s="},
        {__LINE__, "%1$s.%2$s.%3$s=="},      {__LINE__, "%1$s.%2$s.%3$s "},
        {__LINE__, "%1$s.%2$s.%3$s\n"},      {__LINE__, " %1$s.%2$s.%3$s"},
        {__LINE__, "%1$s=.%2$s.%3$s"},       {__LINE__, "%1$s.%2$s\n.%3$s"},
        {__LINE__, "%1$s.%2$s.%3$sAA"},      {__LINE__, "%1$s.%2$s.AA%3$s"},
        {__LINE__, "Bearer %1$s.%2$s.%3$s"}, {__LINE__, "%1$s,%2$s,%3$s"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[TOKEN_MAX];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, rows[i].format, h, p, s);
#pragma GCC diagnostic pop
        assert_row(rows[i].line, !accepts(*state, text));
    }
}

/* A signature as long as it should be, of values for which RSA is trivial. */
static void attack_trivial_signatures(void **state)
{
    unsigned char bytes[256] = {0};
    for (unsigned last = 0; last < 2; last++) {
        BUF_AUTO(token, TOKEN_MAX);
        bytes[255] = (unsigned char)last;
        add_input(&token, good_header, good_payload);
        buf_adds(&token, ".");
        encode_base64url(&token, bytes, sizeof bytes);
        assert_false(accepts(*state, buf_str(&token)));
    }
}

/* The same bytes written another way: the last character of base64url has bits to spare. */
static void attack_stray_bits_at_the_end(void **state)
{
    BUF_AUTO(token, TOKEN_MAX);
    forge(*state, good_header, good_payload, &token);
    char *last = token.data + token.len - 1;
    assert_non_null(strchr("AQgw", *last)); /* 256 bytes leave four */
    *last = (char)(*last + 1);
    assert_false(accepts(*state, buf_str(&token)));
}

static void attack_oversize(void **state)
{
    char *payload = malloc(TOKEN_MAX);
    assert_non_null(payload);
    snprintf(payload, TOKEN_MAX, "{\"uid\":\"anna\",\"x\":\"%*s\"}", JWT_MAX_BYTES, "");
    BUF_AUTO(token, TOKEN_MAX);
    forge(*state, good_header, payload, &token);
    assert_true(token.len > JWT_MAX_BYTES);
    assert_false(accepts(*state, buf_str(&token)));
    free(payload);
}

static void attack_deep_nesting(void **state)
{
    BUF_AUTO(payload, TOKEN_MAX);
    BUF_AUTO(token, TOKEN_MAX);
    buf_adds(&payload, "{\"uid\":\"anna\",\"x\":");
    for (int i = 0; i < 2000; i++)
        buf_adds(&payload, "[");
    for (int i = 0; i < 2000; i++)
        buf_adds(&payload, "]");
    buf_adds(&payload, "}");
    forge(*state, good_header, buf_str(&payload), &token);
    assert_true(token.len < JWT_MAX_BYTES);
    assert_false(accepts(*state, buf_str(&token)));
}

/* What was signed can be verified: signing has the same limit. */
static void what_is_too_large_to_verify_is_not_signed(void **state)
{
    struct keys *keys = *state;
    BUF_AUTO(header, 1024);
    assert_int_equal(jwt_header("good", &header), ERR_OK);
    for (int size = 5600; size < 6200; size += 20) {
        BUF_AUTO(token, TOKEN_MAX);
        char filler[6201];
        memset(filler, 'x', (size_t)size);
        filler[size] = '\0';
        struct json_object *claims = json_object_new_object();
        json_add_string(claims, "uid", "anna");
        json_add_string(claims, "x", filler);
        enum err err = jwt_sign(keys->rsa, buf_str(&header), claims, &token);
        json_object_put(claims);
        if (!err && !accepts(keys, buf_str(&token)))
            fail_msg("signed %zu bytes, which are more than are accepted", token.len);
        assert_true(!err || err == ERR_TOO_LARGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_none_without_signature),
        cmocka_unit_test(attack_hs256_with_the_public_key),
        cmocka_unit_test(attack_other_algorithms_of_the_same_key),
        cmocka_unit_test(attack_a_key_of_another_kind),
        cmocka_unit_test(attack_flipped_bits),
        cmocka_unit_test(attack_parts_of_another_token),
        cmocka_unit_test(attack_dots_and_empty_parts),
        cmocka_unit_test(attack_trivial_signatures),
        cmocka_unit_test(attack_stray_bits_at_the_end),
        cmocka_unit_test(attack_oversize),
        cmocka_unit_test(attack_deep_nesting),
        cmocka_unit_test(what_is_too_large_to_verify_is_not_signed),
    };
    return cmocka_run_group_tests_name("mint/jwt-attacks", tests, keys_make, keys_free);
}
