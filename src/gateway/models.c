#include "gateway/handlers.h"

#include "base/json.h"
#include "gateway/app.h"
#include "gateway/completion.h"
#include "gateway/errors.h"
#include "gateway/upstream.h"

enum { LIST_MAX_BYTES = 1 << 20, TIMEOUT_MS = 10 * 1000 };

static void answer_one(struct http_exchange *exchange, const char *id)
{
    AUTO_JSON struct json_object *list = json_object_new_object();
    struct json_object *models = json_object_new_array();
    struct json_object *model = json_object_new_object();
    json_add_string(model, "id", id);
    json_add_string(model, "object", "model");
    json_object_object_add(model, "created", json_object_new_int(0));
    json_add_string(model, "owned_by", "behest-gateway");
    json_object_array_add(models, model);
    json_add_string(list, "object", "list");
    json_object_object_add(list, "data", models);
    http_response_json(&exchange->response, 200, list);
}

static enum err receive(void *context, const char *content_type, const char *data, size_t len)
{
    struct buf *list = context;
    (void)content_type;
    buf_add(list, data, len);
    return buf_err(list) == ERR_TOO_LARGE ? ERR_UPSTREAM : buf_err(list);
}

/* The upstream's own list, when the settings do not say which model there is. */
static enum err answer_from_upstream(struct http_exchange *exchange)
{
    const struct gateway *gateway = exchange->app;
    const struct http_transport *transport = exchange->response.transport;
    BUF_AUTO(list, LIST_MAX_BYTES);
    const struct upstream_call call = {
        .path = "/models",
        .timeout_ms = TIMEOUT_MS,
        .watch_fd = transport->watch_fd(transport->context),
        .receive = receive,
        .context = &list,
    };
    struct upstream_failure failure;
    enum err err = upstream_perform(gateway->upstream, &call, &failure);
    if (err)
        err = gateway_upstream_failed(exchange, err, &failure);
    upstream_failure_free(&failure);
    if (err)
        return err;
    AUTO_JSON struct json_object *json = NULL;
    const char *problem;
    if (json_parse_object(buf_str(&list), list.len, &json, &problem) != ERR_OK) {
        exchange->log_detail = "upstream: the list of models is not JSON";
        return ERR_UPSTREAM;
    }
    http_response_json(&exchange->response, 200, json);
    return ERR_OK;
}

/* As completions do, it holds a worker while the upstream thinks. */
static enum err answer_in_a_place(struct http_exchange *exchange, const struct gateway_user *user)
{
    struct gateway *gateway = exchange->app;
    enum err err = gateway_take_place(exchange, user);
    if (err)
        return err;
    err = answer_from_upstream(exchange);
    places_leave(gateway->places, user);
    return err;
}

enum err gateway_handle_models(struct http_exchange *exchange)
{
    const struct gateway *gateway = exchange->app;
    struct gateway_user user;
    enum err err = gateway_require_user(exchange, &user);
    if (err)
        return err;
    if (gateway->upstream && !gateway->config->model) {
        err = answer_in_a_place(exchange, &user);
        if (err)
            return err;
    } else {
        answer_one(exchange, gateway->config->model ? gateway->config->model : DEMO_MODEL_NAME);
    }
    http_response_header(&exchange->response, "Cache-Control", "no-store");
    return ERR_OK;
}
