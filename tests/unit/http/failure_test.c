#include "support_http.h"

#include "http/service.h"

#include <sodium.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct site {
    enum err err; /* what failing() returns, and how */
    const char *problem;
    int retry_after;
    struct logger log;
    int log_fds[2];
};

static enum err succeeding(struct http_exchange *exchange)
{
    snprintf(exchange->user, sizeof exchange->user, "anna");
    http_response_text(&exchange->response, 200, "fine");
    return ERR_OK;
}

static enum err failing(struct http_exchange *exchange)
{
    const struct site *site = exchange->app;
    exchange->retry_after = site->retry_after;
    return site->problem ? http_fail(exchange, site->err, "%s", site->problem) : site->err;
}

static enum err streaming(struct http_exchange *exchange)
{
    if (http_response_begin(&exchange->response) != ERR_OK ||
        http_response_write(&exchange->response, "piece", 5) != ERR_OK)
        return ERR_DISCONNECTED;
    return ERR_UPSTREAM;
}

static enum err huge(struct http_exchange *exchange)
{
    static const char block[1024];
    for (int i = 0; i <= HTTP_BODY_MAX_BYTES / 1024; i++)
        buf_add(&exchange->response.body, block, sizeof block);
    return ERR_OK;
}

static enum err failing_twice(struct http_exchange *exchange)
{
    enum err err = http_fail(exchange, ERR_INVALID, "The first %s", "reason");
    return http_fail(exchange, err, "The last %s", "reason");
}

static const struct http_route routes[] = {
    {HTTP_GET, "/good", succeeding, 0},
    {HTTP_GET, "/fail", failing, 0},
    {HTTP_GET, "/fail-twice", failing_twice, 0},
    {HTTP_GET, "/stream", streaming, 0},
    {HTTP_GET, "/huge", huge, 0},
};

static enum err prepare(struct http_exchange *exchange)
{
    http_response_header(&exchange->response, "X-Always", "yes");
    return ERR_OK;
}

static void describe(struct http_exchange *exchange, int status, enum err err, const char *message)
{
    http_response_headerf(&exchange->response, "X-Error", "%d %d", (int)err, status);
    http_response_text(&exchange->response, status, message);
}

static int make_site(void **state)
{
    struct site *site = calloc(1, sizeof *site);
    assert_non_null(site);
    assert_int_equal(pipe(site->log_fds), 0);
    site->log = (struct logger){.level = LOG_INFO, .fd = site->log_fds[1]};
    *state = site;
    return 0;
}

static int free_site(void **state)
{
    struct site *site = *state;
    close(site->log_fds[0]);
    close(site->log_fds[1]);
    free(site);
    return 0;
}

#define SITE_TEST(function) cmocka_unit_test_setup_teardown(function, make_site, free_site)

static void serve(struct site *site, struct fake *fake)
{
    const struct http_service service = {
        .routes = routes,
        .route_count = COUNT(routes),
        .app = site,
        .log = &site->log,
        .prepare = prepare,
        .describe = describe,
    };
    http_service_handle((void *)(uintptr_t)&service, &fake->transport);
}

static void request(struct site *site, struct fake *fake, const char *verb, const char *uri)
{
    fake_init(fake);
    fake_param(fake, "REQUEST_METHOD", verb);
    fake_param(fake, "REQUEST_URI", uri);
    fake_param(fake, "REMOTE_ADDR", "203.0.113.9");
    serve(site, fake);
}

static void a_failure_becomes_status_message_and_retry_after(void **state)
{
    struct site *site = *state;
    static const struct {
        int line;
        enum err err;
        const char *problem;
        int retry_after;
        const char *status;
        const char *message;
    } failures[] = {
        {__LINE__, ERR_INVALID, "The name is too long", 0, "400 Bad Request",
         "The name is too long"},
        {__LINE__, ERR_FORBIDDEN, NULL, 0, "403 Forbidden", NULL},
        {__LINE__, ERR_RATE_LIMITED, "Slowly", 30, "429 Too Many Requests", "Slowly"},
        {__LINE__, ERR_OVERLOADED, NULL, 2, "503 Service Unavailable", NULL},
        {__LINE__, ERR_UPSTREAM, "No chat now", -1, "502 Bad Gateway", "No chat now"},
        /* what is the server's own business stays there */
        {__LINE__, ERR_DATABASE, "disk I/O error at page 7", 0, "500 Internal Server Error",
         "Something went wrong on the server, please try again later"},
        {__LINE__, ERR_NOMEM, NULL, 0, "500 Internal Server Error",
         "Something went wrong on the server, please try again later"},
    };
    for (size_t i = 0; i < COUNT(failures); i++) {
        FAKE_AUTO struct fake fake;
        char value[1024];
        site->err = failures[i].err;
        site->problem = failures[i].problem;
        site->retry_after = failures[i].retry_after;
        request(site, &fake, "GET", "/fail");
        const char *message = failures[i].message ? failures[i].message : err_message(site->err);
        fake_header(&fake, "Status", value);
        assert_row(failures[i].line, strcmp(value, failures[i].status) == 0);
        assert_row(failures[i].line, strcmp(fake_answer_body(&fake, NULL), message) == 0);
        int count = fake_header(&fake, "Retry-After", value);
        assert_row(failures[i].line, count == (failures[i].retry_after > 0));
        assert_row(failures[i].line, !count || strtol(value, NULL, 10) == site->retry_after);
        assert_row(failures[i].line, fake_header(&fake, "X-Always", value) == 1);
    }
}

