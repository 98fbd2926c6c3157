#include "support_http.h"

#include "http/cors.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const allowed[] = {"https://chat.example.com", "http://localhost:8080", NULL};
static const char *const nobody[] = {NULL};

static const struct {
    int line;
    const char *const *list;
    const char *origin;
    bool allowed;
} rows[] = {
    {__LINE__, allowed, "https://chat.example.com", true},
    {__LINE__, allowed, "http://localhost:8080", true},
    {__LINE__, allowed, NULL, false},
    {__LINE__, allowed, "", false},
    {__LINE__, allowed, "null", false},
    {__LINE__, allowed, "*", false},
    {__LINE__, allowed, "http://chat.example.com", false},
    {__LINE__, allowed, "https://chat.example.com/", false},
    {__LINE__, allowed, "https://chat.example.com:443", false},
    {__LINE__, allowed, "https://chat.example.com.evil.example", false},
    {__LINE__, allowed, "https://evil.example", false},
    {__LINE__, allowed, "https://chat.example.co", false},
    {__LINE__, allowed, "http://localhost:8081", false},
    {__LINE__, nobody, "https://chat.example.com", false},
};

static void only_a_listed_origin_may_read_the_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        struct http_response response;
        fake_init(&fake);
        fake_param(&fake, "HTTP_ORIGIN", rows[i].origin);
        const struct http_request request = {.transport = &fake.transport};
        http_response_init(&response, &fake.transport);
        assert_row(rows[i].line,
                   http_cors_allow(&request, &response, rows[i].list) == rows[i].allowed);
        assert_row(rows[i].line, http_response_send(&response) == ERR_OK);
        char value[1024];
        assert_header(&fake, "Vary", "Origin");
        int count = fake_header(&fake, "Access-Control-Allow-Origin", value);
        assert_row(rows[i].line, count == rows[i].allowed);
        assert_row(rows[i].line, !count || strcmp(value, rows[i].origin) == 0);
        count = fake_header(&fake, "Access-Control-Expose-Headers", value);
        assert_row(rows[i].line, count == rows[i].allowed);
        assert_row(rows[i].line,
                   !count || (strcasestr(value, "x-trace-id") && strcasestr(value, "retry-after")));
        http_response_free(&response);
    }
}

/* What the OpenAI SDK in a browser asks for. */
static void a_preflight_allows_what_the_clients_send(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "authorization",
        "content-type",
        "x-session-id",
        "x-thread-id",
        "x-stainless-os",
        "x-stainless-arch",
        "x-stainless-lang",
        "x-stainless-runtime",
        "x-stainless-runtime-version",
        "x-stainless-package-version",
        "x-stainless-retry-count",
        "x-stainless-timeout",
    };
    FAKE_AUTO struct fake fake;
    struct http_response response;
    char value[1024];
    fake_init(&fake);
    http_response_init(&response, &fake.transport);
    http_cors_preflight(&response);
    assert_int_equal(http_response_send(&response), ERR_OK);
    assert_int_equal(fake_header(&fake, "Access-Control-Allow-Headers", value), 1);
    char list[1100];
    snprintf(list, sizeof list, ", %s, ", value);
    for (size_t i = 0; i < COUNT(headers); i++) {
        char item[64];
        snprintf(item, sizeof item, ", %s, ", headers[i]);
        if (!strcasestr(list, item))
            fail_msg("%s is not allowed", headers[i]);
    }
    assert_int_equal(fake_header(&fake, "Access-Control-Allow-Methods", value), 1);
    assert_non_null(strstr(value, "GET"));
    assert_non_null(strstr(value, "POST"));
    assert_non_null(strstr(value, "DELETE"));
    http_response_free(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_listed_origin_may_read_the_answer),
        cmocka_unit_test(a_preflight_allows_what_the_clients_send),
    };
    return cmocka_run_group_tests_name("http/cors", tests, NULL, NULL);
}
