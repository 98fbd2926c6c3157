#include "http/metrics.h"

#include "base/clock.h"
#include "base/secret.h"
#include "config.h"
#include "http/exposition.h"

#include <string.h>

static const char *const choices[] = {"off", "loopback", NULL};

const uint64_t http_duration_bounds[] = {
    1000,   2500,    5000,    10000,   25000,    50000,    100000,   250000,
    500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 0,
};

const char *http_version_value(size_t index)
{
    return index == 0 ? PACKAGE_VERSION : NULL;
}

struct metrics *http_metrics_new(const struct metric_row *rows, size_t count, unsigned workers)
{
    struct metrics *metrics = metrics_new(rows, count);
    if (!metrics)
        return NULL;
    metric_add(metrics_at(metrics, METRIC_BUILD_INFO), METRIC_ALONE, 1);
    metric_add(metrics_at(metrics, METRIC_START_TIME), METRIC_ALONE,
               (uint64_t)clock_now_ms(NULL) * 1000);
    metric_add(metrics_at(metrics, METRIC_WORKERS), METRIC_ALONE, workers);
    return metrics;
}

/* The characters that a bearer token has (RFC 6750 section 2.1). */
static bool is_bearer_token(const char *text)
{
    return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "-._~+/=")] == '\0';
}

void metrics_access_read(struct settings *settings, const char *name, const char *token_name,
                         struct problems *problems, struct metrics_access *ret_access)
{
    ret_access->loopback = settings_choice(settings, name, choices, 0, problems) == 1;
    char *token = settings_take_secret(settings, token_name);
    if (token && (strlen(token) < METRICS_TOKEN_MIN_CHARACTERS || !is_bearer_token(token)))
        problem_add(problems, token_name,
                    "must be at least %d random letters and digits, for example those of: openssl "
                    "rand -hex 24",
                    METRICS_TOKEN_MIN_CHARACTERS);
    ret_access->token = token;
}

void metrics_access_free(struct metrics_access *access)
{
    secret_free(access->token);
    access->token = NULL;
}

/* The client's address is in the one form that http_client_identify() gives it. */
static bool is_loopback(const struct http_request *request)
{
    return strncmp(request->client_address, "127.", 4) == 0 ||
           strcmp(request->client_address, "::1") == 0;
}

/* A web server on this machine that passes on what others ask comes from loopback, too. */
static bool was_passed_on(const struct http_request *request)
{
    return http_param(request, "HTTP_X_FORWARDED_FOR") || http_param(request, "HTTP_FORWARDED") ||
           http_param(request, "HTTP_X_REAL_IP");
}

bool metrics_may_read(const struct http_request *request, const struct metrics_access *access)
{
    if (http_param(request, "HTTP_ORIGIN"))
        return false;
    if (access->loopback && is_loopback(request) && !was_passed_on(request))
        return true;
    const char *token = http_bearer_token(request);
    return access->token && token && secret_equal(token, access->token);
}

enum err metrics_answer(struct metrics *metrics, struct http_response *response)
{
    response->status = 200;
    http_response_header(response, "Content-Type", EXPOSITION_TYPE);
    http_response_header(response, "Cache-Control", "no-store");
    exposition_write(metrics, &response->body);
    return buf_err(&response->body);
}
