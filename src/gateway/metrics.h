/* What behest-gateway counts. */
#ifndef BEHEST_GATEWAY_METRICS_H
#define BEHEST_GATEWAY_METRICS_H

#include "base/err.h"
#include "http/metrics.h"

enum gateway_metric {
    METRIC_GATEWAY_MINTS = HTTP_METRIC_COUNT,
    METRIC_GATEWAY_STREAMS,
    METRIC_GATEWAY_TOKENS,
    METRIC_GATEWAY_REFUSALS,
    METRIC_GATEWAY_UPSTREAM_ERRORS,
    GATEWAY_METRIC_COUNT,
};

/* The table of all of them. */
extern const struct metric_row gateway_metric_rows[GATEWAY_METRIC_COUNT];

/* The values of the label "result" of METRIC_GATEWAY_MINTS. */
enum { MINT_OK, MINT_REFUSED, MINT_FAILED };

/* The values of the label "kind" of METRIC_GATEWAY_TOKENS. */
enum { TOKENS_PROMPT, TOKENS_COMPLETION };

/* The values of the label "limit" of METRIC_GATEWAY_REFUSALS. */
enum {
    REFUSED_MINUTE,
    REFUSED_DAY_REQUESTS,
    REFUSED_DAY_TOKENS,
    REFUSED_AT_ONCE,
    REFUSED_USER_AT_ONCE,
    REFUSED_KEPT_BYTES
};

/* The values of the label "error" of METRIC_GATEWAY_UPSTREAM_ERRORS. */
enum { UPSTREAM_REFUSED, UPSTREAM_RATE_LIMITED, UPSTREAM_TIMEOUT, UPSTREAM_FAILED };

#endif
