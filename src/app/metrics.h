/* What behest-fcgi counts. */
#ifndef BEHEST_APP_METRICS_H
#define BEHEST_APP_METRICS_H

#include "base/err.h"
#include "http/metrics.h"

enum app_metric {
    METRIC_METHOD_CALLS = HTTP_METRIC_COUNT,
    METRIC_METHOD_DURATION,
    METRIC_MINTS,
    METRIC_SIGNINS,
    METRIC_SIGNUPS,
    APP_METRIC_COUNT,
};

/* The table of all of them. */
extern const struct metric_row app_metric_rows[APP_METRIC_COUNT];

/* What minter_mode() says, as the index of a label's value. */
size_t mint_mode_index(const char *mode);

/* Which result an error is, likewise. */
size_t mint_result_index(enum err err);
size_t signin_result_index(enum err err);
size_t signup_result_index(enum err err);

#endif
