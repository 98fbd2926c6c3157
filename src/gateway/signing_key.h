/* The gateway's own signing key: a PEM file, made on the first start. */
#ifndef BEHEST_GATEWAY_SIGNING_KEY_H
#define BEHEST_GATEWAY_SIGNING_KEY_H

#include "base/err.h"

#include <openssl/evp.h>

enum { SIGNING_KEY_BITS = 2048 };

/* Reads an RSA private key of at least 2048 bits (PKCS#8 or PKCS#1), for the caller to free.
 * ERR_NOT_FOUND when there is no file, ERR_IO with errno when it cannot be read, ERR_INVALID when
 * it is no such key. */
MUST_CHECK enum err signing_key_read(const char *path, EVP_PKEY **ret_key);

/* Reads the key, making the file first (PKCS#8, mode 0600) when there is none. Processes that start
 * at once all get the one key that is then in the file. Errors as above. */
MUST_CHECK enum err signing_key_open(const char *path, EVP_PKEY **ret_key);

#endif
