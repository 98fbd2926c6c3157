/* Keys, made anew for each run of a test program. */
#ifndef BEHEST_TESTS_SUPPORT_KEYS_H
#define BEHEST_TESTS_SUPPORT_KEYS_H

#include "support.h"

#include "base/buf.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>

enum { PEM_MAX = 16 * 1024 };

struct keys {
    EVP_PKEY *rsa;
    EVP_PKEY *other_rsa;
    EVP_PKEY *ec;
};

static inline int keys_make(void **state)
{
    struct keys *keys = calloc(1, sizeof *keys);
    assert_non_null(keys);
    assert_true(sodium_init() >= 0);
    keys->rsa = EVP_RSA_gen(2048);
    keys->other_rsa = EVP_RSA_gen(2048);
    keys->ec = EVP_EC_gen("P-256");
    assert_true(keys->rsa && keys->other_rsa && keys->ec);
    *state = keys;
    return 0;
}

static inline int keys_free(void **state)
{
    struct keys *keys = *state;
    EVP_PKEY_free(keys->rsa);
    EVP_PKEY_free(keys->other_rsa);
    EVP_PKEY_free(keys->ec);
    free(keys);
    return 0;
}

/* Adds what was written to bio, and frees it. */
static inline void keys_take(BIO *bio, struct buf *out)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    assert_true(len > 0);
    buf_add(out, data, (size_t)len);
    assert_int_equal(buf_err(out), ERR_OK);
    BIO_free(bio);
}

/* PKCS#8, encrypted when there is a pass phrase. */
static inline void keys_pkcs8(EVP_PKEY *key, const char *pass_phrase, struct buf *pem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const EVP_CIPHER *cipher = pass_phrase ? EVP_aes_128_cbc() : NULL;
    int len = pass_phrase ? (int)strlen(pass_phrase) : 0;
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, pass_phrase, len, NULL, NULL),
                     1);
    keys_take(bio, pem);
}

/* PKCS#1 for an RSA key, SEC1 for one on an elliptic curve. */
static inline void keys_traditional(EVP_PKEY *key, const char *pass_phrase, struct buf *pem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const EVP_CIPHER *cipher = pass_phrase ? EVP_aes_128_cbc() : NULL;
    int len = pass_phrase ? (int)strlen(pass_phrase) : 0;
    assert_int_equal(PEM_write_bio_PrivateKey_traditional(
                         bio, key, cipher, (const unsigned char *)pass_phrase, len, NULL, NULL),
                     1);
    keys_take(bio, pem);
}

static inline void keys_public(EVP_PKEY *key, struct buf *pem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
    keys_take(bio, pem);
}

/* Adds base64 with padding, broken into lines of that many characters; 0: one line. */
static inline void keys_base64(const struct buf *data, size_t line_length, struct buf *out)
{
    char *text = malloc(data->len * 2 + 8);
    assert_non_null(text);
    int len = EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)buf_str(data),
                              (int)data->len);
    for (size_t at = 0; at < (size_t)len; at += line_length ? line_length : (size_t)len) {
        size_t left = (size_t)len - at;
        buf_add(out, text + at, line_length && line_length < left ? line_length : left);
        if (line_length)
            buf_adds(out, "\n");
    }
    free(text);
    assert_int_equal(buf_err(out), ERR_OK);
}

#endif
