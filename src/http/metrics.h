/* What both programs count, and who may read it.
 *
 * A program's metrics are one table, which begins with HTTP_METRIC_ROWS. */
#ifndef BEHEST_HTTP_METRICS_H
#define BEHEST_HTTP_METRICS_H

#include "base/metrics.h"
#include "base/settings.h"
#include "http/request.h"
#include "http/response.h"

/* The rows that both tables begin with. */
enum {
    METRIC_BUILD_INFO,
    METRIC_START_TIME,
    METRIC_WORKERS,
    METRIC_WORKERS_BUSY,
    METRIC_REQUESTS,
    METRIC_REQUEST_DURATION,
    METRIC_SQLITE_WAITS,
    METRIC_SQLITE_WAITED,
    HTTP_METRIC_COUNT,
};

/* route_values: the paths of the program's route table, in its order, and one more for no route. */
/* clang-format off */
#define HTTP_METRIC_ROWS(route_values)                                                             \
    [METRIC_BUILD_INFO] = {                                                                        \
        .name = "behest_build_info", .help = "The version of the program; always 1.",              \
        .type = METRIC_GAUGE, .labels = {{"version", http_version_value}}},                        \
    [METRIC_START_TIME] = {                                                                        \
        .name = "process_start_time_seconds",                                                      \
        .help = "When this process began, in seconds since 1970. Each process counts for itself.", \
        .type = METRIC_GAUGE, .unit = METRIC_MICROSECOND},                                         \
    [METRIC_WORKERS] = {                                                                           \
        .name = "behest_workers", .help = "Requests that can be served at a time (--threads).",    \
        .type = METRIC_GAUGE},                                                                     \
    [METRIC_WORKERS_BUSY] = {                                                                      \
        .name = "behest_workers_busy",                                                             \
        .help = "Requests that are being served now, the one for these numbers among them.",           \
        .type = METRIC_GAUGE},                                                                     \
    [METRIC_REQUESTS] = {                                                                          \
        .name = "behest_http_requests_total", .help = "Requests answered.",                        \
        .type = METRIC_COUNTER,                                                                    \
        .labels = {{"route", route_values}, {"method", http_verb_value},                           \
                   {"status", http_status_value}}},                                                \
    [METRIC_REQUEST_DURATION] = {                                                                  \
        .name = "behest_http_request_duration_seconds",                                            \
        .help = "How long requests took, until the web server had the answer.",                         \
        .type = METRIC_HISTOGRAM, .unit = METRIC_MICROSECOND,                                      \
        .labels = {{"route", route_values}}, .bounds = http_duration_bounds},                      \
    [METRIC_SQLITE_WAITS] = {                                                                      \
        .name = "behest_sqlite_busy_waits_total",                                                  \
        .help = "How often somebody else held the database's lock.", .type = METRIC_COUNTER},      \
    [METRIC_SQLITE_WAITED] = {                                                                     \
        .name = "behest_sqlite_busy_seconds_total",                                                \
        .help = "Time spent waiting for the database's lock.",                                     \
        .type = METRIC_COUNTER, .unit = METRIC_MICROSECOND}
/* clang-format on */

metric_values http_version_value;
extern const uint64_t http_duration_bounds[]; /* microseconds */

/* metrics_new() for a program of so many workers, with what does not change filled in. They are
 * made once: a reload goes on counting with them. */
struct metrics *http_metrics_new(const struct metric_row *rows, size_t count, unsigned workers);

/* Who may read /metrics: nobody unless one of these says so. */
struct metrics_access {
    bool loopback; /* requests from this machine that no proxy passed on */
    char *token;   /* whoever sends it as a bearer token; from secret_new(), NULL for nobody */
};

enum { METRICS_TOKEN_MIN_CHARACTERS = 16 };

/* Reads the setting name (off or loopback) and the token's, token_name. */
void metrics_access_read(struct settings *settings, const char *name, const char *token_name,
                         struct problems *problems, struct metrics_access *ret_access);
void metrics_access_free(struct metrics_access *access);

/* True when this request may read them. One that comes from a page of another site never may: it
 * carries Origin. */
bool metrics_may_read(const struct http_request *request, const struct metrics_access *access);

/* Fills the response with all metrics. */
MUST_CHECK enum err metrics_answer(struct metrics *metrics, struct http_response *response);

#endif
