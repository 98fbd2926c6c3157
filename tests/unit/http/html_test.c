#include "support.h"

#include "http/html.h"

static const struct {
    int line;
    const char *text;
    const char *escaped;
} rows[] = {
    {__LINE__, "", ""},
    {__LINE__, "/chat", "/chat"},
    {__LINE__, "a&b", "a&amp;b"},
    {__LINE__, "&amp;", "&amp;amp;"},
    {__LINE__, "\"><script>", "&quot;>&lt;script>"},
    {__LINE__, "\"\"", "&quot;&quot;"},
    {__LINE__, "it's", "it's"},
    {__LINE__, "\xc3\xa9", "\xc3\xa9"},
};

static void escapes_what_would_end_an_attribute(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BUF_AUTO(out, 256);
        html_attribute(&out, rows[i].text);
        assert_row(rows[i].line, buf_err(&out) == ERR_OK);
        assert_row(rows[i].line, strcmp(buf_str(&out), rows[i].escaped) == 0);
    }
}

static void adds_to_what_is_there_and_respects_the_maximum(void **state)
{
    (void)state;
    BUF_AUTO(out, 8);
    buf_adds(&out, "x=");
    html_attribute(&out, "\"");
    assert_string_equal(buf_str(&out), "x=&quot;");
    html_attribute(&out, "a");
    assert_int_equal(buf_err(&out), ERR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_would_end_an_attribute),
        cmocka_unit_test(adds_to_what_is_there_and_respects_the_maximum),
    };
    return cmocka_run_group_tests_name("http/html", tests, NULL, NULL);
}
