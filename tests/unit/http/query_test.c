#include "support_http.h"

#include "http/query.h"

struct asked {
    enum err err;
    char value[64];
};

static struct asked ask(const char *query, const char *name)
{
    FAKE_AUTO struct fake fake;
    BUF_AUTO(value, 63);
    fake_init(&fake);
    fake_param(&fake, "QUERY_STRING", query);
    const struct http_request request = {.transport = &fake.transport};
    struct asked asked = {.err = http_query_text(&request, name, &value)};
    snprintf(asked.value, sizeof asked.value, "%s", buf_str(&value));
    return asked;
}

static const struct {
    int line;
    const char *query;
    enum err err;
    const char *value;
} texts[] = {
    {__LINE__, NULL, ERR_NOT_FOUND, ""},
    {__LINE__, "", ERR_NOT_FOUND, ""},
    {__LINE__, "a", ERR_NOT_FOUND, ""},
    {__LINE__, "a=", ERR_OK, ""},
    {__LINE__, "a=1", ERR_OK, "1"},
    {__LINE__, "a=1&a=2", ERR_OK, "1"},
    {__LINE__, "&&b=2&a=1&", ERR_OK, "1"},
    {__LINE__, "aa=2&A=3&a=1", ERR_OK, "1"},
    {__LINE__, "a=x%20y+z%2B", ERR_OK, "x y z+"},
    {__LINE__, "a=+", ERR_OK, " "},
    {__LINE__, "a==1", ERR_OK, "=1"},
    {__LINE__, "a=%C3%BC", ERR_OK, "\xc3\xbc"},
    {__LINE__, "a=%", ERR_INVALID, ""},
    {__LINE__, "a=%0", ERR_INVALID, ""},
    {__LINE__, "a=%zz", ERR_INVALID, ""},
    {__LINE__, "a=%00", ERR_INVALID, ""},
    {__LINE__, "a=1%", ERR_INVALID, ""},
    {__LINE__, "a=1&b=%", ERR_INVALID, ""},
    {__LINE__, "%4=1&a=1", ERR_INVALID, ""},
    {__LINE__, "b=%0g", ERR_INVALID, ""},
    {__LINE__, "b=%25&a=%2525", ERR_OK, "%25"},
};

static void reads_the_first_of_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct asked asked = ask(texts[i].query, "a");
        if (asked.err != texts[i].err || (!asked.err && strcmp(asked.value, texts[i].value) != 0))
            fail_msg("line %d: %d \"%s\"", texts[i].line, asked.err, asked.value);
    }
}

static const struct {
    int line;
    const char *query;
    enum err err;
    int64_t number;
} numbers[] = {
    {__LINE__, "", ERR_OK, -1},           {__LINE__, "n=5", ERR_OK, 5},
    {__LINE__, "n=10", ERR_OK, 10},       {__LINE__, "n=1", ERR_OK, 1},
    {__LINE__, "n=0", ERR_INVALID, -1},   {__LINE__, "n=11", ERR_INVALID, -1},
    {__LINE__, "n=", ERR_INVALID, -1},    {__LINE__, "n=-5", ERR_INVALID, -1},
    {__LINE__, "n=+5", ERR_INVALID, -1},  {__LINE__, "n=5x", ERR_INVALID, -1},
    {__LINE__, "n=x", ERR_INVALID, -1},   {__LINE__, "n=99999999999999999999", ERR_INVALID, -1},
    {__LINE__, "n=%00", ERR_INVALID, -1},
};

static void reads_numbers_within_their_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        FAKE_AUTO struct fake fake;
        fake_init(&fake);
        fake_param(&fake, "QUERY_STRING", numbers[i].query);
        const struct http_request request = {.transport = &fake.transport};
        int64_t number = -1;
        enum err err = http_query_number(&request, "n", 1, 10, &number);
        if (err != numbers[i].err || number != numbers[i].number)
            fail_msg("line %d: %d %lld", numbers[i].line, err, (long long)number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_first_of_a_name),
        cmocka_unit_test(reads_numbers_within_their_range),
    };
    return cmocka_run_group_tests_name("http/query", tests, NULL, NULL);
}
