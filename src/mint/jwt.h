/* JSON Web Tokens (RFC 7519) signed with RS256 (RFC 7518 section 3.3), and nothing else. */
#ifndef BEHEST_MINT_JWT_H
#define BEHEST_MINT_JWT_H

#include "base/buf.h"
#include "base/err.h"

#include <json-c/json.h>
#include <openssl/evp.h>

enum { JWT_MAX_BYTES = 8 * 1024 };

/* Adds header.payload.signature to token; header_base64 is the encoded header, which does not
 * change from token to token. */
MUST_CHECK enum err jwt_sign(EVP_PKEY *key, const char *header_base64, struct json_object *claims,
                             struct buf *token);

/* Adds the encoded header for a key id. */
MUST_CHECK enum err jwt_header(const char *kid, struct buf *header_base64);

/* Finds the public key for a kid, NULL when there is none. */
typedef EVP_PKEY *jwt_key_finder(void *context, const char *kid);

/* Checks form, algorithm and signature, and gives the claims, which the caller checks and puts
 * back. ERR_UNAUTHENTICATED when any of it is wrong. */
MUST_CHECK enum err jwt_verify(const char *token, jwt_key_finder *find, void *context,
                               struct json_object **ret_claims);

#endif
