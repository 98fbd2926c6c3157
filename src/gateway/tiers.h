/* What each tier may use: the table of GATEWAY_TIERS. */
#ifndef BEHEST_GATEWAY_TIERS_H
#define BEHEST_GATEWAY_TIERS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { TIERS_MAX = 32, TIER_NUMBER_MAX = 1000 };

struct tier_limits {
    int tier;
    int64_t requests_per_minute;
    int64_t requests_per_day;
    int64_t tokens_per_day;
};

/* At least one row; by number, lowest first. */
struct tier_table {
    struct tier_limits rows[TIERS_MAX];
    size_t count;
};

/* Reads "1:10,100,50000;2:60,10000,2000000": a row for each tier, with requests a minute, requests
 * a day and tokens a day, all of them 1 or more. White space and a semicolon at the end are fine.
 * ERR_INVALID for anything else, and for a tier that comes twice. */
MUST_CHECK enum err tier_table_parse(const char *text, struct tier_table *ret_table);

/* The limits of a tier; those of the lowest one for a tier that is not in the table. */
const struct tier_limits *tier_table_find(const struct tier_table *table, int tier);

#endif
