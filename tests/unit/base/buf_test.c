#include "support.h"

#include "base/buf.h"

static void is_empty_string_before_anything_is_added(void **state)
{
    (void)state;
    BUF_AUTO(buf, 8);
    assert_string_equal(buf_str(&buf), "");
    assert_int_equal(buf_err(&buf), ERR_OK);
    buf_add(&buf, "", 0);
    assert_string_equal(buf_str(&buf), "");
    assert_int_equal(buf.len, 0);
}

static void takes_exactly_its_maximum(void **state)
{
    (void)state;
    BUF_AUTO(buf, 8);
    buf_adds(&buf, "12345");
    buf_adds(&buf, "678");
    assert_int_equal(buf_err(&buf), ERR_OK);
    assert_string_equal(buf_str(&buf), "12345678");
    buf_adds(&buf, "9");
    assert_int_equal(buf_err(&buf), ERR_TOO_LARGE);
}

static void first_failure_sticks(void **state)
{
    (void)state;
    BUF_AUTO(buf, 4);
    buf_adds(&buf, "ab");
    buf_adds(&buf, "too long");
    buf_adds(&buf, "c");
    assert_int_equal(buf_err(&buf), ERR_TOO_LARGE);
    assert_string_equal(buf_str(&buf), "ab");
    buf_clear(&buf);
    buf_adds(&buf, "c");
    assert_int_equal(buf_err(&buf), ERR_OK);
    assert_string_equal(buf_str(&buf), "c");
}

static void maximum_near_size_max_does_not_overflow(void **state)
{
    (void)state;
    BUF_AUTO(buf, 10);
    buf_adds(&buf, "x");
    buf_add(&buf, "y", SIZE_MAX);
    assert_int_equal(buf_err(&buf), ERR_TOO_LARGE);
    assert_string_equal(buf_str(&buf), "x");
}

static void formats_beyond_its_first_capacity(void **state)
{
    (void)state;
    BUF_AUTO(buf, 100000);
    for (int i = 0; i < 1000; i++)
        buf_addf(&buf, "%03d,", i);
    assert_int_equal(buf_err(&buf), ERR_OK);
    assert_int_equal(buf.len, 4000);
    assert_memory_equal(buf.data + 3996, "999,", 5);
    buf_addf(&buf, "%s", "");
    assert_int_equal(buf.len, 4000);
}

static void formatting_respects_the_maximum(void **state)
{
    (void)state;
    BUF_AUTO(buf, 5);
    buf_addf(&buf, "%d", 12345);
    assert_int_equal(buf_err(&buf), ERR_OK);
    buf_clear(&buf);
    buf_addf(&buf, "%d", 123456);
    assert_int_equal(buf_err(&buf), ERR_TOO_LARGE);
    assert_string_equal(buf_str(&buf), "");
}

static void keeps_nul_bytes(void **state)
{
    (void)state;
    BUF_AUTO(buf, 16);
    buf_add(&buf, "a\0b", 3);
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf.data, "a\0b", 4);
}

static void can_be_used_again_after_free(void **state)
{
    (void)state;
    BUF_AUTO(buf, 16);
    buf_adds(&buf, "one");
    buf_free(&buf);
    buf_free(&buf);
    buf_adds(&buf, "two");
    assert_string_equal(buf_str(&buf), "two");
    assert_int_equal(buf.max, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_string_before_anything_is_added),
        cmocka_unit_test(takes_exactly_its_maximum),
        cmocka_unit_test(first_failure_sticks),
        cmocka_unit_test(maximum_near_size_max_does_not_overflow),
        cmocka_unit_test(formats_beyond_its_first_capacity),
        cmocka_unit_test(formatting_respects_the_maximum),
        cmocka_unit_test(keeps_nul_bytes),
        cmocka_unit_test(can_be_used_again_after_free),
    };
    return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
