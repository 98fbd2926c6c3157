#include "gateway/token.h"

#include "base/encode.h"
#include "base/json.h"
#include "gateway/tiers.h"
#include "mint/jwt.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char generic_problem[] = "The token is not valid here";

bool is_name(const char *text)
{
    long length = utf8_length(text, strlen(text));
    return length > 0 && length <= NAME_MAX_CHARACTERS &&
           !has_control_characters(text, strlen(text));
}

static bool claim_is(struct json_object *claims, const char *name, const char *expected)
{
    const char *text;
    return json_get_string(claims, name, &text) == ERR_OK && strcmp(text, expected) == 0;
}

static bool audience_holds(struct json_object *claims, const char *expected)
{
    struct json_object *audience = NULL;
    if (!json_object_object_get_ex(claims, "aud", &audience))
        return false;
    if (!json_object_is_type(audience, json_type_array))
        return claim_is(claims, "aud", expected);
    for (size_t i = 0; i < json_object_array_length(audience); i++) {
        struct json_object *one = json_object_array_get_idx(audience, i);
        if (json_object_is_type(one, json_type_string) &&
            strcmp(json_object_get_string(one), expected) == 0)
            return true;
    }
    return false;
}

/* A time that has to be past, if there is one. */
static bool is_past(struct json_object *claims, const char *name, int64_t now)
{
    int64_t time;
    enum err err = json_get_integer(claims, name, &time);
    return err == ERR_NOT_FOUND || (!err && time <= now + TOKEN_LEEWAY);
}

static bool is_alive(struct json_object *claims, int64_t now)
{
    int64_t expires;
    return json_get_integer(claims, "exp", &expires) == ERR_OK && now < expires;
}

static bool copy_name(struct json_object *claims, const char *name, bool required,
                      char ret_text[static NAME_SIZE])
{
    const char *text = "";
    enum err err = json_get_string(claims, name, &text);
    if (err == ERR_INVALID || (err && required) || (!err && !is_name(text)))
        return false;
    snprintf(ret_text, NAME_SIZE, "%s", text);
    return true;
}

static bool copy_tier(struct json_object *claims, int *ret_tier)
{
    int64_t tier = 1;
    enum err err = json_get_integer(claims, "tier", &tier);
    if (err == ERR_INVALID || tier < 1 || tier > TIER_NUMBER_MAX)
        return false;
    *ret_tier = (int)tier;
    return true;
}

/* What is wrong, for the operator; NULL when nothing is. */
static const char *check_claims(struct json_object *claims, const struct token_rules *rules,
                                struct gateway_user *user)
{
    if (!claim_is(claims, "iss", rules->issuer))
        return "token: iss is not GATEWAY_ISSUER";
    if (!audience_holds(claims, rules->audience))
        return "token: aud is not GATEWAY_AUDIENCE";
    if (!is_past(claims, "nbf", rules->now) || !is_past(claims, "iat", rules->now))
        return "token: nbf or iat is in the future; compare the clocks";
    if (!claim_is(claims, "role", "user"))
        return "token: role is not user";
    if (!copy_name(claims, "uid", true, user->uid))
        return "token: uid is missing or not valid";
    if (!copy_name(claims, "pid", false, user->pid) || !copy_name(claims, "sid", false, user->sid))
        return "token: pid or sid is not valid";
    if (!copy_tier(claims, &user->tier))
        return "token: tier is not valid";
    return NULL;
}

enum err token_verify(const char *token, struct keyset *keys, const struct token_rules *rules,
                      struct gateway_user *ret_user, const char **ret_problem,
                      const char **ret_detail)
{
    AUTO_JSON struct json_object *claims = NULL;
    enum err err = jwt_verify(token, keyset_find, keys, &claims);
    *ret_problem = generic_problem;
    *ret_detail = "token: form, key id or signature";
    if (err)
        return err;
    if (!is_alive(claims, rules->now)) {
        *ret_problem = "The token has expired";
        *ret_detail = "token: expired";
        return ERR_UNAUTHENTICATED;
    }
    struct gateway_user user = {.tier = 1};
    const char *detail = check_claims(claims, rules, &user);
    if (detail) {
        *ret_detail = detail;
        return ERR_UNAUTHENTICATED;
    }
    *ret_user = user;
    return ERR_OK;
}
