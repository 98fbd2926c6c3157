/* A growing byte buffer that declares its maximum.
 *
 * The first failure (out of memory, or over the maximum) sticks: later additions do nothing, and
 * whoever built the content asks once, at the end, with buf_err(). The content is always followed
 * by a NUL that len does not count. */
#ifndef BEHEST_BASE_BUF_H
#define BEHEST_BASE_BUF_H

#include "base/err.h"

#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *data; /* NULL while empty; use buf_str() for a string */
    size_t len;
    size_t cap;
    size_t max; /* most bytes of content */
    enum err err;
};

#define BUF_MAX(bytes)                                                                             \
    (struct buf)                                                                                   \
    {                                                                                              \
        .max = (bytes)                                                                             \
    }

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_adds(struct buf *buf, const char *text);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* The content as a string, "" while empty; belongs to buf, valid until the next addition. */
const char *buf_str(const struct buf *buf);

/* ERR_OK, or what the first failing addition failed with: ERR_NOMEM or ERR_TOO_LARGE. */
MUST_CHECK enum err buf_err(const struct buf *buf);

/* Drops the content, the error too; keeps the memory. */
void buf_clear(struct buf *buf);

/* Overwrites the content, then frees it; buf can be used again. A buf that was never added to is
 * fine. */
void buf_free(struct buf *buf);

#define BUF_AUTO(name, bytes) __attribute__((cleanup(buf_free))) struct buf name = {.max = (bytes)}

#endif
