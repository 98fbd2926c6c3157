#include "support_http.h"

#include "http/client.h"
#include "http/metrics.h"

#include <sodium.h>

#define TOKEN "0123456789abcdef"

static char token[] = TOKEN;

/* Whether a request with these parameters may read; NULL: the parameter is not there. */
static bool may_read(const struct metrics_access *access, const char *address,
                     const char *authorization, const char *more, const char *value)
{
    FAKE_AUTO struct fake fake;
    struct http_request request;
    fake_get(&fake, "/metrics");
    fake_param(&fake, "REMOTE_ADDR", address);
    fake_param(&fake, "HTTP_AUTHORIZATION", authorization);
    if (more)
        fake_param(&fake, more, value);
    assert_int_equal(http_request_init(&request, &fake.transport, "", NULL), ERR_OK);
    bool may = metrics_may_read(&request, access);
    http_request_free(&request);
    return may;
}

static const struct {
    int line;
    const char *address;
    const char *authorization;
    const char *more;
    bool off, loopback, by_token;
} cases[] = {
    /* from where */
    {__LINE__, "127.0.0.1", NULL, NULL, false, true, false},
    {__LINE__, "127.9.8.7", NULL, NULL, false, true, false},
    {__LINE__, "::1", NULL, NULL, false, true, false},
    {__LINE__, "::ffff:127.0.0.1", NULL, NULL, false, true, false},
    {__LINE__, "0:0:0:0:0:0:0:1", NULL, NULL, false, true, false},
    {__LINE__, "128.0.0.1", NULL, NULL, false, false, false},
    {__LINE__, "12.7.0.1", NULL, NULL, false, false, false},
    {__LINE__, "::2", NULL, NULL, false, false, false},
    {__LINE__, "::127.0.0.1", NULL, NULL, false, false, false},
    {__LINE__, "198.51.100.7", NULL, NULL, false, false, false},
    {__LINE__, "127.0.0.1.example.com", NULL, NULL, false, false, false},
    {__LINE__, "", NULL, NULL, false, false, false},
    {__LINE__, NULL, NULL, NULL, false, false, false},
    /* passed on by a proxy, whatever it says */
    {__LINE__, "127.0.0.1", NULL, "HTTP_X_FORWARDED_FOR", false, false, false},
    {__LINE__, "127.0.0.1", NULL, "HTTP_FORWARDED", false, false, false},
    {__LINE__, "127.0.0.1", NULL, "HTTP_X_REAL_IP", false, false, false},
    {__LINE__, "127.0.0.1", "Bearer " TOKEN, "HTTP_X_FORWARDED_FOR", false, false, true},
    /* by token */
    {__LINE__, "198.51.100.7", "Bearer " TOKEN, NULL, false, false, true},
    {__LINE__, "198.51.100.7", "bearer  " TOKEN, NULL, false, false, true},
    {__LINE__, "127.0.0.1", "Bearer " TOKEN, NULL, false, true, true},
    {__LINE__, "127.0.0.1", "Bearer wrong", NULL, false, true, false},
    {__LINE__, "198.51.100.7", "Bearer " TOKEN "0", NULL, false, false, false},
    {__LINE__, "198.51.100.7", "Bearer 0123456789abcde", NULL, false, false, false},
    {__LINE__, "198.51.100.7", "Bearer " TOKEN " x", NULL, false, false, false},
    {__LINE__, "198.51.100.7", "Bearer ", NULL, false, false, false},
    {__LINE__, "198.51.100.7", "Bearer", NULL, false, false, false},
    {__LINE__, "198.51.100.7", "", NULL, false, false, false},
    {__LINE__, "198.51.100.7", TOKEN, NULL, false, false, false},
    {__LINE__, "198.51.100.7", "Basic " TOKEN, NULL, false, false, false},
    /* from a page */
    {__LINE__, "127.0.0.1", "Bearer " TOKEN, "HTTP_ORIGIN", false, false, false},
};

