/* The one way to print: rows and results, as text for people or as JSON for programs.
 *
 * What is printed is a json_object in both cases; columns say how people see it. */
#ifndef BEHEST_ADMIN_OUTPUT_H
#define BEHEST_ADMIN_OUTPUT_H

#include "base/err.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct output {
    bool json;
    FILE *file;
};

enum column_form {
    FORM_TEXT, /* strings, numbers, yes and no; an array with commas; "-" for none */
    FORM_TIME, /* "2026-11-23T10:00:00.000Z" as "2026-11-23 10:00" */
    FORM_TIER, /* "default" for none */
    FORM_SIZE, /* bytes, with a fitting unit */
};

struct column {
    const char *key;   /* the member; NULL ends an array of columns */
    const char *title; /* for people */
    enum column_form form;
};

/* Many rows: an aligned table, or an array. The widths are those of the first rows, which are held
 * back to measure them; the others are printed as they come, so that the number of rows does not
 * matter. */
enum { TABLE_HELD_MAX = 500, TABLE_COLUMNS_MAX = 12 };

struct table {
    const struct output *output;
    const struct column *columns;
    int widths[TABLE_COLUMNS_MAX];
    struct json_object *held[TABLE_HELD_MAX];
    size_t count;
};

void table_begin(struct table *table, const struct output *output, const struct column *columns);

/* Takes over row. */
void table_add(struct table *table, struct json_object *row);

/* To be called once for each table_begin(); when err is not ERR_OK, the rest is left unprinted (an
 * array stays open, so that no program takes it for whole). Returns err. */
enum err table_end(struct table *table, enum err err);

/* One thing: a line for each column, or an object. */
void output_record(const struct output *output, const struct column *columns,
                   struct json_object *record);

/* What was done: the sentence, or the object. */
void output_done(const struct output *output, struct json_object *object, const char *sentence, ...)
    __attribute__((format(printf, 3, 4)));
void output_result(const struct output *output, struct json_object *object, const char *sentence,
                   va_list args) __attribute__((format(printf, 3, 0)));

/* ERR_IO when something could not be written. */
MUST_CHECK enum err output_finish(const struct output *output);

#endif
