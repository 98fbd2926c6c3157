#include "support.h"

#include "gateway/upstream_answer.h"

static void repeats_what_the_upstream_says(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *body;
        const char *said;
    } rows[] = {
        {__LINE__, "{\"error\":{\"message\":\"too long\"}}", "too long"},
        {__LINE__, "{\"error\":\"no such model\"}", "no such model"},
        {__LINE__, "{\"message\":\"bad\"}", "bad"},
        {__LINE__, "{\"error\":{}}", ""},
        {__LINE__, "{\"error\":{\"message\":7}}", ""},
        {__LINE__, "<html>", ""},
        {__LINE__, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BUF_AUTO(body, 1024);
        BUF_AUTO(problem, UPSTREAM_PROBLEM_MAX_BYTES);
        buf_adds(&body, rows[i].body);
        upstream_error_message(&body, &problem);
        assert_row(rows[i].line, strcmp(buf_str(&problem), rows[i].said) == 0);
    }
}

static void cuts_what_the_upstream_says(void **state)
{
    (void)state;
    BUF_AUTO(body, 4096);
    BUF_AUTO(problem, UPSTREAM_PROBLEM_MAX_BYTES);
    buf_adds(&body, "{\"error\":{\"message\":\"");
    for (int i = 0; i < 400; i++)
        buf_adds(&body, "\xe2\x82\xac");
    buf_adds(&body, "\"}}");
    upstream_error_message(&body, &problem);
    assert_int_equal(problem.len, 498);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_what_the_upstream_says),
        cmocka_unit_test(cuts_what_the_upstream_says),
    };
    return cmocka_run_group_tests_name("gateway/upstream_answer", tests, NULL, NULL);
}
