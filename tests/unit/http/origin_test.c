#include "support_http.h"

#include "http/origin.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define SITE "https://chat.example.com"

static const struct {
    int line;
    const char *site; /* NULL: what the request says */
    bool https;
    const char *host;
    const char *fetch_site;
    const char *origin;
    bool cross_site;
} rows[] = {
    /* no browser */
    {__LINE__, SITE, true, "chat.example.com", NULL, NULL, false},
    {__LINE__, NULL, true, "chat.example.com", NULL, NULL, false},
    {__LINE__, NULL, true, NULL, NULL, NULL, false},
    /* Sec-Fetch-Site */
    {__LINE__, SITE, true, NULL, "same-origin", NULL, false},
    {__LINE__, SITE, true, NULL, "none", NULL, false},
    {__LINE__, SITE, true, NULL, "same-site", NULL, true},
    {__LINE__, SITE, true, NULL, "cross-site", NULL, true},
    {__LINE__, SITE, true, NULL, "", NULL, true},
    {__LINE__, SITE, true, NULL, "same-origin, none", NULL, true},
    {__LINE__, SITE, true, NULL, "same-site", SITE, true},
    {__LINE__, SITE, true, NULL, "cross-site", SITE, true},
    {__LINE__, SITE, true, NULL, "same-origin", "https://evil.example", true},
    /* Origin, against the configured site */
    {__LINE__, SITE, true, NULL, NULL, SITE, false},
    {__LINE__, SITE, false, "internal:8080", NULL, SITE, false},
    {__LINE__, SITE, true, NULL, NULL, "https://CHAT.example.com", false},
    {__LINE__, SITE, true, NULL, NULL, "http://chat.example.com", true},
    {__LINE__, SITE, true, NULL, NULL, "https://chat.example.com:8443", true},
    {__LINE__, SITE, true, NULL, NULL, "https://chat.example.com.evil.example", true},
    {__LINE__, SITE, true, NULL, NULL, "https://evil.example", true},
    {__LINE__, SITE, true, NULL, NULL, "https://chat.example.co", true},
    {__LINE__, SITE, true, NULL, NULL, "null", true},
    {__LINE__, SITE, true, "evil.example", NULL, "https://evil.example", true},
    /* Origin, against scheme and Host of the request */
    {__LINE__, NULL, true, "chat.example.com", NULL, SITE, false},
    {__LINE__, NULL, true, "Chat.Example.com", NULL, SITE, false},
    {__LINE__, NULL, false, "localhost:8080", NULL, "http://localhost:8080", false},
    {__LINE__, NULL, false, "[::1]:8080", NULL, "http://[::1]:8080", false},
    {__LINE__, NULL, false, "localhost:8080", NULL, "http://localhost:8081", true},
    {__LINE__, NULL, false, "chat.example.com", NULL, SITE, true},
    {__LINE__, NULL, true, "chat.example.com", NULL, "http://chat.example.com", true},
    {__LINE__, NULL, true, "chat.example.com", NULL, "null", true},
    {__LINE__, NULL, true, "chat.example.com", NULL, "https://evil.example", true},
    {__LINE__, NULL, true, "", NULL, "https://", true},
    {__LINE__, NULL, true, NULL, NULL, SITE, true},
};

static void recognises_what_pages_of_other_origins_send(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        fake_init(&fake);
        fake_param(&fake, "HTTP_HOST", rows[i].host);
        fake_param(&fake, "HTTP_SEC_FETCH_SITE", rows[i].fetch_site);
        fake_param(&fake, "HTTP_ORIGIN", rows[i].origin);
        const struct http_request request = {.transport = &fake.transport, .https = rows[i].https};
        assert_row(rows[i].line, http_is_cross_site(&request, rows[i].site) == rows[i].cross_site);
    }
}

static void an_endless_host_is_nobodys_own(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    char host[1001];
    char origin[1100];
    memset(host, 'a', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    snprintf(origin, sizeof origin, "https://%s", host);
    fake_init(&fake);
    fake_param(&fake, "HTTP_HOST", host);
    fake_param(&fake, "HTTP_ORIGIN", origin);
    const struct http_request request = {.transport = &fake.transport, .https = true};
    assert_true(http_is_cross_site(&request, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recognises_what_pages_of_other_origins_send),
        cmocka_unit_test(an_endless_host_is_nobodys_own),
    };
    return cmocka_run_group_tests_name("http/origin", tests, NULL, NULL);
}
