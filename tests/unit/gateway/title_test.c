#include "support.h"

#include "base/json.h"
#include "gateway/title.h"

#define TEN "123456789 "
#define FIFTY_NINE TEN TEN TEN TEN TEN "123456789"
#define WIDE "\xf0\x9f\x98\x80"
#define WIDE_TEN WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE

/* However the first question is written. */
static const struct {
    int line;
    const char *content; /* JSON */
    const char *title;
} rows[] = {
    {__LINE__, "\"How do I add a user?\"", "How do I add a user?"},
    {__LINE__, "\"  two\\n\\tlines \\r\\n\"", "two lines"},
    {__LINE__, "\"\"", ""},
    {__LINE__, "\"\\u0000a\\u0000\\u001bb\"", "a b"},
    {__LINE__, "\" \\n \"", ""},
    {__LINE__, "\"" FIFTY_NINE "\"", FIFTY_NINE},
    {__LINE__, "\"" FIFTY_NINE "0\"", FIFTY_NINE "0"},
    {__LINE__, "\"" FIFTY_NINE "0 more\"", FIFTY_NINE "0\xe2\x80\xa6"},
    {__LINE__, "\"" FIFTY_NINE "01\"", TEN TEN TEN TEN "123456789\xe2\x80\xa6"},
    {__LINE__, "\"" WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN "\"",
     WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN},
    {__LINE__, "\"" WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN WIDE "\"",
     WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN WIDE_TEN "\xe2\x80\xa6"},
    {__LINE__,
     "[{\"type\":\"text\",\"text\":\"What\"},{\"type\":\"image_url\"},{\"type\":\"text\",\"text\":"
     "\"is this?\"}]",
     "What is this?"},
};

static void is_the_beginning_of_the_first_question(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BUF_AUTO(text, 4096);
        BUF_AUTO(problem, 256);
        struct chat_request request;
        char title[TITLE_SIZE];
        buf_addf(&text,
                 "{\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                 "{\"role\":\"user\",\"content\":%s},{\"role\":\"user\",\"content\":\"later\"}]}",
                 rows[i].content);
        assert_int_equal(chat_request_parse(buf_str(&text), text.len, &request, &problem), ERR_OK);
        title_of(&request, title);
        if (strcmp(title, rows[i].title) != 0)
            fail_msg("line %d: \"%s\"", rows[i].line, title);
        chat_request_free(&request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_beginning_of_the_first_question),
    };
    return cmocka_run_group_tests_name("gateway/title", tests, NULL, NULL);
}
