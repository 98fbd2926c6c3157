/* The module _system.session: what a page asks first, and every half minute. */
#include "app/methods.h"
#include "base/json.h"
#include "store/users.h"

#include <string.h>

static void add_config(struct json_object *configs, const char *key, const char *type,
                       struct json_object *value)
{
    struct json_object *config = json_object_new_object();
    json_add_string(config, "key", key);
    json_add_string(config, "type", type);
    json_object_object_add(config, "value", value);
    json_object_object_add(configs, key, config);
}

static struct json_object *public_configs(const struct app_config *config)
{
    struct json_object *configs = json_object_new_object();
    add_config(configs, "_system.user.auth.email.enabled", "boolean", json_object_new_boolean(1));
    add_config(configs, "_system.user.auth.email.verification", "boolean",
               json_object_new_boolean(0));
    add_config(configs, "_system.user.auth.google.enabled", "boolean", json_object_new_boolean(0));
    add_config(configs, "_system.user.auth.github.enabled", "boolean", json_object_new_boolean(0));
    add_config(configs, "_system.site.url", "string",
               json_object_new_string(config->site_url ? config->site_url : ""));
    add_config(configs, "chat.signup", "string",
               json_object_new_string(config->signup_open ? "open" : "closed"));
    add_config(configs, "chat.upgradeUrl", "string", json_object_new_string(config->upgrade_url));
    add_config(configs, "chat.examples", "string", json_object_new_string(config->examples));
    return configs;
}

/* An anonymous visitor gets a token that names nothing, since Modelence's clients want one, and
 * leaves no row behind. */
static struct json_object *describe_session(const struct method_call *call)
{
    const struct visitor *visitor = &call->visitor;
    struct json_object *session = json_object_new_object();
    char token[SESSION_TOKEN_SIZE];
    char expires_at[CLOCK_ISO_SIZE];
    int64_t expires_at_ms = clock_now_ms(&call->app->clock) + SESSION_SECONDS * MS_PER_SECOND;
    session_token_new(token);
    if (visitor->signed_in) {
        memcpy(token, visitor->token, SESSION_TOKEN_SIZE - 1);
        expires_at_ms = visitor->session.expires_at_ms;
    }
    clock_format_iso(expires_at_ms, expires_at);
    json_add_string(session, "authToken", token);
    json_add_string(session, "expiresAt", expires_at);
    json_object_object_add(session, "userId",
                           visitor->signed_in ? json_object_new_string(visitor->session.user_id)
                                              : NULL);
    return session;
}

/* {"type":"object","props":{"session":{"type":"object","props":{"expiresAt":{"type":"date"}}}}} */
static struct json_object *session_type_map(void)
{
    static const char text[] = "{\"type\":\"object\",\"props\":{\"session\":{\"type\":\"object\","
                               "\"props\":{\"expiresAt\":{\"type\":\"date\"}}}}}";
    return json_tokener_parse(text);
}

enum err session_init(struct method_call *call)
{
    struct json_object *user = NULL;
    if (call->visitor.signed_in) {
        struct user found;
        enum err err = user_find(call->db, call->visitor.session.user_id, &found);
        if (!err)
            err = method_describe_user(call->db, &found, &user);
        if (err)
            return err;
    }
    call->result = json_object_new_object();
    json_object_object_add(call->result, "session", describe_session(call));
    json_object_object_add(call->result, "user", user);
    json_object_object_add(call->result, "configs", public_configs(call->app->config));
    call->type_map = session_type_map();
    return ERR_OK;
}

enum err session_heartbeat(struct method_call *call)
{
    struct visitor *visitor = &call->visitor;
    if (!visitor->signed_in)
        return ERR_OK;
    enum err err = session_slide(call->db, visitor->token, visitor->token_len,
                                 clock_now_ms(&call->app->clock), &visitor->session);
    if (!err)
        visitor_set_cookie(call->exchange, visitor->token, visitor->token_len);
    return err;
}
