/* The module behest: the one method that this program exists for, and one that says why it may be
 * of no use. */
#include "app/module_behest.h"

#include "app/methods.h"
#include "app/metrics.h"
#include "base/json.h"
#include "probe/preflight.h"

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

static void count_mint(const struct app *app, enum err err)
{
    metric_add(metrics_at(app->metrics, METRIC_MINTS),
               METRIC_AT(mint_mode_index(minter_mode(app->minter)), mint_result_index(err)), 1);
}

enum err mint_for_visitor(struct http_exchange *exchange, const struct visitor *visitor,
                          const char *session_id, struct json_object **ret_json)
{
    const struct app *app = exchange->app;
    char new_session_id[UUID_SIZE];
    if (session_id && !is_uuid(session_id)) {
        count_mint(app, ERR_INVALID);
        return http_fail(exchange, ERR_INVALID, "The session id must be a UUID");
    }
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
    count_mint(app, err);
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

static enum err page_origin(struct http_exchange *exchange, char ret_origin[static WEB_ORIGIN_SIZE])
{
    const struct app *app = exchange->app;
    const char *origin = app->config->site_origin;
    if (!origin)
        origin = http_param(&exchange->request, "HTTP_ORIGIN"); /* was compared with the Host */
    if (!origin || web_origin_of(origin, ret_origin) != ERR_OK)
        return http_fail(exchange, ERR_INVALID, "The origin of the page is not known");
    return ERR_OK;
}

static struct json_object *describe_finding(const struct preflight_finding *finding,
                                            const char *origin, const char *base_url)
{
    struct json_object *json = json_object_new_object();
    json_add_string(json, "verdict", preflight_code(finding->verdict));
    json_add_string(json, "message", buf_str(&finding->message));
    json_add_string(json, "advice", finding->advice.len ? finding->advice.data : NULL);
    json_add_string(json, "origin", origin);
    json_add_string(json, "gateway", base_url);
    json_add_string(json, "allowedOrigin",
                    *finding->allowed_origin ? finding->allowed_origin : NULL);
    return json;
}

enum err behest_check_gateway(struct method_call *call)
{
    struct app *app = call->app;
    const char *base_url = app->config->base_url;
    char origin[WEB_ORIGIN_SIZE];
    struct preflight_finding finding = {.verdict = PREFLIGHT_ALLOWED};
    enum err err = page_origin(call->exchange, origin);
    if (!err)
        err = gate_enter(&app->probes);
    if (err)
        return err;
    err = preflight_check(base_url, origin, &finding);
    gate_leave(&app->probes);
    if (!err) {
        call->exchange->log_detail = preflight_code(finding.verdict);
        call->result = describe_finding(&finding, origin, base_url);
    }
    preflight_finding_free(&finding);
    return err;
}
