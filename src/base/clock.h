/* The time of day, replaceable so that tests need not sleep. */
#ifndef BEHEST_BASE_CLOCK_H
#define BEHEST_BASE_CLOCK_H

#include "base/err.h"

#include <stdint.h>

#define MS_PER_SECOND INT64_C(1000)
#define MS_PER_MINUTE (60 * MS_PER_SECOND)
#define MS_PER_HOUR (60 * MS_PER_MINUTE)
#define MS_PER_DAY (24 * MS_PER_HOUR)

struct clock {
    int64_t fixed_ms; /* when not 0, the time that this clock shows until somebody changes it */
};

/* Milliseconds since 1970 in UTC; clock NULL means the system's clock. */
int64_t clock_now_ms(const struct clock *clock);

/* Milliseconds of a clock that never jumps, for measuring durations. */
int64_t clock_monotonic_ms(void);

/* The same in microseconds. */
int64_t clock_monotonic_us(void);

enum { CLOCK_ISO_SIZE = 25 };

/* Writes ms as "2026-11-23T10:00:00.000Z" (ISO 8601, UTC) with its NUL. Years 1970 to 9999; others
 * are held to that range. */
void clock_format_iso(int64_t ms, char ret_text[static CLOCK_ISO_SIZE]);

/* Reads "2026-11-23" (its first moment in UTC) or "2026-11-23T10:00:00Z", with or without seconds
 * and a fraction, with Z or an offset such as +01:00 (RFC 3339). Years 1970 to 9999. ERR_INVALID
 * for anything else. */
MUST_CHECK enum err clock_parse_iso(const char *text, int64_t *ret_ms);

#endif
