/* The module behest: the one method that this program exists for. */
#include "app/module_behest.h"

#include "app/methods.h"
#include "base/json.h"

static struct json_object *describe(const struct mint_result *minted, const char *base_url)
{
    struct json_object *json = json_object_new_object();
    json_add_string(json, "token", buf_str(&minted->token));
    json_object_object_add(json, "ttl", json_object_new_int(minted->ttl));
    json_add_string(json, "sessionId", minted->session_id);
    json_object_object_add(json, "expiresAt", json_object_new_int64(minted->expires_at));
    json_add_string(json, "baseUrl", base_url);
    return json;
}

enum err mint_for_visitor(struct http_exchange *exchange, const struct visitor *visitor,
                          const char *session_id, struct json_object **ret_json)
{
    const struct app *app = exchange->app;
    char new_session_id[UUID_SIZE];
    if (session_id && !is_uuid(session_id))
        return http_fail(exchange, ERR_INVALID, "The session id must be a UUID");
    if (!session_id)
        uuid_v4(new_session_id);
    const struct mint_order order = {
        .user_id = visitor->session.user_id,
        .session_id = session_id ? session_id : new_session_id,
        .tier = visitor->session.tier ? visitor->session.tier : app->config->tier,
        .ttl = app->config->ttl,
    };
    struct mint_result minted;
    enum err err = minter_mint(app->minter, &order, &minted);
    exchange->log_detail = minted.operators;
    exchange->retry_after = minted.retry_after;
    if (!err)
        *ret_json = describe(&minted, app->config->base_url);
    mint_result_free(&minted);
    return err;
}

enum err behest_mint(struct method_call *call)
{
    return mint_for_visitor(call->exchange, &call->visitor, call->text[0], &call->result);
}
