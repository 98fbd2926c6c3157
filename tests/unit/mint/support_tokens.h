/* Tokens, good ones and forged ones, and the verification of them. */
#ifndef BEHEST_TESTS_SUPPORT_TOKENS_H
#define BEHEST_TESTS_SUPPORT_TOKENS_H

#include "support_keys.h"

#include "base/encode.h"
#include "base/json.h"
#include "mint/jwt.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { TOKEN_MAX = 64 * 1024 };

/* Gives the key for "good", and for "other" another. */
static inline EVP_PKEY *find_key(void *context, const char *kid)
{
    const struct keys *keys = context;
    if (strcmp(kid, "good") == 0)
        return keys->rsa;
    return strcmp(kid, "other") == 0 ? keys->other_rsa : NULL;
}

static inline void make_token(struct keys *keys, const char *kid, struct buf *token)
{
    BUF_AUTO(header, 1024);
    struct json_object *claims = json_object_new_object();
    json_add_string(claims, "uid", "anna");
    json_add_string(claims, "iss", "https://api.behest.ai");
    json_object_object_add(claims, "exp", json_object_new_int64(INT64_C(4102444800)));
    assert_int_equal(jwt_header(kid, &header), ERR_OK);
    assert_int_equal(jwt_sign(keys->rsa, buf_str(&header), claims, token), ERR_OK);
    json_object_put(claims);
}

/* True when the token is good, and its claims are make_token()'s. */
static inline bool accepts(struct keys *keys, const char *token)
{
    struct json_object *claims = NULL;
    const char *uid = NULL;
    enum err err = jwt_verify(token, find_key, keys, &claims);
    if (err) {
        assert_int_equal(err, ERR_UNAUTHENTICATED);
        assert_null(claims);
        return false;
    }
    assert_int_equal(json_get_string(claims, "uid", &uid), ERR_OK);
    assert_string_equal(uid, "anna");
    json_object_put(claims);
    return true;
}

/* Adds header.payload, encoded, of two texts. */
static inline void add_input(struct buf *token, const char *header, const char *payload)
{
    encode_base64url(token, header, strlen(header));
    buf_adds(token, ".");
    encode_base64url(token, payload, strlen(payload));
}

/* Adds the signature over what is in token. */
static inline void add_signature(struct buf *token, EVP_PKEY *key, const EVP_MD *digest, bool pss)
{
    unsigned char signature[1024];
    size_t len = sizeof signature;
    EVP_PKEY_CTX *options = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, &options, digest, NULL, key), 1);
    if (pss)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(
        EVP_DigestSign(context, signature, &len, (const unsigned char *)token->data, token->len),
        1);
    EVP_MD_CTX_free(context);
    buf_adds(token, ".");
    encode_base64url(token, signature, len);
    assert_int_equal(buf_err(token), ERR_OK);
}

static const char good_header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"good\"}";
static const char good_payload[] = "{\"uid\":\"anna\"}";

/* A token of any header and payload, signed as RS256 by the good key. */
static inline void forge(struct keys *keys, const char *header, const char *payload,
                         struct buf *token)
{
    add_input(token, header, payload);
    add_signature(token, keys->rsa, EVP_sha256(), false);
}

#endif
