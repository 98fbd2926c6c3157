#include "mint/jwk.h"

#include "base/encode.h"
#include "base/json.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <sodium.h>

enum { NUMBER_MAX_BYTES = 2048, TEXT_MAX_BYTES = 6144 }; /* as base64url */

static bool is_string(struct json_object *jwk, const char *name, const char *expected)
{
    const char *text;
    return json_get_string(jwk, name, &text) == ERR_OK && strcmp(text, expected) == 0;
}

static bool is_absent_or(struct json_object *jwk, const char *name, const char *expected)
{
    return !json_object_object_get_ex(jwk, name, NULL) || is_string(jwk, name, expected);
}

static bool holds_private_part(struct json_object *jwk)
{
    static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (json_object_object_get_ex(jwk, names[i], NULL))
            return true;
    return false;
}

static const char *check_members(struct json_object *jwk, const char **ret_kid)
{
    if (!json_object_is_type(jwk, json_type_object))
        return "is not an object";
    if (!is_string(jwk, "kty", "RSA"))
        return "its kty has to be RSA";
    if (holds_private_part(jwk))
        return "holds a private key: leave only kty, kid, n, e, alg and use, and keep this one "
               "secret";
    if (!is_absent_or(jwk, "alg", "RS256"))
        return "its alg has to be RS256";
    if (!is_absent_or(jwk, "use", "sig"))
        return "its use has to be sig";
    if (json_get_string(jwk, "kid", ret_kid) != ERR_OK || !**ret_kid ||
        strlen(*ret_kid) > JWK_KID_MAX_BYTES)
        return "needs a kid, a text of 1 to 255 bytes";
    return NULL;
}

static BIGNUM *read_number(struct json_object *jwk, const char *name)
{
    const char *text;
    BUF_AUTO(bytes, NUMBER_MAX_BYTES);
    if (json_get_string(jwk, name, &text) != ERR_OK || strlen(text) > NUMBER_MAX_BYTES ||
        decode_base64url(text, strlen(text), &bytes) != ERR_OK)
        return NULL;
    return BN_bin2bn((const unsigned char *)buf_str(&bytes), (int)bytes.len, NULL);
}

static EVP_PKEY *key_of_numbers(const BIGNUM *n, const BIGNUM *e)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (builder && context && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
        (params = OSSL_PARAM_BLD_to_param(builder)) && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return key;
}

static const char *check_numbers(const BIGNUM *n, const BIGNUM *e)
{
    if (!n || !e)
        return "needs n and e, the modulus and the exponent as base64url without padding";
    if (BN_num_bits(n) < JWK_MIN_BITS)
        return "is too weak: an RSA key of at least 2048 bits is needed";
    if (BN_num_bits(n) > JWK_MAX_BITS)
        return "is too long: an RSA key of at most 8192 bits is accepted";
    if (!BN_is_odd(n) || !BN_is_odd(e) || BN_num_bits(e) < 2 || BN_num_bits(e) > 64)
        return "is not an RSA key: n and e have to be odd, and e from 3 up to 64 bits";
    return NULL;
}

enum err jwk_parse(struct json_object *jwk, const char **ret_kid, EVP_PKEY **ret_key,
                   const char **ret_problem)
{
    const char *problem = check_members(jwk, ret_kid);
    if (problem) {
        *ret_problem = problem;
        return ERR_INVALID;
    }
    BIGNUM *n = read_number(jwk, "n");
    BIGNUM *e = read_number(jwk, "e");
    EVP_PKEY *key = NULL;
    problem = check_numbers(n, e);
    if (!problem) {
        key = key_of_numbers(n, e);
        problem = "cannot be used";
    }
    BN_free(n);
    BN_free(e);
    if (!key) {
        *ret_problem = problem;
        return ERR_INVALID;
    }
    *ret_key = key;
    return ERR_OK;
}

static enum err add_number(const EVP_PKEY *key, const char *name, struct buf *out)
{
    BIGNUM *number = NULL;
    unsigned char bytes[JWK_MAX_BITS / 8];
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
        return ERR_NOMEM;
    int len = BN_num_bytes(number);
    enum err err = len <= (int)sizeof bytes ? ERR_OK : ERR_TOO_LARGE;
    if (!err) {
        BN_bn2bin(number, bytes);
        encode_base64url(out, bytes, (size_t)len);
        err = buf_err(out);
    }
    BN_free(number);
    return err;
}

static enum err encode_numbers(const EVP_PKEY *key, struct buf *n, struct buf *e)
{
    enum err err = add_number(key, OSSL_PKEY_PARAM_RSA_N, n);
    return err ? err : add_number(key, OSSL_PKEY_PARAM_RSA_E, e);
}

struct json_object *jwk_new(const char *kid, const EVP_PKEY *key)
{
    BUF_AUTO(n, NUMBER_MAX_BYTES);
    BUF_AUTO(e, NUMBER_MAX_BYTES);
    if (encode_numbers(key, &n, &e) != ERR_OK)
        return NULL;
    struct json_object *jwk = json_object_new_object();
    json_add_string(jwk, "kty", "RSA");
    json_add_string(jwk, "use", "sig");
    json_add_string(jwk, "alg", "RS256");
    json_add_string(jwk, "kid", kid);
    json_add_string(jwk, "n", n.data);
    json_add_string(jwk, "e", e.data);
    return jwk;
}

enum err jwk_thumbprint(const EVP_PKEY *key, char ret_text[static JWK_THUMBPRINT_SIZE])
{
    BUF_AUTO(n, NUMBER_MAX_BYTES);
    BUF_AUTO(e, NUMBER_MAX_BYTES);
    BUF_AUTO(members, TEXT_MAX_BYTES);
    enum err err = encode_numbers(key, &n, &e);
    if (err)
        return err;
    /* Required members alone, in alphabetical order, without white space (section 3). */
    buf_addf(&members, "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}", buf_str(&e), buf_str(&n));
    if (buf_err(&members))
        return buf_err(&members);
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)members.data, members.len);
    BUF_AUTO(text, JWK_THUMBPRINT_SIZE);
    encode_base64url(&text, hash, sizeof hash);
    if (buf_err(&text))
        return buf_err(&text);
    memcpy(ret_text, text.data, text.len + 1);
    return ERR_OK;
}
