#include "support.h"

#include "probe/web_origin.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    int line;
    const char *url;
    const char *origin; /* NULL: it has none */
} urls[] = {
    {__LINE__, "https://chat.example.com", "https://chat.example.com"},
    {__LINE__, "https://chat.example.com/", "https://chat.example.com"},
    {__LINE__, "https://chat.example.com/chat?a=b", "https://chat.example.com"},
    {__LINE__, "HTTPS://Chat.Example.COM", "https://chat.example.com"},
    {__LINE__, "https://chat.example.com:443", "https://chat.example.com"},
    {__LINE__, "http://chat.example.com:80/x", "http://chat.example.com"},
    {__LINE__, "https://chat.example.com:80", "https://chat.example.com:80"},
    {__LINE__, "http://localhost:3000", "http://localhost:3000"},
    {__LINE__, "http://[::1]:3000/", "http://[::1]:3000"},
    {__LINE__, "http://[::1]", "http://[::1]"},
    {__LINE__, "https://x?a", "https://x"},
    {__LINE__, "ftp://chat.example.com", NULL},
    {__LINE__, "chat.example.com", NULL},
    {__LINE__, "https://", NULL},
    {__LINE__, "https://:443", NULL},
    {__LINE__, "https://user@chat.example.com", NULL},
    {__LINE__, "https://chat.example.com:", NULL},
    {__LINE__, "https://chat.example.com:x", NULL},
    {__LINE__, "https://chat.example.com:80x", NULL},
    {__LINE__, "https://chat.example.com:0", NULL},
    {__LINE__, "https://chat.example.com:65536", NULL},
    {__LINE__, "https://chat.example.com\r\nX: y", NULL},
    {__LINE__, "https://chat example.com", NULL},
    {__LINE__, "null", NULL},
    {__LINE__, "", NULL},
};

static void origins_are_as_browsers_write_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++) {
        char origin[WEB_ORIGIN_SIZE] = "";
        enum err err = web_origin_of(urls[i].url, origin);
        assert_row(urls[i].line, err == (urls[i].origin ? ERR_OK : ERR_INVALID));
        assert_row(urls[i].line, strcmp(origin, urls[i].origin ? urls[i].origin : "") == 0);
    }
}

static void an_endless_host_has_no_origin(void **state)
{
    (void)state;
    char url[2 * WEB_ORIGIN_SIZE] = "https://";
    char origin[WEB_ORIGIN_SIZE];
    memset(url + 8, 'a', WEB_ORIGIN_SIZE);
    assert_int_equal(web_origin_of(url, origin), ERR_INVALID);
    memset(url + 8, 0, WEB_ORIGIN_SIZE);
    memset(url + 8, 'a', WEB_ORIGIN_SIZE - 12);
    memcpy(url + 8 + WEB_ORIGIN_SIZE - 12, ":8443", 6);
    assert_int_equal(web_origin_of(url, origin), ERR_INVALID);
}

static const struct {
    int line;
    const char *origin;
    const char *given;
    const char *words;
} pairs[] = {
    {__LINE__, "https://a.example", "http://a.example", "the scheme"},
    {__LINE__, "http://localhost:3000", "https://localhost:3000", "the scheme"},
    {__LINE__, "https://a.example", "https://b.example", "the host name"},
    {__LINE__, "https://a.example", "https://www.a.example", "the host name"},
    {__LINE__, "http://localhost:3000", "http://127.0.0.1:3000", "the host name"},
    {__LINE__, "http://localhost:3000", "http://localhost:3001", "the port"},
    {__LINE__, "http://localhost:3000", "http://localhost", "the port"},
    {__LINE__, "https://a.example", "https://a.example:8443", "the port"},
    {__LINE__, "https://a.example", "https://a.example:443", "the port, which browsers leave out"},
    {__LINE__, "https://a.example", "https://a.example/", "a slash at the end"},
    {__LINE__, "https://a.example", "https://a.example/chat", "what follows the host"},
    {__LINE__, "https://a.example", "https://A.example", "capital letters"},
    {__LINE__, "https://a.example", "http://b.example:81/",
     "the scheme and the host name and the port and a slash at the end"},
    {__LINE__, "https://a.example", "null", "everything, for that is no origin"},
    {__LINE__, "https://a.example", "a.example", "everything, for that is no origin"},
};

static void a_difference_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        BUF_AUTO(words, 1024);
        web_origin_describe_difference(pairs[i].origin, pairs[i].given, &words);
        if (strcmp(buf_str(&words), pairs[i].words) != 0)
            fail_msg("row of line %d: %s", pairs[i].line, buf_str(&words));
    }
}

static void this_machine_has_several_names(void **state)
{
    (void)state;
    assert_true(web_origin_is_loopback("http://localhost:3000"));
    assert_true(web_origin_is_loopback("http://127.0.0.1"));
    assert_true(web_origin_is_loopback("http://127.1.2.3:80/path"));
    assert_true(web_origin_is_loopback("http://[::1]:3000"));
    assert_false(web_origin_is_loopback("http://localhost.example.com"));
    assert_false(web_origin_is_loopback("http://10.0.0.1"));
    assert_false(web_origin_is_loopback("http://[::2]"));
    assert_false(web_origin_is_loopback("localhost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origins_are_as_browsers_write_them),
        cmocka_unit_test(an_endless_host_has_no_origin),
        cmocka_unit_test(a_difference_is_named),
        cmocka_unit_test(this_machine_has_several_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
