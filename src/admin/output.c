#include "admin/output.h"

#include "admin/text.h"
#include "base/buf.h"

#include <inttypes.h>
#include <string.h>

enum {
    CELL_MAX_BYTES = 16 * 1024,
    COMPACT = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
    PRETTY = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE,
};

static void format_size(int64_t bytes, struct buf *out)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double amount = (double)bytes;
    size_t unit = 0;
    for (; amount >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
        amount /= 1024;
    buf_addf(out, "%.*f %s", unit ? 1 : 0, amount, units[unit]);
}

static void format_array(struct json_object *array, struct buf *out)
{
    size_t length = json_object_array_length(array);
    for (size_t i = 0; i < length; i++)
        buf_addf(out, "%s%s", i ? ", " : "",
                 json_object_get_string(json_object_array_get_idx(array, i)));
    if (length == 0)
        buf_adds(out, "-");
}

static void format_value(struct json_object *value, enum column_form form, struct buf *out)
{
    if (!value)
        buf_adds(out, form == FORM_TIER ? "default" : "-");
    else if (form == FORM_SIZE)
        format_size(json_object_get_int64(value), out);
    else if (form == FORM_TIME)
        buf_addf(out, "%.10s %.5s", json_object_get_string(value),
                 json_object_get_string(value) + 11);
    else if (json_object_is_type(value, json_type_array))
        format_array(value, out);
    else if (json_object_is_type(value, json_type_boolean))
        buf_adds(out, json_object_get_boolean(value) ? "yes" : "no");
    else
        buf_adds(out, json_object_get_string(value));
}

/* Adds what people see of a column, and returns how wide it is. */
static int format_cell(struct json_object *row, const struct column *column, struct buf *out)
{
    BUF_AUTO(text, CELL_MAX_BYTES);
    struct json_object *value = NULL;
    json_object_object_get_ex(row, column->key, &value);
    format_value(value, column->form, &text);
    return text_clean(buf_str(&text), text.len, out);
}

static void print_cell(const struct table *table, int column, const char *text, int width)
{
    bool last = !table->columns[column + 1].key;
    int pad = last || width > table->widths[column] ? 0 : table->widths[column] - width;
    fprintf(table->output->file, "%s%*s%s", text, pad, "", last ? "\n" : "  ");
}

static void print_header(const struct table *table)
{
    for (int i = 0; table->columns[i].key; i++)
        print_cell(table, i, table->columns[i].title, (int)strlen(table->columns[i].title));
}

static void print_row(const struct table *table, struct json_object *row)
{
    for (int i = 0; table->columns[i].key; i++) {
        BUF_AUTO(cell, 3 * CELL_MAX_BYTES);
        int width = format_cell(row, &table->columns[i], &cell);
        print_cell(table, i, buf_str(&cell), width);
    }
}

static void measure_row(struct table *table, struct json_object *row)
{
    for (int i = 0; table->columns[i].key; i++) {
        BUF_AUTO(cell, 3 * CELL_MAX_BYTES);
        int width = format_cell(row, &table->columns[i], &cell);
        if (width > table->widths[i])
            table->widths[i] = width;
    }
}

static size_t held_count(const struct table *table)
{
    return table->count < TABLE_HELD_MAX ? table->count : TABLE_HELD_MAX;
}

static void print_held(const struct table *table)
{
    print_header(table);
    for (size_t i = 0; i < held_count(table); i++)
        print_row(table, table->held[i]);
}

void table_begin(struct table *table, const struct output *output, const struct column *columns)
{
    *table = (struct table){.output = output, .columns = columns};
    for (int i = 0; columns[i].key; i++)
        table->widths[i] = (int)strlen(columns[i].title);
    if (output->json)
        fputs("[", output->file);
}

static void print_element(const struct table *table, struct json_object *row)
{
    fprintf(table->output->file, "%s\n  %s", table->count ? "," : "",
            json_object_to_json_string_ext(row, COMPACT));
}

void table_add(struct table *table, struct json_object *row)
{
    if (table->output->json)
        print_element(table, row);
    else if (table->count < TABLE_HELD_MAX) {
        measure_row(table, row);
        table->held[table->count++] = row;
        return;
    } else {
        if (table->count == TABLE_HELD_MAX)
            print_held(table);
        print_row(table, row);
    }
    table->count++;
    json_object_put(row);
}

enum err table_end(struct table *table, enum err err)
{
    if (!err && table->output->json)
        fputs(table->count ? "\n]\n" : "]\n", table->output->file);
    else if (!err && table->count <= TABLE_HELD_MAX)
        print_held(table);
    for (size_t i = 0; !table->output->json && i < held_count(table); i++)
        json_object_put(table->held[i]);
    return err;
}

static void print_json(const struct output *output, struct json_object *object)
{
    fprintf(output->file, "%s\n", json_object_to_json_string_ext(object, PRETTY));
}

static int widest_title(const struct column *columns)
{
    int widest = 0;
    for (; columns->key; columns++)
        if ((int)strlen(columns->title) > widest)
            widest = (int)strlen(columns->title);
    return widest;
}

void output_record(const struct output *output, const struct column *columns,
                   struct json_object *record)
{
    if (output->json) {
        print_json(output, record);
        return;
    }
    int widest = widest_title(columns);
    for (; columns->key; columns++) {
        BUF_AUTO(cell, 3 * CELL_MAX_BYTES);
        format_cell(record, columns, &cell);
        fprintf(output->file, "%-*s  %s\n", widest, columns->title, buf_str(&cell));
    }
}

void output_result(const struct output *output, struct json_object *object, const char *sentence,
                   va_list args)
{
    if (output->json) {
        print_json(output, object);
        return;
    }
    BUF_AUTO(text, CELL_MAX_BYTES);
    BUF_AUTO(clean, 3 * CELL_MAX_BYTES);
    buf_vaddf(&text, sentence, args);
    text_clean(buf_str(&text), text.len, &clean);
    fprintf(output->file, "%s\n", buf_str(&clean));
}

void output_done(const struct output *output, struct json_object *object, const char *sentence, ...)
{
    va_list args;
    va_start(args, sentence);
    output_result(output, object, sentence, args);
    va_end(args);
}

enum err output_finish(const struct output *output)
{
    return fflush(output->file) == 0 && !ferror(output->file) ? ERR_OK : ERR_IO;
}
