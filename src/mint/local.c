/* Minting by signing here. */
#include "mint/minter.h"

#include "base/clock.h"
#include "base/json.h"
#include "mint/jwt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MAX_BYTES = 512 };

struct local_minter {
    struct minter minter;
    struct mint_key key;
    struct buf header; /* encoded once */
    char *tenant_id;
    char *project_id;
    char *issuer;
    char *audience;
};

/* In the order in which Behest's own SDK writes them. */
static struct json_object *make_claims(const struct local_minter *local,
                                       const struct mint_order *order, int64_t now)
{
    char jti[UUID_SIZE];
    uuid_v4(jti);
    struct json_object *claims = json_object_new_object();
    json_add_string(claims, "tid", local->tenant_id);
    json_add_string(claims, "pid", local->project_id);
    json_add_string(claims, "uid", order->user_id);
    json_add_string(claims, "role", "user");
    json_object_object_add(claims, "scp", json_object_new_array());
    json_add_string(claims, "iss", local->issuer);
    json_add_string(claims, "aud", local->audience);
    json_object_object_add(claims, "iat", json_object_new_int64(now));
    json_object_object_add(claims, "nbf", json_object_new_int64(now));
    json_object_object_add(claims, "exp", json_object_new_int64(now + order->ttl));
    json_add_string(claims, "jti", jti);
    json_add_string(claims, "sid", order->session_id);
    if (order->tier)
        json_object_object_add(claims, "tier", json_object_new_int(order->tier));
    return claims;
}

static enum err local_mint(struct minter *minter, const struct mint_order *order,
                           struct mint_result *result)
{
    const struct local_minter *local = (const struct local_minter *)minter;
    int64_t now = clock_now_ms(NULL) / MS_PER_SECOND;
    result->ttl = order->ttl;
    result->expires_at = now + order->ttl;
    snprintf(result->session_id, sizeof result->session_id, "%s", order->session_id);
    AUTO_JSON struct json_object *claims = make_claims(local, order, now);
    enum err err = jwt_sign(local->key.rsa, buf_str(&local->header), claims, &result->token);
    if (err)
        result->operators = "the token could not be signed";
    return err;
}

static void local_free(struct minter *minter)
{
    struct local_minter *local = (struct local_minter *)minter;
    mint_key_free(&local->key);
    buf_free(&local->header);
    free(local->tenant_id);
    free(local->project_id);
    free(local->issuer);
    free(local->audience);
    free(local);
}

static const struct minter_ops local_ops = {
    .mode = "local", .mint = local_mint, .free = local_free};

enum err mint_local_new(struct mint_key *key, const struct mint_local_config *config,
                        struct minter **ret_minter)
{
    struct local_minter *local = calloc(1, sizeof *local);
    if (!local)
        return ERR_NOMEM;
    local->minter.ops = &local_ops;
    local->header = BUF_MAX(HEADER_MAX_BYTES);
    local->tenant_id = strdup(config->tenant_id);
    local->project_id = strdup(config->project_id);
    local->issuer = strdup(config->issuer);
    local->audience = strdup(config->audience);
    enum err err = jwt_header(config->kid, &local->header);
    if (!local->tenant_id || !local->project_id || !local->issuer || !local->audience)
        err = ERR_NOMEM;
    if (err) {
        local_free(&local->minter);
        return err;
    }
    local->key = *key;
    *key = (struct mint_key){0};
    *ret_minter = &local->minter;
    return ERR_OK;
}
