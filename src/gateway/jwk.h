/* One RSA key as a JSON Web Key (RFC 7517, RFC 7518 section 6.3). */
#ifndef BEHEST_GATEWAY_JWK_H
#define BEHEST_GATEWAY_JWK_H

#include "base/buf.h"
#include "base/err.h"

#include <json-c/json.h>
#include <openssl/evp.h>

enum {
    JWK_NUMBER_MAX_BYTES = 2048,
    JWK_TEXT_MAX_BYTES = 6144,
    JWK_MIN_BITS = 2048,
    JWK_MAX_BITS = 8192
};

/* Reads a public key, for the caller to free; *ret_kid belongs to jwk. ERR_INVALID with a static
 * sentence in *ret_problem. What is accepted stands at keyset_add_jwks(). */
MUST_CHECK enum err jwk_parse(struct json_object *jwk, const char **ret_kid, EVP_PKEY **ret_key,
                              const char **ret_problem);

/* The public part of key with kid, use and alg; NULL when out of memory. */
struct json_object *jwk_new(const char *kid, const EVP_PKEY *key);

/* Adds modulus and public exponent as base64url. */
MUST_CHECK enum err jwk_numbers(const EVP_PKEY *key, struct buf *n, struct buf *e);

#endif
