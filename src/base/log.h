/* Log lines on stderr in logfmt: key=value pairs, one line an event, written with one write(2) so
 * that the lines of several threads and processes do not mix. Values are quoted where they need to
 * be; control characters are escaped, so that a request cannot forge a line. */
#ifndef BEHEST_BASE_LOG_H
#define BEHEST_BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct logger {
    _Atomic enum log_level level; /* the most talkative level that is written; may change */
    int fd;
};

/* Writes time=... level=... msg=MESSAGE and the pairs that follow: keys and values (const char *)
 * in turn, then NULL. A pair whose value is NULL is left out. A line is cut at 4 KiB. */
void log_event(const struct logger *log, enum log_level level, const char *message, ...)
    __attribute__((sentinel));

/* "error", "warn", "info" or "debug" as a level; false when name is none of them. */
bool log_level_parse(const char *name, enum log_level *ret_level);

#endif
