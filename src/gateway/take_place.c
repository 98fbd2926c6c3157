#include "gateway/handlers.h"

#include "gateway/app.h"
#include "gateway/metrics.h"

enum { RETRY_AFTER = 2 };

enum err gateway_take_place(struct http_exchange *exchange, const struct gateway_user *user)
{
    struct gateway *gateway = exchange->app;
    enum err err = places_take(gateway->places, user);
    if (!err)
        return ERR_OK;
    size_t limit = err == ERR_RATE_LIMITED ? REFUSED_USER_AT_ONCE : REFUSED_AT_ONCE;
    metric_add(metrics_at(gateway->metrics, METRIC_GATEWAY_REFUSALS), METRIC_AT(limit), 1);
    exchange->retry_after = RETRY_AFTER;
    if (err == ERR_RATE_LIMITED)
        return http_fail(exchange, err, "You have too many answers under way at once.");
    exchange->log_detail = "too many completions at once; see --threads";
    return err;
}
