#include "gateway/handlers.h"

#include "base/json.h"
#include "gateway/app.h"

enum err gateway_handle_jwks(struct http_exchange *exchange)
{
    const struct gateway *gateway = exchange->app;
    AUTO_JSON struct json_object *keys = keyset_to_json(gateway->keys);
    if (!keys)
        return ERR_NOMEM;
    http_response_header(&exchange->response, "Cache-Control", "public, max-age=300");
    http_response_json(&exchange->response, 200, keys);
    return ERR_OK;
}
