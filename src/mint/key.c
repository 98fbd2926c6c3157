#include "mint/key.h"

#include "base/buf.h"
#include "base/encode.h"
#include "base/secret.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

enum { PEM_MAX_BYTES = 16 * 1024 };

static const char api_key_prefix[] = "behest_sk_live_";
static const char signing_key_prefix[] = "behest_pk_";

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Without this, OpenSSL would ask for a pass phrase on the terminal. Its type is OpenSSL's
 * pem_password_cb. */
/* NOLINTNEXTLINE(readability-non-const-parameter) */
static int no_pass_phrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

enum err mint_key_from_pem(const char *pem, size_t len, EVP_PKEY **ret_rsa)
{
    if (len > INT_MAX)
        return ERR_INVALID;
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    if (!bio)
        return ERR_NOMEM;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL);
    BIO_free(bio);
    ERR_clear_error();
    if (!key)
        return ERR_INVALID;
    if (!EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_get_bits(key) < MINT_KEY_MIN_BITS) {
        EVP_PKEY_free(key);
        return ERR_INVALID;
    }
    *ret_rsa = key;
    return ERR_OK;
}

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (!isgraph((unsigned char)*text))
            return false;
    return true;
}

static enum err parse_signing_key(const char *text, EVP_PKEY **ret_rsa)
{
    if (has_prefix(text, "-----BEGIN"))
        return mint_key_from_pem(text, strlen(text), ret_rsa);
    BUF_AUTO(pem, PEM_MAX_BYTES);
    enum err err = decode_base64(text, &pem);
    if (err)
        return err;
    return mint_key_from_pem(buf_str(&pem), pem.len, ret_rsa);
}

enum err mint_key_parse(const char *text, struct mint_key *ret_key, const char **ret_problem)
{
    struct mint_key key = {0};
    if (has_prefix(text, api_key_prefix)) {
        if (strlen(text) == strlen(api_key_prefix) || !is_printable(text)) {
            *ret_problem = "begins with behest_sk_live_, but is not a whole key: copy it again";
            return ERR_INVALID;
        }
        key.api_key = secret_new(text, strlen(text));
        if (!key.api_key)
            return ERR_NOMEM;
    } else {
        size_t skip = has_prefix(text, signing_key_prefix) ? strlen(signing_key_prefix) : 0;
        enum err err = parse_signing_key(text + skip, &key.rsa);
        if (err) {
            *ret_problem = "must be an API key (behest_sk_live_...), or a signing key: behest_pk_ "
                           "and a PEM or its "
                           "base64, or the base64 of a PEM (RSA private key of at least 2048 bits, "
                           "PKCS#8 or PKCS#1, not encrypted)";
            return err == ERR_NOMEM ? err : ERR_INVALID;
        }
    }
    *ret_key = key;
    return ERR_OK;
}

void mint_key_free(struct mint_key *key)
{
    secret_free(key->api_key);
    EVP_PKEY_free(key->rsa);
    *key = (struct mint_key){0};
}
