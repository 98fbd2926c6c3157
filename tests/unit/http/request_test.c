#include "support_http.h"

#include "http/request.h"

#include <sodium.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void reads_the_verb(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *name;
        enum http_verb verb;
    } rows[] = {
        {__LINE__, "GET", HTTP_GET},         {__LINE__, "HEAD", HTTP_HEAD},
        {__LINE__, "POST", HTTP_POST},       {__LINE__, "DELETE", HTTP_DELETE},
        {__LINE__, "OPTIONS", HTTP_OPTIONS}, {__LINE__, "PUT", HTTP_OTHER},
        {__LINE__, "get", HTTP_OTHER},       {__LINE__, "GETS", HTTP_OTHER},
        {__LINE__, "GE", HTTP_OTHER},        {__LINE__, "", HTTP_OTHER},
        {__LINE__, NULL, HTTP_OTHER},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        struct http_request request;
        fake_init(&fake);
        fake_param(&fake, "REQUEST_METHOD", rows[i].name);
        fake_param(&fake, "REQUEST_URI", "/");
        assert_row(rows[i].line,
                   http_request_init(&request, &fake.transport, NULL, NULL) == ERR_OK);
        assert_row(rows[i].line, request.verb == rows[i].verb);
        assert_row(rows[i].line, strcmp(request.verb_name, rows[i].name ? rows[i].name : "") == 0);
        http_request_free(&request);
    }
}

static void reads_everything_at_once(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    struct http_request request;
    fake_get(&fake, "/chat/a%20b?c");
    fake_param(&fake, "REMOTE_ADDR", "203.0.113.9");
    fake_param(&fake, "HTTPS", "on");
    assert_int_equal(http_request_init(&request, &fake.transport, "/chat", NULL), ERR_OK);
    assert_string_equal(buf_str(&request.path), "/a b");
    assert_string_equal(buf_str(&request.mount), "/chat");
    assert_string_equal(request.client_address, "203.0.113.9");
    assert_true(request.https);
    http_request_free(&request);
}

static void a_request_with_a_malformed_path_still_tells_who_sent_it(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    struct http_request request;
    fake_get(&fake, "/../etc");
    fake_param(&fake, "REMOTE_ADDR", "203.0.113.9");
    assert_int_equal(http_request_init(&request, &fake.transport, NULL, NULL), ERR_INVALID);
    assert_int_equal(request.verb, HTTP_GET);
    assert_string_equal(buf_str(&request.path), "/");
    assert_string_equal(request.client_address, "203.0.113.9");
    assert_int_equal(strlen(request.id), HTTP_ID_SIZE - 1);
    http_request_free(&request);
}

static void ids_are_hexadecimal_and_differ(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    struct http_request one;
    struct http_request two;
    fake_get(&fake, "/");
    assert_int_equal(http_request_init(&one, &fake.transport, NULL, NULL), ERR_OK);
    assert_int_equal(http_request_init(&two, &fake.transport, NULL, NULL), ERR_OK);
    assert_int_equal(strspn(one.id, "0123456789abcdef"), HTTP_ID_SIZE - 1);
    assert_string_not_equal(one.id, two.id);
    http_request_free(&one);
    http_request_free(&two);
}

static void variables_are_found_by_their_whole_name(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    fake_init(&fake);
    fake_param(&fake, "HTTP_HOST_X", "wrong");
    fake_param(&fake, "XHTTP_HOST", "wrong");
    fake_param(&fake, "HTTP_HOST", "a=b");
    fake_param(&fake, "EMPTY", "");
    const struct http_request request = {.transport = &fake.transport};
    assert_string_equal(http_param(&request, "HTTP_HOST"), "a=b");
    assert_string_equal(http_param(&request, "EMPTY"), "");
    assert_null(http_param(&request, "HTTP"));
    assert_null(http_param(&request, "http_host"));
}

static const struct {
    int line;
    const char *header;
    const char *value; /* of the cookie "id" */
} cookies[] = {
    {__LINE__, NULL, NULL},
    {__LINE__, "", NULL},
    {__LINE__, "id=abc", "abc"},
    {__LINE__, "a=1; id=abc; b=2", "abc"},
    {__LINE__, "a=1;id=abc;b=2", "abc"},
    {__LINE__, " ;; id=abc;", "abc"},
    {__LINE__, "id=", ""},
    {__LINE__, "id=; id=abc", ""},
    {__LINE__, "id", NULL},
    {__LINE__, "id; a=1", NULL},
    {__LINE__, "id=a=b==", "a=b=="},
    /* quotes are the sender's */
    {__LINE__, "id=\"abc\"", "\"abc\""},
    {__LINE__, "id=a b", "a b"},
    {__LINE__, "id=a,b", "a,b"},
    {__LINE__, "id=%41", "%41"},
    /* the first of several, as browsers send the most specific first */
    {__LINE__, "id=one; id=two", "one"},
    /* other names that hold this one */
    {__LINE__, "xid=1", NULL},
    {__LINE__, "idx=1", NULL},
    {__LINE__, "__Host-id=1", NULL},
    {__LINE__, "ID=1", NULL},
    {__LINE__, "idx=1; xid=2; id=3", "3"},
    {__LINE__, "a=id=1", NULL},
    {__LINE__, "a=id=1; id=2", "2"},
    {__LINE__, "=id=1; id=2", "2"},
    {__LINE__, "i d=1", NULL},
};

