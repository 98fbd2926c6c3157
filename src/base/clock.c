#include "base/clock.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

static int64_t read_clock_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t read_clock(clockid_t id)
{
    return read_clock_us(id) / 1000;
}

int64_t clock_now_ms(const struct clock *clock)
{
    return clock && clock->fixed_ms ? clock->fixed_ms : read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

void clock_format_iso(int64_t ms, char ret_text[static CLOCK_ISO_SIZE])
{
    if (ms < 0)
        ms = 0;
    if (ms > LAST_MS)
        ms = LAST_MS;
    time_t seconds = (time_t)(ms / MS_PER_SECOND);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t len = strftime(ret_text, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(ret_text + len, CLOCK_ISO_SIZE - len, ".%03uZ",
             (unsigned)(ms % MS_PER_SECOND) % 1000u);
}

/* Exactly count digits. */
static bool take_digits(const char **at, int count, int *ret_number)
{
    int number = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        number = number * 10 + (**at - '0');
    }
    *ret_number = number;
    return true;
}

static bool take_char(const char **at, char expected)
{
    if (**at != expected)
        return false;
    (*at)++;
    return true;
}

static bool take_date(const char **at, struct tm *date)
{
    if (!take_digits(at, 4, &date->tm_year) || !take_char(at, '-') ||
        !take_digits(at, 2, &date->tm_mon) || !take_char(at, '-') ||
        !take_digits(at, 2, &date->tm_mday))
        return false;
    date->tm_year -= 1900;
    date->tm_mon -= 1;
    return true;
}

static bool take_fraction(const char **at, int *ret_ms)
{
    int digits = 0;
    int ms = 0;
    for (; isdigit((unsigned char)**at); (*at)++)
        if (digits++ < 3)
            ms = ms * 10 + (**at - '0');
    for (int i = digits; i < 3; i++)
        ms *= 10;
    *ret_ms = ms;
    return digits > 0;
}

static bool take_time(const char **at, struct tm *time, int *ret_ms)
{
    if (!take_digits(at, 2, &time->tm_hour) || !take_char(at, ':') ||
        !take_digits(at, 2, &time->tm_min))
        return false;
    if (!take_char(at, ':'))
        return true;
    return take_digits(at, 2, &time->tm_sec) && (!take_char(at, '.') || take_fraction(at, ret_ms));
}

static bool take_offset(const char **at, int *ret_minutes)
{
    int hours;
    int minutes;
    if (take_char(at, 'Z'))
        return true;
    int sign = **at == '-' ? -1 : 1;
    if ((!take_char(at, '+') && !take_char(at, '-')) || !take_digits(at, 2, &hours) ||
        !take_char(at, ':') || !take_digits(at, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

/* timegm() takes the 31st of April for the 1st of May. */
static bool is_real(const struct tm *given)
{
    struct tm copy = *given;
    return timegm(&copy) >= 0 && copy.tm_mday == given->tm_mday && copy.tm_mon == given->tm_mon &&
           given->tm_hour < 24 && given->tm_min < 60 && given->tm_sec < 60;
}

enum err clock_parse_iso(const char *text, int64_t *ret_ms)
{
    struct tm moment = {0};
    int ms = 0;
    int offset_minutes = 0;
    if (!take_date(&text, &moment))
        return ERR_INVALID;
    if (*text && (!take_char(&text, 'T') || !take_time(&text, &moment, &ms) ||
                  !take_offset(&text, &offset_minutes)))
        return ERR_INVALID;
    if (*text || !is_real(&moment))
        return ERR_INVALID;
    int64_t result = (int64_t)timegm(&moment) * MS_PER_SECOND + ms - offset_minutes * MS_PER_MINUTE;
    if (result < 0)
        return ERR_INVALID;
    *ret_ms = result;
    return ERR_OK;
}
