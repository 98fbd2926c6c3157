/* The public keys that sign tokens this gateway accepts, by key id: JSON Web Keys (RFC 7517). */
#ifndef BEHEST_GATEWAY_KEYSET_H
#define BEHEST_GATEWAY_KEYSET_H

#include "base/buf.h"
#include "base/err.h"

#include <json-c/json.h>
#include <openssl/evp.h>

enum { KEYSET_MAX = 64 };

struct keyset;

/* NULL when out of memory. */
struct keyset *keyset_new(void);
void keyset_free(struct keyset *keyset);

/* Adds an RSA key under a key id; the keyset takes its own reference to key. ERR_CONFLICT when
 * there is a key of that id, ERR_TOO_LARGE when there are KEYSET_MAX keys. */
MUST_CHECK enum err keyset_add(struct keyset *keyset, const char *kid, EVP_PKEY *key);

/* Adds the keys of another keyset, leaving out those whose id is taken. */
MUST_CHECK enum err keyset_add_all(struct keyset *keyset, const struct keyset *other);

/* Adds the keys of a JWKS document, each as jwk_parse() wants it. ERR_INVALID with a sentence in
 * problem that names the key by its place. */
MUST_CHECK enum err keyset_add_jwks(struct keyset *keyset, const char *text, size_t len,
                                    struct buf *problem);

/* The key of that id, NULL when there is none; belongs to the keyset. A jwt_key_finder: keyset is a
 * struct keyset. */
EVP_PKEY *keyset_find(void *keyset, const char *kid);

/* The keyset as a JWKS document, for the caller to put back; NULL when out of memory. */
struct json_object *keyset_to_json(const struct keyset *keyset);

#endif
