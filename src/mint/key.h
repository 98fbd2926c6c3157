/* The Behest key, whose form alone decides how tokens are minted. */
#ifndef BEHEST_MINT_KEY_H
#define BEHEST_MINT_KEY_H

#include "base/err.h"

#include <openssl/evp.h>

enum { MINT_KEY_MIN_BITS = 2048 };

/* Exactly one of the two is set. */
struct mint_key {
    char *api_key; /* behest_sk_live_...: mint over HTTP; from secret_new() */
    EVP_PKEY *rsa; /* a private key: sign here */
};

/* Reads behest_sk_live_..., behest_pk_ before a PEM or before the base64 of one, the base64 of a
 * PEM, or a PEM; PKCS#8 and PKCS#1 alike, RSA of at least MINT_KEY_MIN_BITS. ERR_INVALID for
 * anything else, with a static sentence in *ret_problem that says what is accepted and nothing of
 * the key. */
MUST_CHECK enum err mint_key_parse(const char *text, struct mint_key *ret_key,
                                   const char **ret_problem);
void mint_key_free(struct mint_key *key);

/* The RSA private key of a PEM. ERR_INVALID when it holds none, is encrypted, or is too short. */
MUST_CHECK enum err mint_key_from_pem(const char *pem, size_t len, EVP_PKEY **ret_rsa);

#endif
