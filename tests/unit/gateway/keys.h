/* RSA keys for the gateway's tests, made on the spot. */
#ifndef BEHEST_TESTS_GATEWAY_KEYS_H
#define BEHEST_TESTS_GATEWAY_KEYS_H

#include "support.h"

#include "base/json.h"
#include "gateway/jwk.h"
#include "gateway/keyset.h"

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
    BUF_AUTO(n, JWK_NUMBER_MAX_BYTES);
    BUF_AUTO(e, JWK_NUMBER_MAX_BYTES);
    assert_int_equal(jwk_numbers(key, &n, &e), ERR_OK);
    BUF_AUTO(text, 8192);
    buf_addf(&text, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}]}",
             kid, n.data, e.data, more);
    assert_int_equal(buf_err(&text), ERR_OK);
    return strdup(text.data);
}

#endif
