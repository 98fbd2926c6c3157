#include "http/exposition.h"

#include <string.h>

enum { MICROSECONDS = 1000000 };

static const char *const type_names[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_GAUGE] = "gauge",
    [METRIC_HISTOGRAM] = "histogram",
};

/* Backslashes and line breaks are escaped, in the value of a label quotes too. */
static void add_escaped(struct buf *out, const char *text, const char *escaped)
{
    for (; *text; text++) {
        size_t plain = strcspn(text, escaped);
        buf_add(out, text, plain);
        text += plain;
        if (!*text)
            return;
        buf_addf(out, "\\%c", *text == '\n' ? 'n' : *text);
    }
}

static void add_head(struct buf *out, const struct metric_row *row)
{
    buf_addf(out, "# HELP %s ", row->name);
    add_escaped(out, row->help, "\\\n");
    buf_addf(out, "\n# TYPE %s %s\n", row->name, type_names[row->type]);
}

/* 1500000 as "1.5". */
static void add_seconds(struct buf *out, uint64_t microseconds)
{
    buf_addf(out, "%llu", (unsigned long long)(microseconds / MICROSECONDS));
    unsigned long rest = (unsigned long)(microseconds % MICROSECONDS);
    if (rest == 0)
        return;
    int digits = 6;
    for (; rest % 10 == 0; rest /= 10)
        digits--;
    buf_addf(out, ".%0*lu", digits, rest);
}

static void add_number(struct buf *out, const struct metric_row *row, uint64_t number)
{
    bool negative = row->type == METRIC_GAUGE && number > INT64_MAX;
    if (negative)
        buf_adds(out, "-");
    number = negative ? 0 - number : number;
    if (row->unit == METRIC_MICROSECOND)
        add_seconds(out, number);
    else
        buf_addf(out, "%llu", (unsigned long long)number);
}

/* Name and labels; the brace stays open for one more label, which begins with what is given back.
 */
static const char *open_series(struct buf *out, const struct metric *metric, const char *suffix,
                               size_t series)
{
    const char *before = "{";
    buf_addf(out, "%s%s", metric->row->name, suffix);
    for (size_t i = 0; i < METRIC_LABELS_MAX && metric->row->labels[i].name; i++) {
        buf_addf(out, "%s%s=\"", before, metric->row->labels[i].name);
        add_escaped(out, metric_label_value(metric, series, i), "\\\"\n");
        buf_adds(out, "\"");
        before = ",";
    }
    return before;
}

static void add_series(struct buf *out, const struct metric *metric, const char *suffix,
                       size_t series)
{
    bool labelled = *open_series(out, metric, suffix, series) == ',';
    buf_adds(out, labelled ? "} " : " ");
}

static void add_bucket(struct buf *out, const struct metric *metric, size_t series, size_t number,
                       uint64_t count)
{
    buf_addf(out, "%sle=\"", open_series(out, metric, "_bucket", series));
    if (number < metric_bound_count(metric))
        add_number(out, metric->row, metric->row->bounds[number]);
    else
        buf_adds(out, "+Inf");
    buf_addf(out, "\"} %llu\n", (unsigned long long)count);
}

static void add_histogram(struct buf *out, const struct metric *metric, size_t series)
{
    size_t bounds = metric_bound_count(metric);
    uint64_t count = 0;
    for (size_t i = 0; i <= bounds; i++) {
        count += metric_read(metric, series, i);
        add_bucket(out, metric, series, i, count);
    }
    add_series(out, metric, "_sum", series);
    add_number(out, metric->row, metric_read(metric, series, bounds + 1));
    buf_adds(out, "\n");
    add_series(out, metric, "_count", series);
    buf_addf(out, "%llu\n", (unsigned long long)count);
}

static void add_plain(struct buf *out, const struct metric *metric, size_t series)
{
    add_series(out, metric, "", series);
    add_number(out, metric->row, metric_read(metric, series, 0));
    buf_adds(out, "\n");
}

static bool has_counted(const struct metric *metric, size_t series)
{
    for (size_t i = 0; i < metric->width; i++)
        if (metric_read(metric, series, i))
            return true;
    return false;
}

static void add_metric(struct buf *out, const struct metric *metric)
{
    bool histogram = metric->row->type == METRIC_HISTOGRAM;
    bool from_start = !histogram && !metric->row->labels[1].name;
    add_head(out, metric->row);
    for (size_t series = 0; series < metric->series; series++) {
        if (!from_start && !has_counted(metric, series))
            continue;
        if (histogram)
            add_histogram(out, metric, series);
        else
            add_plain(out, metric, series);
    }
}

void exposition_write(struct metrics *metrics, struct buf *out)
{
    for (size_t i = 0; i < metrics_count(metrics); i++)
        add_metric(out, metrics_at(metrics, i));
}
