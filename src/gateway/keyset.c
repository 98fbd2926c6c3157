#include "gateway/keyset.h"

#include "base/json.h"
#include "mint/jwk.h"

#include <stdlib.h>
#include <string.h>

struct keyset {
    struct {
        char *kid;
        EVP_PKEY *key;
    } keys[KEYSET_MAX];
    size_t count;
};

struct keyset *keyset_new(void)
{
    return calloc(1, sizeof(struct keyset));
}

void keyset_free(struct keyset *keyset)
{
    if (!keyset)
        return;
    for (size_t i = 0; i < keyset->count; i++) {
        free(keyset->keys[i].kid);
        EVP_PKEY_free(keyset->keys[i].key);
    }
    free(keyset);
}

enum err keyset_add(struct keyset *keyset, const char *kid, EVP_PKEY *key)
{
    if (keyset_find(keyset, kid))
        return ERR_CONFLICT;
    if (keyset->count == KEYSET_MAX)
        return ERR_TOO_LARGE;
    char *copy = strdup(kid);
    if (!copy || EVP_PKEY_up_ref(key) != 1) {
        free(copy);
        return ERR_NOMEM;
    }
    keyset->keys[keyset->count].kid = copy;
    keyset->keys[keyset->count++].key = key;
    return ERR_OK;
}

enum err keyset_add_all(struct keyset *keyset, const struct keyset *other)
{
    for (size_t i = 0; i < other->count; i++) {
        enum err err = keyset_add(keyset, other->keys[i].kid, other->keys[i].key);
        if (err && err != ERR_CONFLICT)
            return err;
    }
    return ERR_OK;
}

static enum err add_jwk(struct keyset *keyset, struct json_object *jwk, const char **ret_problem)
{
    const char *kid = NULL;
    EVP_PKEY *key = NULL;
    enum err err = jwk_parse(jwk, &kid, &key, ret_problem);
    if (err)
        return err;
    err = keyset_add(keyset, kid, key);
    if (err == ERR_CONFLICT)
        *ret_problem = "its kid is that of an earlier key";
    if (err == ERR_TOO_LARGE)
        *ret_problem = "there are more than 64 keys";
    EVP_PKEY_free(key);
    return err;
}

enum err keyset_add_jwks(struct keyset *keyset, const char *text, size_t len, struct buf *problem)
{
    AUTO_JSON struct json_object *document = NULL;
    const char *why = NULL;
    struct json_object *keys = NULL;
    if (json_parse_object(text, len, &document, &why) != ERR_OK) {
        buf_adds(problem, why);
        return ERR_INVALID;
    }
    if (!json_object_object_get_ex(document, "keys", &keys) ||
        !json_object_is_type(keys, json_type_array)) {
        buf_adds(problem, "has to be a JWKS document: {\"keys\": [...]}");
        return ERR_INVALID;
    }
    for (size_t i = 0; i < json_object_array_length(keys); i++) {
        enum err err = add_jwk(keyset, json_object_array_get_idx(keys, i), &why);
        if (err == ERR_NOMEM)
            return err;
        if (err) {
            buf_addf(problem, "key %zu: %s", i + 1, why);
            return ERR_INVALID;
        }
    }
    return ERR_OK;
}

EVP_PKEY *keyset_find(void *keyset, const char *kid)
{
    const struct keyset *set = keyset;
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->keys[i].kid, kid) == 0)
            return set->keys[i].key;
    return NULL;
}

struct json_object *keyset_to_json(const struct keyset *keyset)
{
    struct json_object *document = json_object_new_object();
    struct json_object *keys = json_object_new_array();
    json_object_object_add(document, "keys", keys);
    for (size_t i = 0; i < keyset->count; i++) {
        struct json_object *jwk = jwk_new(keyset->keys[i].kid, keyset->keys[i].key);
        if (!jwk || json_object_array_add(keys, jwk) != 0) {
            json_object_put(jwk);
            json_object_put(document);
            return NULL;
        }
    }
    return document;
}
