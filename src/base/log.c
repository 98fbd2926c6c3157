#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, VALUE_MAX_BYTES = 512 };

static const char *const level_names[] = {"error", "warn", "info", "debug"};

bool log_level_parse(const char *name, enum log_level *ret_level)
{
    for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
        if (strcmp(name, level_names[level]) == 0) {
            *ret_level = (enum log_level)level;
            return true;
        }
    }
    return false;
}

static bool needs_quotes(const char *value)
{
    if (!*value)
        return true;
    for (const unsigned char *c = (const unsigned char *)value; *c; c++)
        if (*c <= ' ' || *c == '"' || *c == '=' || *c == '\\' || *c >= 0x7f)
            return true;
    return false;
}

/* The limit is on what is written: an escaped character is longer than it was, and no value may
 * push the next ones out. */
static void add_quoted(struct buf *line, const char *value)
{
    buf_adds(line, "\"");
    size_t end = line->len + VALUE_MAX_BYTES;
    for (const unsigned char *c = (const unsigned char *)value; *c && line->len < end; c++) {
        if (*c == '"' || *c == '\\')
            buf_addf(line, "\\%c", *c);
        else if (*c < ' ' || *c >= 0x7f)
            buf_addf(line, "\\x%02x", *c);
        else
            buf_add(line, c, 1);
    }
    buf_adds(line, "\"");
}

static void add_pair(struct buf *line, const char *key, const char *value)
{
    if (!value)
        return;
    buf_addf(line, " %s=", key);
    if (needs_quotes(value))
        add_quoted(line, value);
    else
        buf_addf(line, "%.*s", (int)VALUE_MAX_BYTES, value);
}

void log_event(const struct logger *log, enum log_level level, const char *message, ...)
{
    if (level > log->level)
        return;
    char now[CLOCK_ISO_SIZE];
    clock_format_iso(clock_now_ms(NULL), now);
    BUF_AUTO(line, LINE_MAX_BYTES);
    buf_addf(&line, "time=%s level=%s", now, level_names[level]);
    add_pair(&line, "msg", message);
    va_list pairs;
    va_start(pairs, message);
    for (const char *key; (key = va_arg(pairs, const char *));)
        add_pair(&line, key, va_arg(pairs, const char *));
    va_end(pairs);
    line.err = ERR_OK;
    if (line.len == LINE_MAX_BYTES)
        line.len--;
    buf_adds(&line, "\n");
    ssize_t ignored = write(log->fd, line.data, line.len);
    (void)ignored;
}