static void finds_a_cookie_as_it_was_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cookies); i++) {
        FAKE_AUTO struct fake fake;
        fake_init(&fake);
        fake_param(&fake, "HTTP_COOKIE", cookies[i].header);
        const struct http_request request = {.transport = &fake.transport};
        const char *expected = cookies[i].value;
        size_t len = 999;
        const char *found = http_cookie(&request, "id", NULL, &len);
        assert_row(cookies[i].line, !found == !expected);
        if (expected) {
            assert_row(cookies[i].line, len == strlen(expected));
            assert_row(cookies[i].line, strncmp(found, expected, len) == 0);
        }
    }
}

static void finds_every_cookie_of_a_name(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    fake_init(&fake);
    fake_param(&fake, "HTTP_COOKIE", "id=stale; x=id=no; id=good");
    const struct http_request request = {.transport = &fake.transport};
    size_t len = 0;
    const char *first = http_cookie(&request, "id", NULL, &len);
    assert_int_equal(len, 5);
    const char *second = http_cookie(&request, "id", first, &len);
    assert_non_null(second);
    assert_memory_equal(second, "good", len);
    assert_null(http_cookie(&request, "id", second, &len));
}

static const struct {
    int line;
    const char *announced;
    const char *body;
    size_t max;
    enum err err;
} bodies[] = {
    {__LINE__, "5", "hello", 10, ERR_OK},
    {__LINE__, "5", "hello", 5, ERR_OK},
    {__LINE__, "005", "hello", 5, ERR_OK},
    {__LINE__, "0", "", 10, ERR_OK},
    /* chunked: the web server announces nothing */
    {__LINE__, NULL, "", 10, ERR_OK},
    {__LINE__, "", "", 10, ERR_OK},
    {__LINE__, NULL, "0123456789", 10, ERR_OK},
    {__LINE__, "", "0123456789", 10, ERR_OK},
    {__LINE__, NULL, "0123456789a", 10, ERR_TOO_LARGE},
    {__LINE__, "11", "0123456789a", 10, ERR_TOO_LARGE},
    {__LINE__, "9223372036854775807", "hello", 10, ERR_TOO_LARGE},
    {__LINE__, "9223372036854775808", "hello", 10, ERR_TOO_LARGE},
    {__LINE__, "99999999999999999999999999", "hello", 10, ERR_TOO_LARGE},
    /* cut off */
    {__LINE__, "6", "hello", 10, ERR_INVALID},
    {__LINE__, "1", "", 10, ERR_INVALID},
    /* no number */
    {__LINE__, "x", "hello", 10, ERR_INVALID},
    {__LINE__, "5x", "hello", 10, ERR_INVALID},
    {__LINE__, " 5", "hello", 10, ERR_INVALID},
    {__LINE__, "+5", "hello", 10, ERR_INVALID},
    {__LINE__, "-1", "hello", 10, ERR_INVALID},
    {__LINE__, "-5", "hello", 10, ERR_INVALID},
    {__LINE__, "5.0", "hello", 10, ERR_INVALID},
    {__LINE__, "0x5", "hello", 10, ERR_INVALID},
    {__LINE__, "5, 5", "hello", 10, ERR_INVALID},
};

static void reads_a_body_whole_or_refuses_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        for (size_t piece = 0; piece < 3; piece++) {
            FAKE_AUTO struct fake fake;
            fake_init(&fake);
            fake.piece = piece;
            fake_param(&fake, "CONTENT_LENGTH", bodies[i].announced);
            fake_body(&fake, bodies[i].body, strlen(bodies[i].body));
            struct http_request request = {.transport = &fake.transport};
            enum err err = http_request_read_body(&request, bodies[i].max);
            assert_row(bodies[i].line, err == bodies[i].err);
            if (!err)
                assert_row(bodies[i].line, strcmp(buf_str(&request.body), bodies[i].body) == 0);
            http_request_free(&request);
        }
    }
}

