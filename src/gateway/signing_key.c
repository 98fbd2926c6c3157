#include "gateway/signing_key.h"

#include "base/buf.h"
#include "base/file.h"
#include "mint/key.h"

#include <errno.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

enum { PEM_MAX_BYTES = 16 * 1024 };

enum err signing_key_read(const char *path, EVP_PKEY **ret_key)
{
    BUF_AUTO(pem, PEM_MAX_BYTES);
    enum err err = file_read(path, &pem);
    if (err == ERR_IO && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (err)
        return err == ERR_TOO_LARGE ? ERR_INVALID : err;
    return mint_key_from_pem(buf_str(&pem), pem.len, ret_key);
}

static enum err write_key(const char *path, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    enum err err = ERR_NOMEM;
    if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        char *pem = NULL;
        long len = BIO_get_mem_data(bio, &pem);
        err = file_create(path, pem, (size_t)len);
    }
    BIO_free(bio);
    return err;
}

enum err signing_key_open(const char *path, EVP_PKEY **ret_key)
{
    enum err err = signing_key_read(path, ret_key);
    if (err != ERR_NOT_FOUND)
        return err;
    EVP_PKEY *key = EVP_RSA_gen(SIGNING_KEY_BITS);
    if (!key)
        return ERR_NOMEM;
    err = write_key(path, key);
    EVP_PKEY_free(key);
    /* ERR_CONFLICT: another process was faster, and its key is the one. */
    return err && err != ERR_CONFLICT ? err : signing_key_read(path, ret_key);
}
