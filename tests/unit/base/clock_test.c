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

static void reads_iso_8601(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = {
        {__LINE__, "1970-01-01", 0},
        {__LINE__, "2000-02-29", INT64_C(951782400000)},
        {__LINE__, "2026-11-23T10:00:00Z", INT64_C(1795428000000)},
        {__LINE__, "2026-11-23T10:00Z", INT64_C(1795428000000)},
        {__LINE__, "2026-11-23T11:30:00+01:30", INT64_C(1795428000000)},
        {__LINE__, "2026-11-23T02:00:00-08:00", INT64_C(1795428000000)},
        {__LINE__, "2026-11-23T10:00:00.5Z", INT64_C(1795428000500)},
        {__LINE__, "2026-11-23T10:00:00.0019Z", INT64_C(1795428000001)},
        {__LINE__, "9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
        {__LINE__, "", -1},
        {__LINE__, "now", -1},
        {__LINE__, "2026", -1},
        {__LINE__, "2026-11-23x", -1},
        {__LINE__, "2026-11-31", -1},
        {__LINE__, "2026-13-01", -1},
        {__LINE__, "2026-00-01", -1},
        {__LINE__, "2026-01-00", -1},
        {__LINE__, "1969-12-31", -1},
        {__LINE__, "2026-11-23T10:00:00", -1},
        {__LINE__, "2026-11-23T24:00:00Z", -1},
        {__LINE__, "2026-11-23T10:60:00Z", -1},
        {__LINE__, "2026-11-23T10:00:60Z", -1},
        {__LINE__, "2026-11-23T10:00:00.Z", -1},
        {__LINE__, "2026-11-23T10:00:00+24:00", -1},
        {__LINE__, "2026-11-23T10:00:00+0100", -1},
        {__LINE__, "2026-11-23T10:00:00Zx", -1},
        {__LINE__, "2026-11-23 10:00:00Z", -1},
        {__LINE__, " 2026-11-23", -1},
        {__LINE__, "+026-11-23", -1},
        {__LINE__, "1970-01-01T00:00:00+00:01", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = -1;
        enum err err = clock_parse_iso(rows[i].text, &ms);
        assert_row(rows[i].line, ms == rows[i].ms && (err == ERR_OK) == (ms >= 0));
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
        cmocka_unit_test(reads_iso_8601),
        cmocka_unit_test(does_not_depend_on_the_time_zone),
        cmocka_unit_test(shows_a_fixed_time_until_changed),
        cmocka_unit_test(monotonic_clock_does_not_go_back),
    };
    return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