static void lets_those_read_that_the_settings_name(void **state)
{
    (void)state;
    const struct metrics_access off = {0};
    const struct metrics_access loopback = {.loopback = true};
    const struct metrics_access by_token = {.token = token};
    const struct metrics_access both = {.loopback = true, .token = token};
    static const char *const values[] = {"127.0.0.1", "", "http://localhost:3000"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t j = 0; j < 3; j++) {
            const char *address = cases[i].address;
            const char *authorization = cases[i].authorization;
            const char *more = cases[i].more;
            int line = cases[i].line;
            assert_row(line, !may_read(&off, address, authorization, more, values[j]));
            assert_row(line, may_read(&loopback, address, authorization, more, values[j]) ==
                                 cases[i].loopback);
            assert_row(line, may_read(&by_token, address, authorization, more, values[j]) ==
                                 cases[i].by_token);
            assert_row(line, may_read(&both, address, authorization, more, values[j]) ==
                                 (cases[i].loopback || cases[i].by_token));
        }
    }
}

static void a_trusted_proxy_does_not_make_others_local(void **state)
{
    (void)state;
    struct http_trust *trust = NULL;
    const struct metrics_access loopback = {.loopback = true};
    struct http_request request;
    FAKE_AUTO struct fake fake;
    fake_get(&fake, "/metrics");
    fake_param(&fake, "REMOTE_ADDR", "10.0.0.1");
    fake_param(&fake, "HTTP_X_FORWARDED_FOR", "127.0.0.1");
    assert_int_equal(http_trust_parse("10.0.0.1", &trust), ERR_OK);
    assert_int_equal(http_request_init(&request, &fake.transport, "", trust), ERR_OK);
    assert_string_equal(request.client_address, "127.0.0.1");
    assert_false(metrics_may_read(&request, &loopback));
    http_request_free(&request);
    http_trust_free(trust);
}

static const struct {
    int line;
    const char *metrics, *token;
    bool loopback;
    bool has_token;
    unsigned problems;
} settings_cases[] = {
    {__LINE__, NULL, NULL, false, false, 0},
    {__LINE__, "", "", false, false, 0},
    {__LINE__, "off", NULL, false, false, 0},
    {__LINE__, "loopback", NULL, true, false, 0},
    {__LINE__, NULL, TOKEN, false, true, 0},
    {__LINE__, "off", TOKEN, false, true, 0},
    {__LINE__, "loopback", TOKEN, true, true, 0},
    {__LINE__, "on", NULL, false, false, 1},
    {__LINE__, "Loopback", NULL, false, false, 1},
    {__LINE__, NULL, "0123456789abcde", false, true, 1},
    {__LINE__, NULL, "0123456789 abcdef", false, true, 1},
    {__LINE__, NULL, "0123456789\"abcdef", false, true, 1},
};

static void the_settings_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof settings_cases / sizeof settings_cases[0]; i++) {
        int line = settings_cases[i].line;
        struct problems problems = {.lines = BUF_MAX(PROBLEMS_MAX_BYTES)};
        struct settings *settings = settings_load(NULL, &problems);
        struct metrics_access access;
        if (settings_cases[i].metrics)
            setenv("TEST_METRICS", settings_cases[i].metrics, 1);
        if (settings_cases[i].token)
            setenv("TEST_METRICS_TOKEN", settings_cases[i].token, 1);
        metrics_access_read(settings, "TEST_METRICS", "TEST_METRICS_TOKEN", &problems, &access);
        assert_row(line, problems.count == settings_cases[i].problems);
        assert_row(line, !strstr(buf_str(&problems.lines), "0123456789"));
        assert_row(line, access.loopback == settings_cases[i].loopback);
        assert_row(line, !!access.token == settings_cases[i].has_token);
        assert_row(line, !getenv("TEST_METRICS_TOKEN"));
        metrics_access_free(&access);
        settings_free(settings);
        buf_free(&problems.lines);
        unsetenv("TEST_METRICS");
    }
}

static int start_sodium(void **state)
{
    (void)state;
    return sodium_init() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_those_read_that_the_settings_name),
        cmocka_unit_test(a_trusted_proxy_does_not_make_others_local),
        cmocka_unit_test(the_settings_are_checked),
    };
    return cmocka_run_group_tests_name("http/metrics", tests, start_sodium, NULL);
}
