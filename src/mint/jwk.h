/* One RSA key as a JSON Web Key (RFC 7517, RFC 7518 section 6.3). */
#ifndef BEHEST_MINT_JWK_H
#define BEHEST_MINT_JWK_H

#include "base/buf.h"
#include "base/err.h"

#include <json-c/json.h>
#include <openssl/evp.h>

enum {
    JWK_KID_MAX_BYTES = 255,
    JWK_THUMBPRINT_SIZE = 44,
    JWK_MIN_BITS = 2048,
    JWK_MAX_BITS = 8192
};

/* Reads a public RSA key of JWK_MIN_BITS to JWK_MAX_BITS, for the caller to free; *ret_kid, of 1 to
 * JWK_KID_MAX_BYTES bytes, belongs to jwk. alg, when there, has to be RS256, and use sig.
 * ERR_INVALID with a static sentence in *ret_problem. */
MUST_CHECK enum err jwk_parse(struct json_object *jwk, const char **ret_kid, EVP_PKEY **ret_key,
                              const char **ret_problem);

/* The public part of key with kid, use and alg; NULL when out of memory. */
struct json_object *jwk_new(const char *kid, const EVP_PKEY *key);

/* The thumbprint of an RSA key (RFC 7638, SHA-256, base64url). */
MUST_CHECK enum err jwk_thumbprint(const EVP_PKEY *key, char ret_text[static JWK_THUMBPRINT_SIZE]);

#endif
