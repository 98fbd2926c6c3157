#include "gateway/app.h"
#include "gateway/handlers.h"
#include "http/metrics.h"

enum err gateway_handle_metrics(struct http_exchange *exchange)
{
    const struct gateway *gateway = exchange->app;
    bool reads = exchange->request.verb & (HTTP_GET | HTTP_HEAD);
    if (!reads || !metrics_may_read(&exchange->request, &gateway->config->metrics))
        return ERR_NOT_FOUND; /* as if this route were not there */
    return metrics_answer(gateway->metrics, &exchange->response);
}
