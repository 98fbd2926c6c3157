#include "support.h"

#include "base/metrics.h"

#include <pthread.h>

static const char *colour(size_t index)
{
    static const char *const colours[] = {"red", "green", "other", NULL};
    return colours[index];
}

static const char *size(size_t index)
{
    static const char *const sizes[] = {"small", "large", NULL};
    return sizes[index];
}

enum { PLAIN, COLOURED, BOTH, HISTOGRAM, LEVEL, ROWS };

static const uint64_t bounds[] = {10, 20, 50, 0};

static const struct metric_row rows[ROWS] = {
    [PLAIN] = {.name = "plain_total", .help = "Alone.", .type = METRIC_COUNTER},
    [COLOURED] = {.name = "coloured_total",
                  .help = "With a colour.",
                  .type = METRIC_COUNTER,
                  .labels = {{"colour", colour}}},
    [BOTH] = {.name = "both_total",
              .help = "With two labels.",
              .type = METRIC_COUNTER,
              .labels = {{"colour", colour}, {"size", size}}},
    [HISTOGRAM] = {.name = "lengths",
                   .help = "How long.",
                   .type = METRIC_HISTOGRAM,
                   .labels = {{"size", size}},
                   .bounds = bounds},
    [LEVEL] = {.name = "level", .help = "Up and down.", .type = METRIC_GAUGE},
};

static int make(void **state)
{
    *state = metrics_new(rows, ROWS);
    return !*state;
}

static int drop(void **state)
{
    metrics_free(*state);
    return 0;
}

#define METRICS_TEST(function) cmocka_unit_test_setup_teardown(function, make, drop)

static uint64_t total(const struct metric *metric)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < metric->series; i++)
        sum += metric_read(metric, i, 0);
    return sum;
}

/* The number of the series with these values; fails the test when there is not one such series. */
static uint64_t count_of(const struct metric *metric, const char *first, const char *second)
{
    uint64_t count = 0;
    int found = 0;
    for (size_t i = 0; i < metric->series; i++) {
        if (strcmp(metric_label_value(metric, i, 0), first) != 0 ||
            (second && strcmp(metric_label_value(metric, i, 1), second) != 0))
            continue;
        count = metric_read(metric, i, 0);
        found++;
    }
    assert_int_equal(found, 1);
    return count;
}

static void begins_at_zero(void **state)
{
    assert_int_equal(metrics_count(*state), ROWS);
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(total(metrics_at(*state, i)), 0);
    assert_int_equal(metrics_at(*state, PLAIN)->series, 1);
    assert_int_equal(metrics_at(*state, COLOURED)->series, 3);
    assert_int_equal(metrics_at(*state, BOTH)->series, 6);
}

static void each_combination_of_labels_counts_for_itself(void **state)
{
    struct metric *both = metrics_at(*state, BOTH);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++)
            metric_add(both, METRIC_AT(i, j), 1 + 2 * i + j);
    assert_int_equal(count_of(both, "red", "small"), 1);
    assert_int_equal(count_of(both, "red", "large"), 2);
    assert_int_equal(count_of(both, "green", "small"), 3);
    assert_int_equal(count_of(both, "green", "large"), 4);
    assert_int_equal(count_of(both, "other", "small"), 5);
    assert_int_equal(count_of(both, "other", "large"), 6);
}

static void what_is_not_in_the_list_counts_as_its_last(void **state)
{
    struct metric *coloured = metrics_at(*state, COLOURED);
    metric_add(coloured, METRIC_AT(3), 1);
    metric_add(coloured, METRIC_AT(SIZE_MAX), 1);
    metric_add(coloured, METRIC_AT(1), 1);
    assert_int_equal(count_of(coloured, "other", NULL), 2);
    assert_int_equal(count_of(coloured, "green", NULL), 1);
    metric_add(metrics_at(*state, PLAIN), METRIC_AT(7, 7, 7), 1);
    assert_int_equal(total(metrics_at(*state, PLAIN)), 1);
}

static void a_bound_counts_as_inside(void **state)
{
    struct metric *lengths = metrics_at(*state, HISTOGRAM);
    static const uint64_t observed[] = {0, 10, 11, 20, 50, 51, 1000};
    for (size_t i = 0; i < sizeof observed / sizeof observed[0]; i++)
        metric_observe(lengths, METRIC_AT(1), observed[i]);
    static const uint64_t expected[] = {2, 2, 1, 2, 0 + 10 + 11 + 20 + 50 + 51 + 1000};
    assert_int_equal(metric_bound_count(lengths), 3);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(metric_read(lengths, 0, i), 0);
        assert_int_equal(metric_read(lengths, 1, i), expected[i]);
    }
}

static void gauges_go_down_too(void **state)
{
    struct metric *level = metrics_at(*state, LEVEL);
    metric_add(level, METRIC_ALONE, 3);
    metric_subtract(level, METRIC_ALONE, 4);
    assert_true((int64_t)metric_read(level, 0, 0) == -1);
}

static void nobody_needs_to_count(void **state)
{
    (void)state;
    assert_null(metrics_at(NULL, PLAIN));
    metric_add(NULL, METRIC_ALONE, 1);
    metric_subtract(NULL, METRIC_ALONE, 1);
    metric_observe(NULL, METRIC_ALONE, 1);
    metrics_free(NULL);
}

static const char *no_value(size_t index)
{
    (void)index;
    return NULL;
}

static void a_label_without_values_is_refused(void **state)
{
    (void)state;
    const struct metric_row row = {
        .name = "a", .help = "A.", .type = METRIC_GAUGE, .labels = {{"of", no_value}}};
    assert_null(metrics_new(&row, 1));
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *count_much(void *context)
{
    for (size_t i = 0; i < ROUNDS; i++) {
        metric_add(metrics_at(context, BOTH), METRIC_AT(i % 3, i % 2), 1);
        metric_observe(metrics_at(context, HISTOGRAM), METRIC_AT(i % 2), 15);
        metric_add(metrics_at(context, LEVEL), METRIC_ALONE, 1);
        metric_subtract(metrics_at(context, LEVEL), METRIC_ALONE, 1);
    }
    return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_much, *state), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    const struct metric *lengths = metrics_at(*state, HISTOGRAM);
    assert_int_equal(total(metrics_at(*state, BOTH)), THREADS * ROUNDS);
    assert_int_equal(metric_read(lengths, 0, 1) + metric_read(lengths, 1, 1), THREADS * ROUNDS);
    assert_int_equal(metric_read(lengths, 0, 4) + metric_read(lengths, 1, 4),
                     THREADS * ROUNDS * 15);
    assert_int_equal(total(metrics_at(*state, LEVEL)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        METRICS_TEST(begins_at_zero),
        METRICS_TEST(each_combination_of_labels_counts_for_itself),
        METRICS_TEST(what_is_not_in_the_list_counts_as_its_last),
        METRICS_TEST(a_bound_counts_as_inside),
        METRICS_TEST(gauges_go_down_too),
        METRICS_TEST(nobody_needs_to_count),
        cmocka_unit_test(a_label_without_values_is_refused),
        METRICS_TEST(nothing_is_lost_between_threads),
    };
    return cmocka_run_group_tests_name("base/metrics", tests, NULL, NULL);
}
