#include "mint/jwt.h"

#include "base/encode.h"
#include "base/json.h"

#include <string.h>

enum {
    SIGNATURE_MAX_BYTES = 1024,
    COMPACT = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE
};

static enum err sign_rs256(EVP_PKEY *key, const struct buf *input, unsigned char *signature,
                           size_t *len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context)
        return ERR_NOMEM;
    bool signed_ok = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                     EVP_DigestSign(context, signature, len, (const unsigned char *)input->data,
                                    input->len) == 1;
    EVP_MD_CTX_free(context);
    return signed_ok ? ERR_OK : ERR_NOMEM;
}

static enum err verify_rs256(EVP_PKEY *key, const char *input, size_t input_len,
                             const struct buf *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context)
        return ERR_NOMEM;
    bool valid = EVP_PKEY_is_a(key, "RSA") &&
                 EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                 EVP_DigestVerify(context, (const unsigned char *)buf_str(signature),
                                  signature->len, (const unsigned char *)input, input_len) == 1;
    EVP_MD_CTX_free(context);
    return valid ? ERR_OK : ERR_UNAUTHENTICATED;
}

enum err jwt_header(const char *kid, struct buf *header_base64)
{
    AUTO_JSON struct json_object *header = json_object_new_object();
    json_add_string(header, "alg", "RS256");
    json_add_string(header, "typ", "JWT");
    json_add_string(header, "kid", kid);
    const char *text = json_object_to_json_string_ext(header, COMPACT);
    encode_base64url(header_base64, text, strlen(text));
    return buf_err(header_base64);
}

enum err jwt_sign(EVP_PKEY *key, const char *header_base64, struct json_object *claims,
                  struct buf *token)
{
    const char *payload = json_object_to_json_string_ext(claims, COMPACT);
    BUF_AUTO(input, JWT_MAX_BYTES);
    buf_addf(&input, "%s.", header_base64);
    encode_base64url(&input, payload, strlen(payload));
    unsigned char signature[SIGNATURE_MAX_BYTES];
    size_t len = sizeof signature;
    enum err err = buf_err(&input);
    if (!err)
        err = sign_rs256(key, &input, signature, &len);
    if (err)
        return err;
    buf_adds(&input, ".");
    encode_base64url(&input, signature, len);
    if (buf_err(&input))
        return buf_err(&input);
    buf_add(token, input.data, input.len);
    return buf_err(token);
}

/* Decodes one part of a token that is a JSON object. */
static enum err decode_part(const char *text, size_t len, struct json_object **ret_object)
{
    BUF_AUTO(json, JWT_MAX_BYTES);
    const char *problem;
    enum err err = decode_base64url(text, len, &json);
    if (!err)
        err = json_parse_object(buf_str(&json), json.len, ret_object, &problem);
    return err ? ERR_UNAUTHENTICATED : ERR_OK;
}

/* The algorithm is not the token's to choose: anything but RS256 is refused, and so are critical
 * extensions (RFC 7515 section 4.1.11), of which none is known here. */
static enum err find_key(struct json_object *header, jwt_key_finder *find, void *context,
                         EVP_PKEY **ret_key)
{
    const char *algorithm;
    const char *kid;
    if (json_get_string(header, "alg", &algorithm) != ERR_OK || strcmp(algorithm, "RS256") != 0 ||
        json_get_string(header, "kid", &kid) != ERR_OK ||
        json_object_object_get_ex(header, "crit", NULL))
        return ERR_UNAUTHENTICATED;
    *ret_key = find(context, kid);
    return *ret_key ? ERR_OK : ERR_UNAUTHENTICATED;
}

enum err jwt_verify(const char *token, jwt_key_finder *find, void *context,
                    struct json_object **ret_claims)
{
    const char *first = strchr(token, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || strlen(token) > JWT_MAX_BYTES)
        return ERR_UNAUTHENTICATED;
    AUTO_JSON struct json_object *header = NULL;
    BUF_AUTO(signature, SIGNATURE_MAX_BYTES);
    EVP_PKEY *key = NULL;
    enum err err = decode_part(token, (size_t)(first - token), &header);
    if (!err)
        err = find_key(header, find, context, &key);
    if (!err && decode_base64url(second + 1, strlen(second + 1), &signature) != ERR_OK)
        err = ERR_UNAUTHENTICATED;
    if (!err)
        err = verify_rs256(key, token, (size_t)(second - token), &signature);
    if (!err)
        err = decode_part(first + 1, (size_t)(second - first - 1), ret_claims);
    return err;
}