static void does_not_read_what_was_announced_as_too_large(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    fake_init(&fake);
    fake_param(&fake, "CONTENT_LENGTH", "11");
    fake_body(&fake, "0123456789a", 11);
    struct http_request request = {.transport = &fake.transport};
    assert_int_equal(http_request_read_body(&request, 10), ERR_TOO_LARGE);
    assert_int_equal(fake.body_read, 0);
    http_request_free(&request);
}

static void stops_reading_a_chunked_body_that_never_ends(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    static char endless[1 << 20];
    fake_init(&fake);
    fake_body(&fake, endless, sizeof endless);
    struct http_request request = {.transport = &fake.transport};
    assert_int_equal(http_request_read_body(&request, 1000), ERR_TOO_LARGE);
    assert_true(fake.body_read < 64 * 1024);
    assert_true(request.body.len <= 1000);
    http_request_free(&request);
}

static void keeps_every_byte_of_a_body(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    char bytes[20000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    fake_init(&fake);
    fake_param(&fake, "CONTENT_LENGTH", "20000");
    fake_body(&fake, bytes, sizeof bytes);
    struct http_request request = {.transport = &fake.transport};
    assert_int_equal(http_request_read_body(&request, sizeof bytes), ERR_OK);
    assert_int_equal(request.body.len, sizeof bytes);
    assert_memory_equal(request.body.data, bytes, sizeof bytes);
    http_request_free(&request);
}

static void recognises_a_content_type(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *header;
        bool json;
    } rows[] = {
        {__LINE__, "application/json", true},
        {__LINE__, "application/json; charset=utf-8", true},
        {__LINE__, "application/json;charset=utf-8", true},
        {__LINE__, "application/json ; charset=utf-8", true},
        {__LINE__, "Application/JSON", true},
        {__LINE__, "application/jsonp", false},
        {__LINE__, "application/json+ld", false},
        {__LINE__, "application/json,text/plain", false},
        {__LINE__, "application/jso", false},
        {__LINE__, "text/plain; application/json", false},
        {__LINE__, "text/plain", false},
        {__LINE__, "", false},
        {__LINE__, NULL, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        fake_init(&fake);
        fake_param(&fake, "CONTENT_TYPE", rows[i].header);
        const struct http_request request = {.transport = &fake.transport};
        assert_row(rows[i].line,
                   http_has_content_type(&request, "application/json") == rows[i].json);
    }
}

static void reads_a_bearer_token(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *header;
        const char *token;
    } rows[] = {
        {__LINE__, "Bearer abc.d-e_f", "abc.d-e_f"},
        {__LINE__, "bearer abc", "abc"},
        {__LINE__, "BEARER   abc", "abc"},
        {__LINE__, "Bearer a=b==", "a=b=="},
        {__LINE__, "Bearer", NULL},
        {__LINE__, "Bearer ", NULL},
        {__LINE__, "Bearer    ", NULL},
        {__LINE__, "Bearerabc", NULL},
        {__LINE__, "Bearers abc", NULL},
        {__LINE__, " Bearer abc", NULL},
        {__LINE__, "Basic Bearer abc", NULL},
        {__LINE__, "abc", NULL},
        {__LINE__, "", NULL},
        {__LINE__, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        fake_init(&fake);
        fake_param(&fake, "HTTP_AUTHORIZATION", rows[i].header);
        const struct http_request request = {.transport = &fake.transport};
        const char *token = http_bearer_token(&request);
        assert_row(rows[i].line, !token == !rows[i].token);
        assert_row(rows[i].line, !token || strcmp(token, rows[i].token) == 0);
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
        cmocka_unit_test(reads_the_verb),
        cmocka_unit_test(reads_everything_at_once),
        cmocka_unit_test(a_request_with_a_malformed_path_still_tells_who_sent_it),
        cmocka_unit_test(ids_are_hexadecimal_and_differ),
        cmocka_unit_test(variables_are_found_by_their_whole_name),
        cmocka_unit_test(finds_a_cookie_as_it_was_sent),
        cmocka_unit_test(finds_every_cookie_of_a_name),
        cmocka_unit_test(reads_a_body_whole_or_refuses_it),
        cmocka_unit_test(does_not_read_what_was_announced_as_too_large),
        cmocka_unit_test(stops_reading_a_chunked_body_that_never_ends),
        cmocka_unit_test(keeps_every_byte_of_a_body),
        cmocka_unit_test(recognises_a_content_type),
        cmocka_unit_test(reads_a_bearer_token),
    };
    return cmocka_run_group_tests_name("http/request", tests, start_sodium, NULL);
}
