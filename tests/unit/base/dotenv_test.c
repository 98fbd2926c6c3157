#include "support.h"

#include "base/dotenv.h"

#include "base/buf.h"

/* Writes each assignment as NAME=<value>; */
static enum err collect(void *context, const char *name, const char *value)
{
    buf_addf(context, "%s=<%s>;", name, value);
    return ERR_OK;
}

static const struct {
    int line;
    const char *text;
    const char *seen;
    unsigned bad_line; /* 0: all is well */
} rows[] = {
    {__LINE__, "", "", 0},
    {__LINE__, "\n\n  \n", "", 0},
    {__LINE__, "# comment\nA=1", "A=<1>;", 0},
    {__LINE__, "A=1\nB=2\n", "A=<1>;B=<2>;", 0},
    {__LINE__, "A=1\r\nB=2\r\n", "A=<1>;B=<2>;", 0},
    {__LINE__,
     "\xef\xbb\xbf"
     "A=1",
     "A=<1>;", 0},
    {__LINE__, "export A=1\nexport\tB=2", "A=<1>;B=<2>;", 0},
    {__LINE__, "export=1", "export=<1>;", 0},
    {__LINE__, "  A = 1 ", "A=<1>;", 0},
    {__LINE__, "A=", "A=<>;", 0},
    {__LINE__, "A=\nB=2", "A=<>;B=<2>;", 0},
    {__LINE__, "A= # nothing", "A=<>;", 0},
    {__LINE__, "A=one two # three", "A=<one two>;", 0},
    {__LINE__, "A=one#two", "A=<one#two>;", 0},
    {__LINE__, "A=a=b==", "A=<a=b==>;", 0},
    {__LINE__, "A=$HOME ${HOME} `id`", "A=<$HOME ${HOME} `id`>;", 0},
    {__LINE__, "A=a\\nb", "A=<a\\nb>;", 0},
    {__LINE__, "A='a # b' # c", "A=<a # b>;", 0},
    {__LINE__, "A='a\\nb'", "A=<a\\nb>;", 0},
    {__LINE__, "A='say \"x\"'", "A=<say \"x\">;", 0},
    {__LINE__, "A=\"a\\nb\\t\\\"c\\\"\\\\\\$\"", "A=<a\nb\t\"c\"\\$>;", 0},
    {__LINE__, "A=\"it's\"", "A=<it's>;", 0},
    {__LINE__, "A=\"one\ntwo\"\nB=2", "A=<one\ntwo>;B=<2>;", 0},
    {__LINE__, "A='one\ntwo'\r\nB=2", "A=<one\ntwo>;B=<2>;", 0},
    {__LINE__, "A=\"\"", "A=<>;", 0},
    {__LINE__, "A=1\nA=2", "A=<1>;A=<2>;", 0},
    {__LINE__, "A_1b=x", "A_1b=<x>;", 0},
    {__LINE__, "no assignment", "", 1},
    {__LINE__, "A=1\nB\n", "A=<1>;", 2},
    {__LINE__, "A=1\n\n# c\n=2", "A=<1>;", 4},
    {__LINE__, "A-B=1", "", 1},
    {__LINE__, "A=\"open\nB=2\n", "", 1},
    {__LINE__, "X=1\nA='open\nB=2\n", "X=<1>;", 2},
    {__LINE__, "A=\"one\ntwo\"\nB", "A=<one\ntwo>;", 3},
    {__LINE__, "A=\"x\" y", "", 1},
    {__LINE__, "A=\"x\\", "", 1},
    {__LINE__, "export A", "", 1},
};

static void reads_the_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BUF_AUTO(seen, 1024);
        unsigned line = 0;
        enum err err = dotenv_parse(rows[i].text, strlen(rows[i].text), collect, &seen, &line);
        assert_row(rows[i].line, err == (rows[i].bad_line ? ERR_INVALID : ERR_OK));
        assert_row(rows[i].line, line == rows[i].bad_line);
        assert_row(rows[i].line, strcmp(buf_str(&seen), rows[i].seen) == 0);
    }
}

static void refuses_nul_bytes(void **state)
{
    (void)state;
    BUF_AUTO(seen, 64);
    unsigned line = 0;
    assert_int_equal(dotenv_parse("A=1\nB=x\0y", 9, collect, &seen, &line), ERR_INVALID);
    assert_int_equal(line, 2);
    assert_int_equal(dotenv_parse("A\0B=1", 5, collect, &seen, &line), ERR_INVALID);
    assert_int_equal(dotenv_parse("A='\0'", 5, collect, &seen, &line), ERR_INVALID);
}

static void refuses_long_names(void **state)
{
    (void)state;
    char text[200];
    BUF_AUTO(seen, 1024);
    unsigned line = 0;
    memset(text, 'A', sizeof text);
    text[150] = '=';
    assert_int_equal(dotenv_parse(text, sizeof text, collect, &seen, &line), ERR_INVALID);
    assert_int_equal(line, 1);
}

/* Every text that is cut off anywhere gives an answer, and reads nothing behind its end. */
static void survives_being_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = "export A = \"x\\\"y\" # c\r\nB='z'\nC=plain # d\n";
    for (size_t len = 0; len < sizeof text; len++) {
        BUF_AUTO(seen, 1024);
        unsigned line = 0;
        char *exact = malloc(len + 1);
        assert_non_null(exact);
        memcpy(exact, text, len);
        enum err err = dotenv_parse(exact, len, collect, &seen, &line);
        assert_true(err == ERR_OK || (err == ERR_INVALID && line >= 1));
        free(exact);
    }
}

static enum err stop(void *context, const char *name, const char *value)
{
    (void)name, (void)value;
    ++*(int *)context;
    return ERR_NOMEM;
}

static void passes_on_what_the_visitor_returns(void **state)
{
    (void)state;
    int calls = 0;
    unsigned line = 0;
    assert_int_equal(dotenv_parse("A=1\nB=2", 7, stop, &calls, &line), ERR_NOMEM);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_format),
        cmocka_unit_test(refuses_nul_bytes),
        cmocka_unit_test(refuses_long_names),
        cmocka_unit_test(survives_being_cut_anywhere),
        cmocka_unit_test(passes_on_what_the_visitor_returns),
    };
    return cmocka_run_group_tests_name("base/dotenv", tests, NULL, NULL);
}
