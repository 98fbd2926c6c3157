#include "base/metrics.h"

#include <stdlib.h>

struct metrics {
    size_t count;
    struct metric list[];
};

size_t metric_bound_count(const struct metric *metric)
{
    size_t count = 0;
    while (metric->row->bounds && metric->row->bounds[count])
        count++;
    return count;
}

static size_t count_values(metric_values *values)
{
    size_t count = 0;
    while (values(count))
        count++;
    return count;
}

static bool metric_init(struct metric *metric, const struct metric_row *row)
{
    *metric = (struct metric){.row = row, .series = 1, .width = 1};
    for (size_t i = 0; i < METRIC_LABELS_MAX; i++) {
        metric->sizes[i] = row->labels[i].name ? count_values(row->labels[i].values) : 1;
        metric->series *= metric->sizes[i];
    }
    if (row->type == METRIC_HISTOGRAM)
        metric->width = metric_bound_count(metric) + 2;
    if (metric->series)
        metric->numbers = calloc(metric->series * metric->width, sizeof *metric->numbers);
    return metric->numbers != NULL;
}

struct metrics *metrics_new(const struct metric_row *rows, size_t count)
{
    struct metrics *metrics = calloc(1, sizeof *metrics + count * sizeof metrics->list[0]);
    if (!metrics)
        return NULL;
    metrics->count = count;
    for (size_t i = 0; i < count; i++) {
        if (!metric_init(&metrics->list[i], &rows[i])) {
            metrics_free(metrics);
            return NULL;
        }
    }
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    for (size_t i = 0; i < metrics->count; i++)
        free(metrics->list[i].numbers);
    free(metrics);
}

size_t metrics_count(const struct metrics *metrics)
{
    return metrics->count;
}

struct metric *metrics_at(struct metrics *metrics, size_t row)
{
    return metrics ? &metrics->list[row] : NULL;
}

/* The first number of a series. */
static _Atomic uint64_t *numbers_at(const struct metric *metric,
                                    const size_t at[static METRIC_LABELS_MAX])
{
    size_t series = 0;
    for (size_t i = 0; i < METRIC_LABELS_MAX; i++) {
        size_t last = metric->sizes[i] - 1;
        series = series * metric->sizes[i] + (at[i] < last ? at[i] : last);
    }
    return metric->numbers + series * metric->width;
}

static void add(_Atomic uint64_t *number, uint64_t amount)
{
    atomic_fetch_add_explicit(number, amount, memory_order_relaxed);
}

void metric_add(struct metric *metric, const size_t at[static METRIC_LABELS_MAX], uint64_t amount)
{
    if (metric)
        add(numbers_at(metric, at), amount);
}

void metric_subtract(struct metric *metric, const size_t at[static METRIC_LABELS_MAX],
                     uint64_t amount)
{
    metric_add(metric, at, 0 - amount);
}

void metric_observe(struct metric *metric, const size_t at[static METRIC_LABELS_MAX], uint64_t size)
{
    if (!metric)
        return;
    _Atomic uint64_t *numbers = numbers_at(metric, at);
    size_t bucket = 0;
    while (bucket < metric->width - 2 && size > metric->row->bounds[bucket])
        bucket++;
    add(numbers + bucket, 1);
    add(numbers + metric->width - 1, size);
}

uint64_t metric_read(const struct metric *metric, size_t series, size_t number)
{
    return atomic_load_explicit(metric->numbers + series * metric->width + number,
                                memory_order_relaxed);
}

const char *metric_label_value(const struct metric *metric, size_t series, size_t label)
{
    for (size_t i = METRIC_LABELS_MAX - 1; i > label; i--)
        series /= metric->sizes[i];
    return metric->row->labels[label].values(series % metric->sizes[label]);
}
