/* behest-admin keygen */
#include "admin/groups.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "mint/jwk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>

enum {
    KEY_BITS = 2048,
    PEM_MAX_BYTES = 4096,
    SETTINGS_MAX_BYTES = 8192,
    COMPACT = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
};

static const char key_prefix[] = "behest_pk_";

/* A pair in the forms in which it is handed out. */
struct key_pair {
    char *key; /* the value of BEHEST_KEY, from locked memory */
    char kid[JWK_THUMBPRINT_SIZE];
    struct buf pem;          /* public */
    struct json_object *jwk; /* public */
};

static void key_pair_free(struct key_pair *pair)
{
    secret_free(pair->key);
    buf_free(&pair->pem);
    json_object_put(pair->jwk);
}

/* behest_pk_ and the base64 of the PEM, on one line. */
static enum err encode_private(EVP_PKEY *rsa, char **ret_key)
{
    enum err err = ERR_NOMEM;
    BIO *bio = BIO_new(BIO_s_secmem());
    if (bio && PEM_write_bio_PKCS8PrivateKey(bio, rsa, NULL, NULL, 0, NULL, NULL) == 1) {
        char *pem = NULL;
        size_t len = (size_t)BIO_get_mem_data(bio, &pem);
        size_t prefix_len = sizeof key_prefix - 1;
        size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
        char *key = sodium_malloc(prefix_len + size);
        if (key) {
            memcpy(key, key_prefix, prefix_len);
            sodium_bin2base64(key + prefix_len, size, (unsigned char *)pem, len,
                              sodium_base64_VARIANT_ORIGINAL);
            *ret_key = key;
            err = ERR_OK;
        }
    }
    BIO_free(bio);
    return err;
}

static enum err encode_public(EVP_PKEY *rsa, struct buf *pem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio && PEM_write_bio_PUBKEY(bio, rsa) == 1) {
        char *data = NULL;
        size_t len = (size_t)BIO_get_mem_data(bio, &data);
        buf_add(pem, data, len);
    }
    BIO_free(bio);
    return pem->len ? buf_err(pem) : ERR_NOMEM;
}

/* The key id is the key's thumbprint: the same key always has the same. */
static enum err make_jwk(const EVP_PKEY *rsa, struct key_pair *pair)
{
    enum err err = jwk_thumbprint(rsa, pair->kid);
    if (!err)
        pair->jwk = jwk_new(pair->kid, rsa);
    return err || pair->jwk ? err : ERR_NOMEM;
}

static enum err generate(struct key_pair *pair)
{
    EVP_PKEY *rsa = EVP_RSA_gen(KEY_BITS);
    enum err err = rsa ? encode_private(rsa, &pair->key) : ERR_NOMEM;
    if (!err)
        err = encode_public(rsa, &pair->pem);
    if (!err)
        err = make_jwk(rsa, pair);
    EVP_PKEY_free(rsa);
    return err;
}

static struct json_object *make_jwks(const struct key_pair *pair)
{
    struct json_object *keys = json_object_new_array();
    json_object_array_add(keys, json_object_get(pair->jwk));
    struct json_object *jwks = json_object_new_object();
    json_object_object_add(jwks, "keys", keys);
    return jwks;
}

static int write_settings(const struct key_pair *pair, const char *path)
{
    BUF_AUTO(settings, SETTINGS_MAX_BYTES);
    buf_addf(&settings, "BEHEST_KEY=%s\nBEHEST_KID=%s\n", pair->key, pair->kid);
    enum err err = buf_err(&settings);
    if (!err)
        err = file_create(path, settings.data, settings.len);
    if (err == ERR_CONFLICT)
        return admin_fail("%s exists already and was left as it is; name a new file", path);
    if (err == ERR_IO)
        return admin_fail("cannot write %s: %s", path, strerror(errno));
    return err ? admin_fail_err(err) : ADMIN_OK;
}

static void print_json(const struct output *output, const struct key_pair *pair, const char *path)
{
    AUTO_JSON struct json_object *result = json_object_new_object();
    json_add_string(result, "file", path);
    json_add_string(result, "BEHEST_KEY", path ? NULL : pair->key);
    json_add_string(result, "BEHEST_KID", pair->kid);
    json_object_object_add(result, "jwk", json_object_get(pair->jwk));
    json_object_object_add(result, "jwks", make_jwks(pair));
    json_add_string(result, "pem", buf_str(&pair->pem));
    output_record(output, NULL, result);
}

static void print_text(FILE *file, const struct key_pair *pair, const char *path)
{
    AUTO_JSON struct json_object *jwks = make_jwks(pair);
    fputs("# Settings of behest-fcgi, besides BEHEST_TENANT_ID and BEHEST_PROJECT_ID. Whoever has\n"
          "# BEHEST_KEY can sign tokens for everybody: keep it secret.\n",
          file);
    if (path)
        fprintf(file, "# They are in %s, to be used with --env-file.\n", path);
    else
        fprintf(file, "BEHEST_KEY=%s\nBEHEST_KID=%s\n", pair->key, pair->kid);
    fprintf(file,
            "\n# What to register with the gateway, as the form in which it asks for it.\n"
            "# Key id: %s\n\n# JWKS (the content of the file that GATEWAY_JWKS names):\n%s\n\n"
            "# The public key alone, as a PEM:\n%s",
            pair->kid, json_object_to_json_string_ext(jwks, COMPACT), buf_str(&pair->pem));
}

int keygen_command(struct admin *admin)
{
    const char *path = admin->arguments.options[OPTION_OUT];
    struct key_pair pair = {.pem = BUF_MAX(PEM_MAX_BYTES)};
    int code = ADMIN_OK;
    if (generate(&pair) != ERR_OK)
        code = admin_fail("the key could not be generated");
    if (!code && path)
        code = write_settings(&pair, path);
    if (!code && admin->output.json)
        print_json(&admin->output, &pair, path);
    else if (!code)
        print_text(admin->output.file, &pair, path);
    key_pair_free(&pair);
    return code;
}
