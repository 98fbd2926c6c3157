#include "support_http.h"

#include "http/response.h"

#include <sys/socket.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct page {
    struct fake fake;
    struct http_response response;
};

static int make_page(void **state)
{
    struct page *page = calloc(1, sizeof *page);
    assert_non_null(page);
    fake_init(&page->fake);
    http_response_init(&page->response, &page->fake.transport);
    *state = page;
    return 0;
}

static int free_page(void **state)
{
    struct page *page = *state;
    http_response_free(&page->response);
    fake_free(&page->fake);
    free(page);
    return 0;
}

#define PAGE_TEST(function) cmocka_unit_test_setup_teardown(function, make_page, free_page)

static void sends_status_headers_and_body_in_this_order(void **state)
{
    struct page *page = *state;
    http_response_header(&page->response, "X-One", "1");
    http_response_text(&page->response, 404, "Not here\n");
    assert_int_equal(http_response_send(&page->response), ERR_OK);
    assert_string_equal(buf_str(&page->fake.out), "Status: 404 Not Found\r\n"
                                                  "X-One: 1\r\n"
                                                  "Content-Type: text/plain; charset=utf-8\r\n"
                                                  "Content-Length: 9\r\n"
                                                  "\r\n"
                                                  "Not here\n");
    assert_true(page->response.started);
}

