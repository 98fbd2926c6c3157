#include "gateway/tiers.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define AMOUNT_MAX INT64_C(1000000000000000)

static void skip_blanks(const char **at)
{
    while (isspace((unsigned char)**at))
        (*at)++;
}

/* A number from 1 to max, and after it the separator, which '\0' leaves unread. */
static bool take_number(const char **at, int64_t max, char separator, int64_t *ret_number)
{
    skip_blanks(at);
    if (!isdigit((unsigned char)**at))
        return false;
    char *end = NULL;
    errno = 0;
    long long number = strtoll(*at, &end, 10);
    *at = end;
    skip_blanks(at);
    if (errno || number < 1 || number > max || (separator && **at != separator))
        return false;
    if (separator)
        (*at)++;
    *ret_number = number;
    return true;
}

static bool take_row(const char **at, struct tier_limits *ret_row)
{
    int64_t tier;
    if (!take_number(at, TIER_NUMBER_MAX, ':', &tier) ||
        !take_number(at, AMOUNT_MAX, ',', &ret_row->requests_per_minute) ||
        !take_number(at, AMOUNT_MAX, ',', &ret_row->requests_per_day) ||
        !take_number(at, AMOUNT_MAX, '\0', &ret_row->tokens_per_day))
        return false;
    ret_row->tier = (int)tier;
    if (**at != ';')
        return **at == '\0';
    (*at)++;
    skip_blanks(at);
    return true;
}

/* Keeps the rows sorted; false when the tier is there already, or the table is full. */
static bool insert(struct tier_table *table, const struct tier_limits *row)
{
    if (table->count == TIERS_MAX)
        return false;
    size_t at = table->count;
    for (; at && table->rows[at - 1].tier >= row->tier; at--) {
        if (table->rows[at - 1].tier == row->tier)
            return false;
        table->rows[at] = table->rows[at - 1];
    }
    table->rows[at] = *row;
    table->count++;
    return true;
}

enum err tier_table_parse(const char *text, struct tier_table *ret_table)
{
    struct tier_table table = {.count = 0};
    do {
        struct tier_limits row;
        if (!take_row(&text, &row) || !insert(&table, &row))
            return ERR_INVALID;
    } while (*text);
    *ret_table = table;
    return ERR_OK;
}

const struct tier_limits *tier_table_find(const struct tier_table *table, int tier)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->rows[i].tier == tier)
            return &table->rows[i];
    return &table->rows[0];
}
