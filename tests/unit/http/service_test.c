#include "support_http.h"

#include "http/metrics.h"
#include "http/service.h"

#include <sodium.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What the handlers below saw, and how they are to behave. */
struct site {
    const char *handled; /* the handler that ran */
    char rest[64];
    char body[64];
    enum err prepared; /* what prepare() returns */
    struct metrics *metrics;
};

static enum err note(struct http_exchange *exchange, const char *name)
{
    struct site *site = exchange->app;
    site->handled = name;
    snprintf(site->rest, sizeof site->rest, "%s", exchange->rest);
    snprintf(site->body, sizeof site->body, "%s", buf_str(&exchange->request.body));
    http_response_text(&exchange->response, 200, name);
    return ERR_OK;
}

static enum err first(struct http_exchange *exchange)
{
    return note(exchange, "first");
}

static enum err second(struct http_exchange *exchange)
{
    return note(exchange, "second");
}

static enum err posted(struct http_exchange *exchange)
{
    return note(exchange, "posted");
}

static enum err below(struct http_exchange *exchange)
{
    return note(exchange, "below");
}

static enum err own_options(struct http_exchange *exchange)
{
    return note(exchange, "own options");
}

static const struct http_route routes[] = {
    {HTTP_GET | HTTP_HEAD, "/one", first, 0},
    {HTTP_POST, "/one", posted, 16},
    {HTTP_POST, "/no-body", posted, 0},
    {HTTP_GET | HTTP_OPTIONS, "/options", own_options, 0},
    {HTTP_GET, "/tree/*", below, 0},
    {HTTP_GET, "/tree/leaf", second, 0}, /* never reached */
    {HTTP_GET, "/mixed/*", below, 0},
    {HTTP_POST, "/mixed/", posted, 0},
};

static enum err prepare(struct http_exchange *exchange)
{
    const struct site *site = exchange->app;
    http_response_header(&exchange->response, "X-Always", "yes");
    return site->prepared;
}

static void describe(struct http_exchange *exchange, int status, enum err err, const char *message)
{
    http_response_headerf(&exchange->response, "X-Error", "%d %d", (int)err, status);
    http_response_text(&exchange->response, status, message);
}

static void serve(struct site *site, struct fake *fake)
{
    const struct logger log = {.level = LOG_ERROR, .fd = -1};
    const struct http_service service = {
        .routes = routes,
        .route_count = COUNT(routes),
        .app = site,
        .log = &log,
        .metrics = site->metrics,
        .prepare = prepare,
        .describe = describe,
    };
    site->handled = NULL;
    fake_param(fake, "REMOTE_ADDR", "203.0.113.9");
    http_service_handle((void *)(uintptr_t)&service, &fake->transport);
}

static void request(struct site *site, struct fake *fake, const char *verb, const char *uri)
{
    fake_init(fake);
    fake_param(fake, "REQUEST_METHOD", verb);
    fake_param(fake, "REQUEST_URI", uri);
    serve(site, fake);
}

