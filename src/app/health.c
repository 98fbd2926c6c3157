/* GET /healthz: whether this process can serve, for whoever watches it. */
#include "app/app.h"
#include "app/handlers.h"

enum err app_health(struct http_exchange *exchange)
{
    const struct app *app = exchange->app;
    enum err err = db_pool_check_writable(app->pool);
    if (err)
        return err;
    http_response_header(&exchange->response, "Cache-Control", "no-store");
    http_response_text(&exchange->response, 200, "ok\n");
    return ERR_OK;
}
