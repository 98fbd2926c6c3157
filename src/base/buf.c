#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

enum { FIRST_CAPACITY = 256 };

/* Moves the content itself rather than by realloc(), which would leave the old bytes behind in
 * freed memory. */
static enum err grow(struct buf *buf, size_t needed)
{
    size_t cap = buf->cap ? buf->cap : FIRST_CAPACITY;
    while (cap < needed)
        cap *= 2;
    char *data = malloc(cap);
    if (!data)
        return ERR_NOMEM;
    if (buf->data) {
        memcpy(data, buf->data, buf->len + 1);
        sodium_memzero(buf->data, buf->cap);
        free(buf->data);
    }
    buf->data = data;
    buf->cap = cap;
    return ERR_OK;
}

/* Makes room for len more bytes and the NUL. */
static enum err reserve(struct buf *buf, size_t len)
{
    if (buf->err)
        return buf->err;
    if (len > buf->max - buf->len)
        return ERR_TOO_LARGE;
    if (buf->len + len + 1 > buf->cap)
        return grow(buf, buf->len + len + 1);
    return ERR_OK;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
    buf->err = reserve(buf, len);
    if (buf->err)
        return;
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_adds(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_vaddf(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    buf->err = reserve(buf, (size_t)len);
    if (!buf->err) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vaddf(buf, format, args);
    va_end(args);
}

const char *buf_str(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

enum err buf_err(const struct buf *buf)
{
    return buf->err;
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->err = ERR_OK;
    if (buf->data)
        buf->data[0] = '\0';
}

void buf_free(struct buf *buf)
{
    if (buf->data)
        sodium_memzero(buf->data, buf->cap);
    free(buf->data);
    *buf = (struct buf){.max = buf->max};
}
