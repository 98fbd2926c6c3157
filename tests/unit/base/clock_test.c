#include "support.h"

#include "base/clock.h"

static void writes_iso_8601(void **state)
{
    (void)state;
    static const struct {
        int line;
        int64_t ms;
        const char *text;
    } rows[] = {
        {__LINE__, 0, "1970-01-01T00:00:00.000Z"},
        {__LINE__, 1, "1970-01-01T00:00:00.001Z"},
        {__LINE__, 999, "1970-01-01T00:00:00.999Z"},
        {__LINE__, INT64_C(951782399999), "2000-02-28T23:59:59.999Z"},
        {__LINE__, INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
        {__LINE__, INT64_C(1795428000000), "2026-11-23T10:00:00.000Z"},
        {__LINE__, INT64_C(2147483648000), "2038-01-19T03:14:08.000Z"},
        {__LINE__, INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
        {__LINE__, INT64_C(253402300800000), "9999-12-31T23:59:59.999Z"},
        {__LINE__, INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {__LINE__, -1, "1970-01-01T00:00:00.000Z"},
        {__LINE__, INT64_MIN, "1970-01-01T00:00:00.000Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[CLOCK_ISO_SIZE];
        clock_format_iso(rows[i].ms, text);
        assert_row(rows[i].line, strcmp(text, rows[i].text) == 0);
    }
}

static void does_not_depend_on_the_time_zone(void **state)
{
    (void)state;
    char text[CLOCK_ISO_SIZE];
    setenv("TZ", "Asia/Tokyo", 1);
    clock_format_iso(INT64_C(1795428000000), text);
    assert_string_equal(text, "2026-11-23T10:00:00.000Z");
    unsetenv("TZ");
}

static void shows_a_fixed_time_until_changed(void **state)
{
    (void)state;
    struct clock clock = {.fixed_ms = 42};
    assert_int_equal(clock_now_ms(&clock), 42);
    clock.fixed_ms += MS_PER_DAY;
    assert_int_equal(clock_now_ms(&clock), 42 + INT64_C(86400000));
    clock.fixed_ms = 0;
    assert_true(clock_now_ms(&clock) > INT64_C(1700000000000));
    assert_true(clock_now_ms(NULL) > INT64_C(1700000000000));
}

static void monotonic_clock_does_not_go_back(void **state)
{
    (void)state;
    int64_t before = clock_monotonic_ms();
    for (int i = 0; i < 1000; i++)
        assert_true(clock_monotonic_ms() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_iso_8601),
        cmocka_unit_test(does_not_depend_on_the_time_zone),
        cmocka_unit_test(shows_a_fixed_time_until_changed),
        cmocka_unit_test(monotonic_clock_does_not_go_back),
    };
    return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
