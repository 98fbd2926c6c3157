#include "gateway/metrics.h"

#include "gateway/routes.h"

static const char *mint_result(size_t index)
{
    static const char *const values[] = {
        [MINT_OK] = "ok", [MINT_REFUSED] = "refused", [MINT_FAILED] = "error", NULL};
    return values[index];
}

static const char *token_kind(size_t index)
{
    static const char *const values[] = {
        [TOKENS_PROMPT] = "prompt", [TOKENS_COMPLETION] = "completion", NULL};
    return values[index];
}

static const char *limit_name(size_t index)
{
    static const char *const values[] = {
        [REFUSED_MINUTE] = "requests_per_minute",
        [REFUSED_DAY_REQUESTS] = "requests_per_day",
        [REFUSED_DAY_TOKENS] = "tokens_per_day",
        [REFUSED_AT_ONCE] = "completions_at_once",
        [REFUSED_USER_AT_ONCE] = "user_at_once",
        [REFUSED_KEPT_BYTES] = "kept_bytes",
        NULL,
    };
    return values[index];
}

static const char *upstream_error(size_t index)
{
    static const char *const values[] = {
        [UPSTREAM_REFUSED] = "refused",
        [UPSTREAM_RATE_LIMITED] = "rate_limited",
        [UPSTREAM_TIMEOUT] = "timeout",
        [UPSTREAM_FAILED] = "failed",
        NULL,
    };
    return values[index];
}

const struct metric_row gateway_metric_rows[GATEWAY_METRIC_COUNT] = {
    HTTP_METRIC_ROWS(gateway_route_value),
    [METRIC_GATEWAY_MINTS] =
        {
            .name = "behest_gateway_mints_total",
            .help = "Tokens that applications asked for. refused: wrong key or wrong request.",
            .type = METRIC_COUNTER,
            .labels = {{"result", mint_result}},
        },
    [METRIC_GATEWAY_STREAMS] =
        {
            .name = "behest_gateway_streams",
            .help = "Replies that are being streamed now.",
            .type = METRIC_GAUGE,
        },
    [METRIC_GATEWAY_TOKENS] =
        {
            .name = "behest_gateway_tokens_total",
            .help = "Tokens counted against the tiers, as the model reports them or estimated.",
            .type = METRIC_COUNTER,
            .labels = {{"kind", token_kind}},
        },
    [METRIC_GATEWAY_REFUSALS] =
        {
            .name = "behest_gateway_refusals_total",
            .help = "Completions refused by a limit: one of the tier's, as many as are served at "
                    "once, in all or to one user, or what is kept for one user.",
            .type = METRIC_COUNTER,
            .labels = {{"limit", limit_name}},
        },
    [METRIC_GATEWAY_UPSTREAM_ERRORS] =
        {
            .name = "behest_gateway_upstream_errors_total",
            .help = "Completions that the model's server refused (the request, or for now) or that "
                    "failed there.",
            .type = METRIC_COUNTER,
            .labels = {{"error", upstream_error}},
        },
};
