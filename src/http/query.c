#include "http/query.h"

#include "base/encode.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX_BYTES = 20 };

/* A plus is a blank here, other than in the rest of a URL. */
static enum err decode(const char *text, size_t len, struct buf *value)
{
    size_t start = value->len;
    enum err err = decode_percent(text, len, value);
    if (err || !memchr(text, '+', len))
        return err;
    value->len = start;
    for (size_t done = 0; !err && done < len;) {
        const char *plus = memchr(text + done, '+', len - done);
        size_t step = plus ? (size_t)(plus - text) - done : len - done;
        err = decode_percent(text + done, step, value);
        if (plus)
            buf_adds(value, " ");
        done += step + 1;
    }
    return err ? err : buf_err(value);
}

enum err http_query_check(const struct http_request *request)
{
    const char *at = http_param(request, "QUERY_STRING");
    while (at && (at = strchr(at, '%'))) {
        bool is_escape = isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2]);
        if (!is_escape || strncmp(at, "%00", 3) == 0)
            return ERR_INVALID;
        at += 3;
    }
    return ERR_OK;
}

enum err http_query_text(const struct http_request *request, const char *name, struct buf *value)
{
    const char *at = http_param(request, "QUERY_STRING");
    size_t name_len = strlen(name);
    enum err err = http_query_check(request);
    if (err)
        return err;
    while (at && *at) {
        size_t len = strcspn(at, "&");
        if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=')
            return decode(at + name_len + 1, len - name_len - 1, value);
        at += len + (at[len] == '&');
    }
    return ERR_NOT_FOUND;
}

enum err http_query_number(const struct http_request *request, const char *name, int64_t min,
                           int64_t max, int64_t *ret_number)
{
    BUF_AUTO(text, NUMBER_MAX_BYTES);
    enum err err = http_query_text(request, name, &text);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_OK : ERR_INVALID;
    char *end = NULL;
    errno = 0;
    long long number = strtoll(buf_str(&text), &end, 10);
    if (!isdigit((unsigned char)*buf_str(&text)) || *end || errno || number < min || number > max)
        return ERR_INVALID;
    *ret_number = number;
    return ERR_OK;
}
