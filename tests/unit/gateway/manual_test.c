#include "support.h"

#include "gateway/manual.h"
#include "gateway/sections.h"

static void assert_query(int line, const char *question, const char *expected)
{
    BUF_AUTO(query, MANUAL_QUERY_MAX_BYTES);
    assert_row(line, manual_query(question, &query) == ERR_OK);
    assert_row(line, strcmp(buf_str(&query), expected) == 0);
}

static void quotes_the_words_that_say_something(void **state)
{
    (void)state;
    assert_query(__LINE__, "How do I connect a real model?",
                 "\"connect\" OR \"real\" OR \"model\"");
    assert_query(__LINE__, "GATEWAY_TIERS", "\"gateway_tiers\"");
    assert_query(__LINE__, "  caf\xc3\xa9 -- na\xc3\xafve  ",
                 "\"caf\xc3\xa9\" OR \"na\xc3\xafve\"");
    assert_query(__LINE__, "", "");
    assert_query(__LINE__, "what is the", "");
    assert_query(__LINE__, "?!\"'*()", "");
}

static void lets_no_operator_through(void **state)
{
    (void)state;
    assert_query(__LINE__, "a\" OR body:x NEAR(y, 2) AND NOT z* ^q -w +e {f}",
                 "\"body\" OR \"x\" OR \"near\" OR \"y\" OR \"2\" OR \"z\" OR \"q\" OR \"w\" OR "
                 "\"e\" OR \"f\"");
}

static void takes_a_limited_number_of_words(void **state)
{
    (void)state;
    BUF_AUTO(question, 64 * 1024);
    BUF_AUTO(query, MANUAL_QUERY_MAX_BYTES);
    for (int i = 0; i < 5000; i++)
        buf_addf(&question, "word%d ", i);
    for (int i = 0; i < 5000; i++)
        buf_adds(&question, "long");
    assert_int_equal(manual_query(question.data, &query), ERR_OK);
    assert_non_null(strstr(query.data, "\"word31\""));
    assert_null(strstr(query.data, "\"word32\""));
    assert_null(strstr(query.data, "long"));
}

static const char document[] = "Before any heading.\n"
                               "\n"
                               "# Title #\n"
                               "\n"
                               "An ![image](x.png) and a [link](doc/a.md) and a\n"
                               "[far link](https://example.com/x).\n"
                               "\n"
                               "## Code\n"
                               "\n"
                               "````sh\n"
                               "# not a heading\n"
                               "```\n"
                               "[kept](as-it-is)\n"
                               "````\n"
                               "#no heading\n"
                               "\n"
                               "### Empty\n"
                               "\n"
                               "## Last\r\n"
                               "text\r\n";

static enum err note_section(void *context, const char *heading, const char *body)
{
    buf_addf(context, "<%s>%s", heading, body);
    return ERR_OK;
}

static void cuts_at_headings(void **state)
{
    (void)state;
    BUF_AUTO(out, 8192);
    assert_int_equal(sections_visit(document, strlen(document), note_section, &out), ERR_OK);
    assert_string_equal(out.data,
                        "<>Before any heading.\n\n"
                        "<Title>An  and a link and a\n[far link](https://example.com/x).\n\n"
                        "<Code>````sh\n# not a heading\n```\n[kept](as-it-is)\n````\n"
                        "#no heading\n\n"
                        "<Last>text\n");
}

static enum err count_section(void *context, const char *heading, const char *body)
{
    int *count = context;
    (void)heading;
    assert_true(strlen(body) > 0);
    (*count)++;
    return ERR_OK;
}

static void cuts_long_sections_but_no_code(void **state)
{
    (void)state;
    BUF_AUTO(prose, 64 * 1024);
    BUF_AUTO(code, 64 * 1024);
    buf_adds(&prose, "# Long\n\n");
    buf_adds(&code, "# Long\n\n```\n");
    for (int i = 0; i < 200; i++) {
        buf_adds(&prose, "A paragraph of some fifty letters stands here again.\n\n");
        buf_adds(&code, "a line of code of some fifty letters stands here;\n\n");
    }
    buf_adds(&code, "```\n");
    int count = 0;
    assert_int_equal(sections_visit(prose.data, prose.len, count_section, &count), ERR_OK);
    assert_true(count >= 4);
    count = 0;
    assert_int_equal(sections_visit(code.data, code.len, count_section, &count), ERR_OK);
    assert_int_equal(count, 1);
}

static const char readme[] = "# Tea\n\nTea is a drink.\n\n# Brewing coffee\n\nGrind the beans.\n";
static const char hacking[] = "# Tests\n\nRun the tests.\n\n# Drinks\n\nTea.\n";

static const struct embedded_file files[] = {
    {"README.md", readme, sizeof readme - 1},
    {"HACKING.md", hacking, sizeof hacking - 1},
    {NULL, NULL, 0},
};

static void finds_the_best_passage(void **state)
{
    (void)state;
    struct manual *manual = NULL;
    assert_int_equal(manual_open(files, &manual), ERR_OK);
    static const struct {
        int line;
        const char *question;
        const char *found;
    } rows[] = {
        {__LINE__, "How is coffee brewed?", "**README.md: Brewing coffee**\n\nGrind the beans.\n"},
        {__LINE__, "tea", "**README.md: Tea**\n\nTea is a drink.\n\n"},
        {__LINE__, "running a TEST", "**HACKING.md: Tests**\n\nRun the tests.\n\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BUF_AUTO(passage, 4096);
        assert_row(rows[i].line, manual_search(manual, rows[i].question, &passage) == ERR_OK);
        assert_row(rows[i].line, strcmp(passage.data, rows[i].found) == 0);
    }
    static const char *const unknown[] = {"zebra", "", "the", "\" OR 1", "\xe2\x80\x94"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        BUF_AUTO(passage, 4096);
        assert_int_equal(manual_search(manual, unknown[i], &passage), ERR_NOT_FOUND);
        assert_int_equal(passage.len, 0);
    }
    manual_close(manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_the_words_that_say_something),
        cmocka_unit_test(lets_no_operator_through),
        cmocka_unit_test(takes_a_limited_number_of_words),
        cmocka_unit_test(cuts_at_headings),
        cmocka_unit_test(cuts_long_sections_but_no_code),
        cmocka_unit_test(finds_the_best_passage),
    };
    return cmocka_run_group_tests_name("gateway/manual", tests, NULL, NULL);
}
