/* RSA keys for the gateway's tests, made on the spot. */
#ifndef BEHEST_TESTS_GATEWAY_KEYS_H
#define BEHEST_TESTS_GATEWAY_KEYS_H

#include "support.h"

#include "base/json.h"
#include "gateway/keyset.h"
#include "mint/jwk.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

static inline EVP_PKEY *test_key(unsigned bits)
{
    EVP_PKEY *key = EVP_RSA_gen(bits);
    assert_non_null(key);
    return key;
}

/* A JWKS document with one public key and what more adds to it, for the caller to free. */
static inline char *test_jwks(const EVP_PKEY *key, const char *kid, const char *more)
{
    AUTO_JSON struct json_object *jwk = jwk_new(kid, key);
    const char *n = NULL;
    const char *e = NULL;
    assert_int_equal(json_get_string(jwk, "n", &n), ERR_OK);
    assert_int_equal(json_get_string(jwk, "e", &e), ERR_OK);
    BUF_AUTO(text, 8192);
    buf_addf(&text, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}]}",
             kid, n, e, more);
    assert_int_equal(buf_err(&text), ERR_OK);
    return strdup(text.data);
}

#endif
