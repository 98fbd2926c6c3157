#include "app/metrics.h"

#include "app/methods.h"
#include "app/routes.h"

#include <string.h>

/* How the result of an action is called; the last row of a table is for all other errors. */
struct result {
    enum err err;
    const char *name;
};

static const struct result mint_results[] = {
    {ERR_OK, "ok"},           {ERR_RATE_LIMITED, "rate_limited"},
    {ERR_QUOTA, "quota"},     {ERR_OVERLOADED, "overloaded"},
    {ERR_TIMEOUT, "timeout"}, {ERR_UPSTREAM, "upstream"},
    {ERR_INVALID, "invalid"}, {ERR_COUNT, "error"},
};

static const struct result signin_results[] = {
    {ERR_OK, "ok"},
    {ERR_UNAUTHENTICATED, "wrong_password"},
    {ERR_FORBIDDEN, "disabled"},
    {ERR_RATE_LIMITED, "rate_limited"},
    {ERR_OVERLOADED, "overloaded"},
    {ERR_INVALID, "invalid"},
    {ERR_COUNT, "error"},
};

static const struct result signup_results[] = {
    {ERR_OK, "ok"},
    {ERR_CONFLICT, "taken"},
    {ERR_FORBIDDEN, "closed"},
    {ERR_RATE_LIMITED, "rate_limited"},
    {ERR_OVERLOADED, "overloaded"},
    {ERR_INVALID, "invalid"},
    {ERR_COUNT, "error"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static size_t find(const struct result *results, size_t count, enum err err)
{
    size_t i = 0;
    while (i + 1 < count && results[i].err != err)
        i++;
    return i;
}

size_t mint_result_index(enum err err)
{
    return find(mint_results, COUNT(mint_results), err);
}

size_t signin_result_index(enum err err)
{
    return find(signin_results, COUNT(signin_results), err);
}

size_t signup_result_index(enum err err)
{
    return find(signup_results, COUNT(signup_results), err);
}

static const char *mint_result_value(size_t index)
{
    return index < COUNT(mint_results) ? mint_results[index].name : NULL;
}

static const char *signin_result_value(size_t index)
{
    return index < COUNT(signin_results) ? signin_results[index].name : NULL;
}

static const char *signup_result_value(size_t index)
{
    return index < COUNT(signup_results) ? signup_results[index].name : NULL;
}

static const char *const mint_modes[] = {"local", "remote", NULL};

size_t mint_mode_index(const char *mode)
{
    size_t i = 0;
    while (mint_modes[i] && strcmp(mint_modes[i], mode) != 0)
        i++;
    return i;
}

static const char *mint_mode_value(size_t index)
{
    return mint_modes[index];
}

const struct metric_row app_metric_rows[APP_METRIC_COUNT] = {
    HTTP_METRIC_ROWS(app_route_value),
    [METRIC_METHOD_CALLS] =
        {
            .name = "behest_method_calls_total",
            .help = "Calls of the page's methods, by the status of the answer.",
            .type = METRIC_COUNTER,
            .labels = {{"method", app_method_value}, {"status", http_status_value}},
        },
    [METRIC_METHOD_DURATION] =
        {
            .name = "behest_method_duration_seconds",
            .help = "How long calls of the page's methods took.",
            .type = METRIC_HISTOGRAM,
            .unit = METRIC_MICROSECOND,
            .labels = {{"method", app_method_value}},
            .bounds = http_duration_bounds,
        },
    [METRIC_MINTS] =
        {
            .name = "behest_mints_total",
            .help = "Tokens asked for by people who are signed in.",
            .type = METRIC_COUNTER,
            .labels = {{"mode", mint_mode_value}, {"result", mint_result_value}},
        },
    [METRIC_SIGNINS] =
        {
            .name = "behest_signins_total",
            .help = "Tries to sign in. wrong_password: of an unknown address, too.",
            .type = METRIC_COUNTER,
            .labels = {{"result", signin_result_value}},
        },
    [METRIC_SIGNUPS] =
        {
            .name = "behest_signups_total",
            .help = "Tries to make an account. taken: the address or the handle.",
            .type = METRIC_COUNTER,
            .labels = {{"result", signup_result_value}},
        },
};