static void sends_200_and_no_body_when_nothing_was_set(void **state)
{
    struct page *page = *state;
    assert_false(page->response.started);
    assert_int_equal(http_response_send(&page->response), ERR_OK);
    assert_string_equal(buf_str(&page->fake.out), "Status: 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void sends_json_without_needless_escapes(void **state)
{
    struct page *page = *state;
    struct json_object *json = json_object_new_object();
    json_object_object_add(json, "url", json_object_new_string("https://a/\xc3\xa9\"\n"));
    http_response_json(&page->response, 201, json);
    json_object_put(json);
    assert_int_equal(http_response_send(&page->response), ERR_OK);
    assert_header(&page->fake, "Content-Type", "application/json");
    assert_string_equal(fake_answer_body(&page->fake, NULL),
                        "{\"url\":\"https://a/\xc3\xa9\\\"\\n\"}");
}

static void keeps_zero_bytes_of_a_body(void **state)
{
    struct page *page = *state;
    size_t len;
    buf_add(&page->response.body, "a\0b", 3);
    assert_int_equal(http_response_send(&page->response), ERR_OK);
    assert_header(&page->fake, "Content-Length", "3");
    assert_memory_equal(fake_answer_body(&page->fake, &len), "a\0b", 3);
    assert_int_equal(len, 3);
}

static void a_redirect_has_a_status_line(void **state)
{
    struct page *page = *state;
    page->response.status = 303;
    http_response_header(&page->response, "Location", "/signin");
    assert_int_equal(http_response_send(&page->response), ERR_OK);
    assert_status(&page->fake, "303 See Other");
    assert_header(&page->fake, "Location", "/signin");
}

static void names_each_status(void **state)
{
    (void)state;
    static const struct {
        int line;
        int status;
        const char *text;
    } rows[] = {
        {__LINE__, 200, "OK"},
        {__LINE__, 204, "No Content"},
        {__LINE__, 304, "Not Modified"},
        {__LINE__, 400, "Bad Request"},
        {__LINE__, 402, "Payment Required"},
        {__LINE__, 405, "Method Not Allowed"},
        {__LINE__, 413, "Content Too Large"},
        {__LINE__, 415, "Unsupported Media Type"},
        {__LINE__, 429, "Too Many Requests"},
        {__LINE__, 500, "Internal Server Error"},
        {__LINE__, 502, "Bad Gateway"},
        {__LINE__, 503, "Service Unavailable"},
        {__LINE__, 504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_row(rows[i].line, strcmp(http_status_text(rows[i].status), rows[i].text) == 0);
    assert_true(*http_status_text(599)); /* whatever it is, a status line needs something */
    assert_true(*http_status_text(-1));
}

static void every_error_has_a_status_of_its_own_kind(void **state)
{
    (void)state;
    assert_int_equal(http_status_of(ERR_OK), 200);
    for (int err = ERR_OK + 1; err < ERR_COUNT; err++) {
        int status = http_status_of((enum err)err);
        assert_in_range(status, 400, 504);
        assert_string_not_equal(http_status_text(status), "Status");
    }
    assert_int_equal(http_status_of(ERR_INVALID), 400);
    assert_int_equal(http_status_of(ERR_UNAUTHENTICATED), 401);
    assert_int_equal(http_status_of(ERR_QUOTA), 402);
    assert_int_equal(http_status_of(ERR_FORBIDDEN), 403);
    assert_int_equal(http_status_of(ERR_NOT_FOUND), 404);
    assert_int_equal(http_status_of(ERR_CONFLICT), 409);
    assert_int_equal(http_status_of(ERR_TOO_LARGE), 413);
    assert_int_equal(http_status_of(ERR_RATE_LIMITED), 429);
    assert_int_equal(http_status_of(ERR_NOMEM), 500);
    assert_int_equal(http_status_of(ERR_DATABASE), 500);
    assert_int_equal(http_status_of(ERR_OVERLOADED), 503);
    assert_int_equal(http_status_of(ERR_COUNT), 500);
    assert_int_equal(http_status_of((enum err)1000), 500);
}

static void drops_a_header_that_would_smuggle_in_another(void **state)
{
    struct page *page = *state;
    static const char *const values[] = {"a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\r\n",
                                         "\r\n\r\n<script>"};
    for (size_t i = 0; i < COUNT(values); i++) {
        http_response_header(&page->response, "X-Value", values[i]);
        http_response_headerf(&page->response, "X-Value", "b%s", values[i]);
    }
    http_response_header(&page->response, "X-Good", "a: b");
    http_response_headerf(&page->response, "X-Number", "%d", 42);
    assert_int_equal(http_response_send(&page->response), ERR_OK);
    assert_header(&page->fake, "X-Value", NULL);
    assert_header(&page->fake, "X-Evil", NULL);
    assert_header(&page->fake, "X-Good", "a: b");
    assert_header(&page->fake, "X-Number", "42");
    assert_string_equal(fake_answer_body(&page->fake, NULL), "");
}

static void a_header_may_come_twice(void **state)
{
    struct page *page = *state;
    char value[1024];
    http_response_header(&page->response, "Set-Cookie", "a=1");
    http_response_header(&page->response, "Set-Cookie", "b=2");
    assert_int_equal(http_response_send(&page->response), ERR_OK);
    assert_int_equal(fake_header(&page->fake, "Set-Cookie", value), 2);
    assert_string_equal(value, "b=2");
}

static void the_answer_to_head_tells_the_length_alone(void **state)
{
    struct page *page = *state;
    page->response.omit_body = true;
    http_response_text(&page->response, 200, "hello");
    assert_int_equal(http_response_send(&page->response), ERR_OK);
    assert_header(&page->fake, "Content-Length", "5");
    assert_string_equal(fake_answer_body(&page->fake, NULL), "");
}

static void no_content_and_not_modified_have_neither_body_nor_length(void **state)
{
    struct page *page = *state;
    static const int statuses[] = {204, 304};
    for (size_t i = 0; i < COUNT(statuses); i++) {
        buf_clear(&page->fake.out);
        http_response_reset(&page->response);
        http_response_text(&page->response, statuses[i], "hello");
        assert_int_equal(http_response_send(&page->response), ERR_OK);
        assert_header(&page->fake, "Content-Length", NULL);
        assert_string_equal(fake_answer_body(&page->fake, NULL), "");
    }
}

static void reset_takes_everything_back(void **state)
{
    struct page *page = *state;
    http_response_header(&page->response, "X-One", "1");
    http_response_text(&page->response, 404, "gone");
    http_response_reset(&page->response);
    assert_int_equal(http_response_send(&page->response), ERR_OK);
    assert_string_equal(buf_str(&page->fake.out), "Status: 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void each_piece_of_a_stream_is_on_its_way_at_once(void **state)
{
    struct page *page = *state;
    http_response_header(&page->response, "Content-Type", "text/event-stream");
    assert_int_equal(http_response_begin(&page->response), ERR_OK);
    assert_true(page->response.started);
    assert_string_equal(buf_str(&page->fake.out),
                        "Status: 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    assert_int_equal(page->fake.flushed, page->fake.out.len);
    assert_int_equal(http_response_write(&page->response, "data: 1\n\n", 9), ERR_OK);
    assert_int_equal(page->fake.flushed, page->fake.out.len);
    assert_int_equal(http_response_write(&page->response, "data: 2\n\n", 9), ERR_OK);
    assert_int_equal(page->fake.flushed, page->fake.out.len);
    assert_string_equal(fake_answer_body(&page->fake, NULL), "data: 1\n\ndata: 2\n\n");
}

static void the_answer_to_head_is_not_streamed(void **state)
{
    struct page *page = *state;
    page->response.omit_body = true;
    assert_int_equal(http_response_begin(&page->response), ERR_OK);
    assert_int_equal(http_response_write(&page->response, "hello", 5), ERR_OK);
    assert_string_equal(fake_answer_body(&page->fake, NULL), "");
}

static void no_content_and_not_modified_are_not_streamed(void **state)
{
    struct page *page = *state;
    static const int statuses[] = {204, 304};
    for (size_t i = 0; i < COUNT(statuses); i++) {
        buf_clear(&page->fake.out);
        page->response.status = statuses[i];
        assert_int_equal(http_response_begin(&page->response), ERR_OK);
        assert_int_equal(http_response_write(&page->response, "hello", 5), ERR_OK);
        assert_string_equal(fake_answer_body(&page->fake, NULL), "");
    }
}

static void a_vanished_reader_shows_as_disconnected(void **state)
{
    struct page *page = *state;
    assert_int_equal(http_response_begin(&page->response), ERR_OK);
    page->fake.gone = true;
    assert_int_equal(http_response_write(&page->response, "x", 1), ERR_DISCONNECTED);
    struct http_response whole;
    http_response_init(&whole, &page->fake.transport);
    http_response_text(&whole, 200, "x");
    assert_int_equal(http_response_send(&whole), ERR_DISCONNECTED);
    http_response_free(&whole);
}

static void what_does_not_fit_is_not_sent_in_part(void **state)
{
    struct page *page = *state;
    char *big = calloc(1, HTTP_BODY_MAX_BYTES + 1);
    assert_non_null(big);
    buf_add(&page->response.body, big, HTTP_BODY_MAX_BYTES + 1);
    assert_int_equal(http_response_send(&page->response), ERR_TOO_LARGE);
    http_response_reset(&page->response);
    memset(big, 'x', HTTP_HEADERS_MAX_BYTES);
    big[HTTP_HEADERS_MAX_BYTES] = '\0';
    http_response_header(&page->response, "X-Long", big);
    assert_int_equal(http_response_send(&page->response), ERR_TOO_LARGE);
    assert_int_equal(page->fake.out.len, 0);
    assert_false(page->response.started);
    free(big);
}

static void a_formatted_value_that_does_not_fit_is_no_empty_one(void **state)
{
    struct page *page = *state;
    http_response_headerf(&page->response, "X-Long", "%*s", HTTP_HEADERS_MAX_BYTES + 1, "x");
    if (http_response_send(&page->response) == ERR_OK)
        assert_header(&page->fake, "X-Long", NULL);
}

static void tells_when_the_reader_has_gone_away(void **state)
{
    struct page *page = *state;
    int pair[2];
    assert_false(http_response_abandoned(&page->response, 0));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    page->fake.watch_fd = pair[0];
    assert_false(http_response_abandoned(&page->response, 0));
    close(pair[1]);
    assert_true(http_response_abandoned(&page->response, 0));
    close(pair[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_TEST(sends_status_headers_and_body_in_this_order),
        PAGE_TEST(sends_200_and_no_body_when_nothing_was_set),
        PAGE_TEST(sends_json_without_needless_escapes),
        PAGE_TEST(keeps_zero_bytes_of_a_body),
        PAGE_TEST(a_redirect_has_a_status_line),
        cmocka_unit_test(names_each_status),
        cmocka_unit_test(every_error_has_a_status_of_its_own_kind),
        PAGE_TEST(drops_a_header_that_would_smuggle_in_another),
        PAGE_TEST(a_header_may_come_twice),
        PAGE_TEST(the_answer_to_head_tells_the_length_alone),
        PAGE_TEST(no_content_and_not_modified_have_neither_body_nor_length),
        PAGE_TEST(reset_takes_everything_back),
        PAGE_TEST(each_piece_of_a_stream_is_on_its_way_at_once),
        PAGE_TEST(the_answer_to_head_is_not_streamed),
        PAGE_TEST(no_content_and_not_modified_are_not_streamed),
        PAGE_TEST(a_vanished_reader_shows_as_disconnected),
        PAGE_TEST(what_does_not_fit_is_not_sent_in_part),
        PAGE_TEST(a_formatted_value_that_does_not_fit_is_no_empty_one),
        PAGE_TEST(tells_when_the_reader_has_gone_away),
    };
    return cmocka_run_group_tests_name("http/response", tests, NULL, NULL);
}
