#include "support.h"

#include "http/exposition.h"

static const char *awkward(size_t index)
{
    static const char *const values[] = {"a\"b", "c\\d", "e\nf", "", NULL};
    return values[index];
}

static const char *plain(size_t index)
{
    static const char *const values[] = {"x", "y", NULL};
    return values[index];
}

static const uint64_t bounds[] = {1000, 2500000, 30000000, 0};

/* Counts in one metric by add, which may be NULL, and compares the whole text. */
static void assert_text(const struct metric_row *row, void (*add)(struct metric *metric),
                        const char *expected)
{
    struct metrics *metrics = metrics_new(row, 1);
    BUF_AUTO(out, 64 * 1024);
    assert_non_null(metrics);
    if (add)
        add(metrics_at(metrics, 0));
    exposition_write(metrics, &out);
    assert_int_equal(buf_err(&out), ERR_OK);
    assert_string_equal(buf_str(&out), expected);
    metrics_free(metrics);
}

static void add_five(struct metric *metric)
{
    metric_add(metric, METRIC_ALONE, 5);
}

static void a_counter_has_help_type_and_number(void **state)
{
    (void)state;
    const struct metric_row row = {.name = "a_total", .help = "All of a.", .type = METRIC_COUNTER};
    assert_text(&row, NULL, "# HELP a_total All of a.\n# TYPE a_total counter\na_total 0\n");
    assert_text(&row, add_five, "# HELP a_total All of a.\n# TYPE a_total counter\na_total 5\n");
}

static void help_escapes_backslashes_and_line_breaks(void **state)
{
    (void)state;
    const struct metric_row row = {.name = "a", .help = "\\ \"x\"\ny\\", .type = METRIC_GAUGE};
    assert_text(&row, NULL, "# HELP a \\\\ \"x\"\\ny\\\\\n# TYPE a gauge\na 0\n");
}

static void values_of_labels_escape_quotes_too(void **state)
{
    (void)state;
    const struct metric_row row = {
        .name = "a", .help = "A.", .type = METRIC_GAUGE, .labels = {{"of", awkward}}};
    assert_text(&row, NULL,
                "# HELP a A.\n# TYPE a gauge\n"
                "a{of=\"a\\\"b\"} 0\na{of=\"c\\\\d\"} 0\na{of=\"e\\nf\"} 0\na{of=\"\"} 0\n");
}

static void sink(struct metric *metric)
{
    metric_subtract(metric, METRIC_ALONE, 1500000);
}

static void gauges_can_be_negative(void **state)
{
    (void)state;
    struct metric_row row = {.name = "a", .help = "A.", .type = METRIC_GAUGE};
    assert_text(&row, sink, "# HELP a A.\n# TYPE a gauge\na -1500000\n");
    row.unit = METRIC_MICROSECOND;
    assert_text(&row, sink, "# HELP a A.\n# TYPE a gauge\na -1.5\n");
}

static uint64_t wanted;

static void add_wanted(struct metric *metric)
{
    metric_add(metric, METRIC_ALONE, wanted);
}

static void microseconds_are_shown_in_seconds(void **state)
{
    (void)state;
    const struct metric_row row = {
        .name = "a", .help = "A.", .type = METRIC_COUNTER, .unit = METRIC_MICROSECOND};
    static const struct {
        uint64_t microseconds;
        const char *text;
    } cases[] = {
        {0, "0"},
        {1, "0.000001"},
        {10, "0.00001"},
        {100000, "0.1"},
        {1000000, "1"},
        {1000001, "1.000001"},
        {90050000, "90.05"},
        {1795000000123000, "1795000000.123"},
        {UINT64_MAX, "18446744073709.551615"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[128];
        snprintf(expected, sizeof expected, "# HELP a A.\n# TYPE a counter\na %s\n", cases[i].text);
        wanted = cases[i].microseconds;
        assert_text(&row, add_wanted, expected);
    }
}

static void add_one_pair(struct metric *metric)
{
    metric_add(metric, METRIC_AT(1, 0), 1);
}

static void series_of_several_labels_appear_with_their_first_event(void **state)
{
    (void)state;
    const struct metric_row row = {.name = "a_total",
                                   .help = "A.",
                                   .type = METRIC_COUNTER,
                                   .labels = {{"one", plain}, {"two", plain}}};
    assert_text(&row, NULL, "# HELP a_total A.\n# TYPE a_total counter\n");
    assert_text(&row, add_one_pair,
                "# HELP a_total A.\n# TYPE a_total counter\na_total{one=\"y\",two=\"x\"} 1\n");
}

static void observe(struct metric *metric)
{
    static const uint64_t observed[] = {1000, 1001, 2500000, 40000000};
    for (size_t i = 0; i < sizeof observed / sizeof observed[0]; i++)
        metric_observe(metric, METRIC_ALONE, observed[i]);
}

static void buckets_of_a_histogram_add_up(void **state)
{
    (void)state;
    struct metric_row row = {.name = "a_seconds",
                             .help = "A.",
                             .type = METRIC_HISTOGRAM,
                             .unit = METRIC_MICROSECOND,
                             .bounds = bounds};
    assert_text(&row, NULL, "# HELP a_seconds A.\n# TYPE a_seconds histogram\n");
    assert_text(&row, observe,
                "# HELP a_seconds A.\n# TYPE a_seconds histogram\n"
                "a_seconds_bucket{le=\"0.001\"} 1\na_seconds_bucket{le=\"2.5\"} 3\n"
                "a_seconds_bucket{le=\"30\"} 3\na_seconds_bucket{le=\"+Inf\"} 4\n"
                "a_seconds_sum 42.502001\na_seconds_count 4\n");
    row.labels[0].name = "of";
    row.labels[0].values = plain;
    assert_text(&row, observe,
                "# HELP a_seconds A.\n# TYPE a_seconds histogram\n"
                "a_seconds_bucket{of=\"x\",le=\"0.001\"} 1\n"
                "a_seconds_bucket{of=\"x\",le=\"2.5\"} 3\n"
                "a_seconds_bucket{of=\"x\",le=\"30\"} 3\n"
                "a_seconds_bucket{of=\"x\",le=\"+Inf\"} 4\n"
                "a_seconds_sum{of=\"x\"} 42.502001\na_seconds_count{of=\"x\"} 4\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_has_help_type_and_number),
        cmocka_unit_test(help_escapes_backslashes_and_line_breaks),
        cmocka_unit_test(values_of_labels_escape_quotes_too),
        cmocka_unit_test(gauges_can_be_negative),
        cmocka_unit_test(microseconds_are_shown_in_seconds),
        cmocka_unit_test(series_of_several_labels_appear_with_their_first_event),
        cmocka_unit_test(buckets_of_a_histogram_add_up),
    };
    return cmocka_run_group_tests_name("http/exposition", tests, NULL, NULL);
}
