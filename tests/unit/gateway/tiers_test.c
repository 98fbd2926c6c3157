#include "support.h"

#include "gateway/tiers.h"

static void reads_rows_in_any_order(void **state)
{
    (void)state;
    struct tier_table table;
    assert_int_equal(tier_table_parse(" 3 : 300, 100000 ,20000000 ; 1:10,100,50000; ", &table),
                     ERR_OK);
    assert_int_equal(table.count, 2);
    assert_int_equal(table.rows[0].tier, 1);
    assert_int_equal(table.rows[0].requests_per_minute, 10);
    assert_int_equal(table.rows[0].requests_per_day, 100);
    assert_int_equal(table.rows[0].tokens_per_day, 50000);
    assert_int_equal(table.rows[1].tier, 3);
    assert_int_equal(table.rows[1].tokens_per_day, 20000000);
}

static void finds_the_lowest_for_an_unknown_tier(void **state)
{
    (void)state;
    struct tier_table table;
    assert_int_equal(tier_table_parse("5:50,5,5;2:20,2,2", &table), ERR_OK);
    assert_int_equal(tier_table_find(&table, 5)->requests_per_minute, 50);
    assert_int_equal(tier_table_find(&table, 2)->requests_per_minute, 20);
    assert_int_equal(tier_table_find(&table, 3)->requests_per_minute, 20);
    assert_int_equal(tier_table_find(&table, 1)->requests_per_minute, 20);
    assert_int_equal(tier_table_find(&table, 99)->requests_per_minute, 20);
}

static void refuses_what_is_no_table(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
    } rows[] = {
        {__LINE__, ""},
        {__LINE__, ";"},
        {__LINE__, "1"},
        {__LINE__, "1:10"},
        {__LINE__, "1:10,100"},
        {__LINE__, "1:10,100,"},
        {__LINE__, "1:10,100,50000,1"},
        {__LINE__, "1:10,100,50000;;2:1,1,1"},
        {__LINE__, "1:10,100,50000 2:1,1,1"},
        {__LINE__, "1:0,100,50000"},
        {__LINE__, "0:10,100,50000"},
        {__LINE__, "-1:10,100,50000"},
        {__LINE__, "1:10,-100,50000"},
        {__LINE__, "1:10,1e3,50000"},
        {__LINE__, "1001:10,100,50000"},
        {__LINE__, "1:10,100,99999999999999999999"},
        {__LINE__, "1:10,100,50000;1:10,100,50000"},
        {__LINE__, "one:10,100,50000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tier_table table = {.count = 7};
        assert_row(rows[i].line, tier_table_parse(rows[i].text, &table) == ERR_INVALID);
        assert_row(rows[i].line, table.count == 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows_in_any_order),
        cmocka_unit_test(finds_the_lowest_for_an_unknown_tier),
        cmocka_unit_test(refuses_what_is_no_table),
    };
    return cmocka_run_group_tests_name("gateway/tiers", tests, NULL, NULL);
}