static const struct {
    int line;
    const char *verb;
    const char *uri;
    const char *status;
    const char *handled;
    const char *rest;
    const char *allow;
} rows[] = {
    {__LINE__, "GET", "/one", "200 OK", "first", "", NULL},
    {__LINE__, "GET", "/one?q", "200 OK", "first", "", NULL},
    {__LINE__, "HEAD", "/one", "200 OK", "first", "", NULL},
    {__LINE__, "POST", "/one", "200 OK", "posted", "", NULL},
    {__LINE__, "GET", "/tree/", "200 OK", "below", "", NULL},
    {__LINE__, "GET", "/tree/a/b", "200 OK", "below", "a/b", NULL},
    {__LINE__, "GET", "/tree/leaf", "200 OK", "below", "leaf", NULL},
    {__LINE__, "GET", "/options", "200 OK", "own options", "", NULL},
    {__LINE__, "OPTIONS", "/options", "200 OK", "own options", "", NULL},
    /* nothing there */
    {__LINE__, "GET", "/", "404 Not Found", NULL, NULL, NULL},
    {__LINE__, "GET", "/one/", "404 Not Found", NULL, NULL, NULL},
    {__LINE__, "GET", "/oneself", "404 Not Found", NULL, NULL, NULL},
    {__LINE__, "GET", "/tree", "404 Not Found", NULL, NULL, NULL},
    {__LINE__, "GET", "/One", "404 Not Found", NULL, NULL, NULL},
    {__LINE__, "OPTIONS", "/nothing", "404 Not Found", NULL, NULL, NULL},
    {__LINE__, "PUT", "/nothing", "404 Not Found", NULL, NULL, NULL},
    /* not for this verb */
    {__LINE__, "DELETE", "/one", "405 Method Not Allowed", NULL, NULL, "GET, HEAD, POST, OPTIONS"},
    {__LINE__, "PUT", "/one", "405 Method Not Allowed", NULL, NULL, "GET, HEAD, POST, OPTIONS"},
    {__LINE__, "", "/one", "405 Method Not Allowed", NULL, NULL, "GET, HEAD, POST, OPTIONS"},
    {__LINE__, "GET", "/no-body", "405 Method Not Allowed", NULL, NULL, "POST, OPTIONS"},
    {__LINE__, "HEAD", "/tree/a", "405 Method Not Allowed", NULL, NULL, "GET, OPTIONS"},
    {__LINE__, "POST", "/tree/leaf", "405 Method Not Allowed", NULL, NULL, "GET, OPTIONS"},
    {__LINE__, "OPTIONS", "/one", "204 No Content", NULL, NULL, "GET, HEAD, POST, OPTIONS"},
    {__LINE__, "OPTIONS", "/tree/a", "204 No Content", NULL, NULL, "GET, OPTIONS"},
    /* no address */
    {__LINE__, "GET", "/../one", "400 Bad Request", NULL, NULL, NULL},
    {__LINE__, "GET", "one", "400 Bad Request", NULL, NULL, NULL},
    {__LINE__, "OPTIONS", "*", "400 Bad Request", NULL, NULL, NULL},
};

static void the_first_matching_row_serves(void **state)
{
    struct site *site = &(struct site){0};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        char value[1024];
        request(site, &fake, rows[i].verb, rows[i].uri);
        assert_row(rows[i].line, fake_header(&fake, "Status", value) == 1);
        assert_row(rows[i].line, strcmp(value, rows[i].status) == 0);
        assert_row(rows[i].line, fake_header(&fake, "X-Always", value) == 1);
        assert_row(rows[i].line, fake_header(&fake, "Allow", value) == !!rows[i].allow);
        assert_row(rows[i].line, !rows[i].allow || strcmp(value, rows[i].allow) == 0);
        assert_row(rows[i].line, !site->handled == !rows[i].handled);
        if (rows[i].handled) {
            assert_row(rows[i].line, strcmp(site->handled, rows[i].handled) == 0);
            assert_row(rows[i].line, strcmp(site->rest, rows[i].rest) == 0);
        }
    }
}

static void a_row_that_is_no_prefix_takes_nothing_from_below_its_path(void **state)
{
    struct site *site = &(struct site){0};
    (void)state;
    FAKE_AUTO struct fake exact;
    FAKE_AUTO struct fake deeper;
    request(site, &exact, "POST", "/mixed/");
    assert_status(&exact, "200 OK");
    request(site, &deeper, "POST", "/mixed/deeper");
    assert_null(site->handled);
    assert_status(&deeper, "405 Method Not Allowed");
}

