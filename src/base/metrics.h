/* Counters for whoever watches a running program.
 *
 * A program declares its metrics as a table of rows. All memory is taken at the start; counting is
 * one atomic addition, without a lock. Names, units and suffixes as Prometheus recommends:
 * https://prometheus.io/docs/practices/naming/ */
#ifndef BEHEST_BASE_METRICS_H
#define BEHEST_BASE_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { METRIC_LABELS_MAX = 3 };

enum metric_type {
    METRIC_COUNTER,   /* only grows; the name ends in _total */
    METRIC_GAUGE,     /* goes up and down, below zero too */
    METRIC_HISTOGRAM, /* how many observations were how large */
};

/* What one step of the number is. */
enum metric_unit {
    METRIC_ONE,
    METRIC_MICROSECOND, /* shown in seconds; the name has _seconds */
};

/* The values that a label takes, by index: static strings, NULL past the last one. The last one
 * stands for all that are not among the others. */
typedef const char *metric_values(size_t index);

struct metric_row {
    const char *name;
    const char *help; /* a sentence */
    enum metric_type type;
    enum metric_unit unit;
    struct {
        const char *name; /* NULL after the last one */
        metric_values *values;
    } labels[METRIC_LABELS_MAX];
    const uint64_t *bounds; /* of a histogram: upper bounds that count as inside, rising; 0 ends */
};

/* A metric with its numbers; used by several threads at once. */
struct metric {
    const struct metric_row *row;
    size_t sizes[METRIC_LABELS_MAX]; /* how many values each label has; 1 where there is none */
    size_t series;                   /* how many combinations of values there are */
    size_t width;                    /* numbers in one series */
    _Atomic uint64_t *numbers;
};

struct metrics;

/* Makes the metrics of a table, all zero, for the caller to free with metrics_free(); the table has
 * to outlive them. NULL when out of memory, or when a label has no values. */
struct metrics *metrics_new(const struct metric_row *rows, size_t count);
void metrics_free(struct metrics *metrics);

size_t metrics_count(const struct metrics *metrics);

/* The metric of a row by its index; NULL when metrics is NULL. */
struct metric *metrics_at(struct metrics *metrics, size_t row);

/* Which series is meant: the index of each label's value, in the order of the row's labels. An
 * index past the end means the last value. */
#define METRIC_AT(...) ((const size_t[METRIC_LABELS_MAX]){__VA_ARGS__})
#define METRIC_ALONE METRIC_AT(0)

/* Counting. metric NULL: nobody counts. */
void metric_add(struct metric *metric, const size_t at[static METRIC_LABELS_MAX], uint64_t amount);
void metric_subtract(struct metric *metric, const size_t at[static METRIC_LABELS_MAX],
                     uint64_t amount);
void metric_observe(struct metric *metric, const size_t at[static METRIC_LABELS_MAX],
                    uint64_t size);

/* Reading: the number of a series, counted through all combinations, from 0 to metric->series. A
 * histogram has one number for each bound (observations up to it and over the bound before), one
 * for what is over the last bound, and the sum of all sizes. */
uint64_t metric_read(const struct metric *metric, size_t series, size_t number);

/* The value that a label has in a series. */
const char *metric_label_value(const struct metric *metric, size_t series, size_t label);

/* How many bounds a histogram has; 0 for other metrics. */
size_t metric_bound_count(const struct metric *metric);

#endif