/* Clients are told to come back even when the handler does not say when. */
static void overload_always_has_a_retry_after(void **state)
{
    struct site *site = *state;
    FAKE_AUTO struct fake fake;
    char value[1024];
    site->err = ERR_OVERLOADED;
    request(site, &fake, "GET", "/fail");
    assert_status(&fake, "503 Service Unavailable");
    assert_int_equal(fake_header(&fake, "Retry-After", value), 1);
    assert_true(strtol(value, NULL, 10) > 0);
}

static void the_last_reason_counts(void **state)
{
    struct site *site = *state;
    FAKE_AUTO struct fake fake;
    request(site, &fake, "GET", "/fail-twice");
    assert_status(&fake, "400 Bad Request");
    assert_string_equal(fake_answer_body(&fake, NULL), "The last reason");
}

static void a_reason_that_is_too_long_is_still_a_sentence(void **state)
{
    struct site *site = *state;
    FAKE_AUTO struct fake fake;
    char reason[2001];
    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    site->err = ERR_INVALID;
    site->problem = reason;
    request(site, &fake, "GET", "/fail");
    assert_status(&fake, "400 Bad Request");
    assert_string_not_equal(fake_answer_body(&fake, NULL), "");
}

static void a_stream_that_fails_just_ends(void **state)
{
    struct site *site = *state;
    FAKE_AUTO struct fake fake;
    request(site, &fake, "GET", "/stream");
    assert_status(&fake, "200 OK");
    assert_string_equal(fake_answer_body(&fake, NULL), "piece");
}

static void a_response_that_does_not_fit_becomes_an_error(void **state)
{
    struct site *site = *state;
    FAKE_AUTO struct fake fake;
    request(site, &fake, "GET", "/huge");
    assert_true(fake.out.len > 0);
    assert_status(&fake, "500 Internal Server Error");
}

static void assert_log(struct site *site, const char *part)
{
    char lines[4096] = "";
    ssize_t got = read(site->log_fds[0], lines, sizeof lines - 1);
    assert_true(got > 0);
    assert_ptr_equal(strchr(lines, '\n'), lines + got - 1);
    if (!strstr(lines, part))
        fail_msg("no %s in: %s", part, lines);
}

static void writes_one_line_a_request(void **state)
{
    struct site *site = *state;
    FAKE_AUTO struct fake one;
    FAKE_AUTO struct fake two;
    FAKE_AUTO struct fake forged;
    FAKE_AUTO struct fake gone;
    request(site, &one, "GET", "/good?secret");
    assert_log(site, "method=GET path=/good status=200 ");
    request(site, &two, "POST", "/nothing");
    assert_log(site, "path=/nothing status=404 ");
    request(site, &forged, "GET\nlevel=error", "/good");
    assert_log(site, "\\x0alevel=error");
    fake_init(&gone);
    gone.gone = true;
    fake_param(&gone, "REQUEST_METHOD", "GET");
    fake_param(&gone, "REQUEST_URI", "/good");
    serve(site, &gone);
    assert_log(site, "abandoned=true");
}

static int start_sodium(void **state)
{
    (void)state;
    return sodium_init() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(a_failure_becomes_status_message_and_retry_after),
        SITE_TEST(overload_always_has_a_retry_after),
        SITE_TEST(the_last_reason_counts),
        SITE_TEST(a_reason_that_is_too_long_is_still_a_sentence),
        SITE_TEST(a_stream_that_fails_just_ends),
        SITE_TEST(a_response_that_does_not_fit_becomes_an_error),
        SITE_TEST(writes_one_line_a_request),
    };
    return cmocka_run_group_tests_name("http/failure", tests, start_sodium, NULL);
}