static void answers_head_and_options_without_a_body(void **state)
{
    struct site *site = &(struct site){0};
    (void)state;
    static const char *const cases[][2] = {
        {"HEAD", "/one"}, {"HEAD", "/nothing"}, {"HEAD", "/../x"}, {"OPTIONS", "/one"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        FAKE_AUTO struct fake fake;
        request(site, &fake, cases[i][0], cases[i][1]);
        assert_string_equal(fake_answer_body(&fake, NULL), "");
    }
}

static void reads_bodies_only_where_the_row_says_so(void **state)
{
    struct site *site = &(struct site){0};
    (void)state;
    static const struct {
        int line;
        const char *uri;
        const char *announced;
        const char *body;
        const char *status;
        const char *seen;
    } bodies[] = {
        {__LINE__, "/one", "5", "hello", "200 OK", "hello"},
        {__LINE__, "/one", NULL, "hello", "200 OK", "hello"},
        {__LINE__, "/one", "16", "0123456789abcdef", "200 OK", "0123456789abcdef"},
        {__LINE__, "/no-body", "5", "hello", "200 OK", ""},
        {__LINE__, "/one", "17", "0123456789abcdefg", "413 Content Too Large", NULL},
        {__LINE__, "/one", NULL, "0123456789abcdefg", "413 Content Too Large", NULL},
        {__LINE__, "/one", "6", "hello", "400 Bad Request", NULL},
        {__LINE__, "/one", "six", "hello", "400 Bad Request", NULL},
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        FAKE_AUTO struct fake fake;
        char value[1024];
        fake_init(&fake);
        fake_param(&fake, "REQUEST_METHOD", "POST");
        fake_param(&fake, "REQUEST_URI", bodies[i].uri);
        fake_param(&fake, "CONTENT_LENGTH", bodies[i].announced);
        fake_body(&fake, bodies[i].body, strlen(bodies[i].body));
        serve(site, &fake);
        fake_header(&fake, "Status", value);
        assert_row(bodies[i].line, strcmp(value, bodies[i].status) == 0);
        assert_row(bodies[i].line, !site->handled == !bodies[i].seen);
        assert_row(bodies[i].line, !bodies[i].seen || strcmp(site->body, bodies[i].seen) == 0);
    }
}

static void prepare_can_refuse_before_any_handler(void **state)
{
    struct site *site = &(struct site){0};
    (void)state;
    static const char *const uris[] = {"/one", "/nothing", "/../x"};
    site->prepared = ERR_FORBIDDEN;
    for (size_t i = 0; i < COUNT(uris); i++) {
        FAKE_AUTO struct fake fake;
        request(site, &fake, "GET", uris[i]);
        assert_status(&fake, "403 Forbidden");
        assert_null(site->handled);
    }
}

static const char *route_value(size_t index)
{
    if (index < COUNT(routes))
        return routes[index].path;
    return index == COUNT(routes) ? "none" : NULL;
}

static const struct metric_row metric_rows[] = {HTTP_METRIC_ROWS(route_value)};

/* How many requests were counted with these labels. */
static uint64_t counted(struct metrics *metrics, const char *route, const char *method,
                        const char *status)
{
    const struct metric *requests = metrics_at(metrics, METRIC_REQUESTS);
    uint64_t count = 0;
    for (size_t i = 0; i < requests->series; i++)
        if (strcmp(metric_label_value(requests, i, 0), route) == 0 &&
            strcmp(metric_label_value(requests, i, 1), method) == 0 &&
            strcmp(metric_label_value(requests, i, 2), status) == 0)
            count += metric_read(requests, i, 0);
    return count;
}

static void requests_are_counted_by_the_row_that_matched(void **state)
{
    struct site *site = &(struct site){0};
    (void)state;
    static const char *const requests[][2] = {
        {"GET", "/one"},     {"POST", "/one"},   {"DELETE", "/one"},
        {"BREW", "/one"},    {"GET", "/tree/a"}, {"GET", "/tree/b"},
        {"GET", "/nothing"}, {"GET", "/../one"}, {"OPTIONS", "/no-body"},
    };
    site->metrics = http_metrics_new(metric_rows, COUNT(metric_rows), 2);
    for (size_t i = 0; i < COUNT(requests); i++) {
        FAKE_AUTO struct fake fake;
        request(site, &fake, requests[i][0], requests[i][1]);
    }
    assert_int_equal(counted(site->metrics, "/one", "GET", "200"), 1);
    assert_int_equal(counted(site->metrics, "/one", "POST", "200"), 1);
    assert_int_equal(counted(site->metrics, "/one", "DELETE", "405"), 1);
    assert_int_equal(counted(site->metrics, "/one", "other", "405"), 1);
    assert_int_equal(counted(site->metrics, "/tree/*", "GET", "200"), 2);
    assert_int_equal(counted(site->metrics, "none", "GET", "404"), 1);
    assert_int_equal(counted(site->metrics, "none", "GET", "400"), 1);
    assert_int_equal(counted(site->metrics, "/no-body", "OPTIONS", "204"), 1);
    assert_int_equal(metric_read(metrics_at(site->metrics, METRIC_WORKERS), 0, 0), 2);
    assert_int_equal(metric_read(metrics_at(site->metrics, METRIC_WORKERS_BUSY), 0, 0), 0);
    metrics_free(site->metrics);
}

static int start_sodium(void **state)
{
    (void)state;
    return sodium_init() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_matching_row_serves),
        cmocka_unit_test(a_row_that_is_no_prefix_takes_nothing_from_below_its_path),
        cmocka_unit_test(answers_head_and_options_without_a_body),
        cmocka_unit_test(reads_bodies_only_where_the_row_says_so),
        cmocka_unit_test(requests_are_counted_by_the_row_that_matched),
        cmocka_unit_test(prepare_can_refuse_before_any_handler),
    };
    return cmocka_run_group_tests_name("http/service", tests, start_sodium, NULL);
}
