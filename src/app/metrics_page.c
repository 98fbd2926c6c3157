/* GET /metrics: what this process has counted, for whoever the settings let read it. */
#include "app/app.h"
#include "app/handlers.h"
#include "http/metrics.h"

enum err app_metrics(struct http_exchange *exchange)
{
    const struct app *app = exchange->app;
    if (!metrics_may_read(&exchange->request, &app->config->metrics))
        return app_file(exchange); /* as if this route were not there */
    return metrics_answer(app->metrics, &exchange->response);
}
