/* A web server that exists in memory: a transport whose request the test writes and whose answer it
 * reads. */
#ifndef BEHEST_TESTS_SUPPORT_HTTP_H
#define BEHEST_TESTS_SUPPORT_HTTP_H

#include "support.h"

#include "base/buf.h"
#include "http/request.h"
#include "http/transport.h"

#include <strings.h>

enum { FAKE_PARAMS_MAX = 32, FAKE_OUT_MAX = 20 << 20 };

struct fake {
    struct http_transport transport;
    char *params[FAKE_PARAMS_MAX + 1];
    size_t param_count;
    const char *body;
    size_t body_len;
    size_t body_read; /* how much was taken of it */
    size_t piece;     /* most bytes that one read gives; 0: all */
    struct buf out;   /* all that was written */
    size_t flushed;   /* how much of it was on its way at the last flush */
    bool gone;        /* the reader: writes fail from now on */
    int watch_fd;
};

static inline size_t fake_read(void *context, char *data, size_t len)
{
    struct fake *fake = context;
    size_t left = fake->body_len - fake->body_read;
    size_t got = left < len ? left : len;
    if (fake->piece && got > fake->piece)
        got = fake->piece;
    if (got)
        memcpy(data, fake->body + fake->body_read, got);
    fake->body_read += got;
    return got;
}

static inline enum err fake_write(void *context, const char *data, size_t len)
{
    struct fake *fake = context;
    if (fake->gone)
        return ERR_DISCONNECTED;
    buf_add(&fake->out, data, len);
    assert_int_equal(buf_err(&fake->out), ERR_OK);
    return ERR_OK;
}

static inline enum err fake_flush(void *context)
{
    struct fake *fake = context;
    if (fake->gone)
        return ERR_DISCONNECTED;
    fake->flushed = fake->out.len;
    return ERR_OK;
}

static inline int fake_watch_fd(void *context)
{
    const struct fake *fake = context;
    return fake->watch_fd;
}

static inline void fake_init(struct fake *fake)
{
    *fake = (struct fake){.out = BUF_MAX(FAKE_OUT_MAX), .watch_fd = -1};
    fake->transport = (struct http_transport){
        .params = (const char *const *)fake->params,
        .context = fake,
        .read = fake_read,
        .write = fake_write,
        .flush = fake_flush,
        .watch_fd = fake_watch_fd,
    };
}

static inline void fake_free(struct fake *fake)
{
    for (size_t i = 0; i < fake->param_count; i++)
        free(fake->params[i]);
    buf_free(&fake->out);
}

#define FAKE_AUTO __attribute__((cleanup(fake_free)))

/* Adds a CGI variable; nothing when value is NULL. */
static inline void fake_param(struct fake *fake, const char *name, const char *value)
{
    if (!value)
        return;
    assert_true(fake->param_count < FAKE_PARAMS_MAX);
    int len = asprintf(&fake->params[fake->param_count++], "%s=%s", name, value);
    assert_true(len > 0);
}

static inline void fake_body(struct fake *fake, const char *body, size_t len)
{
    fake->body = body;
    fake->body_len = len;
}

/* A GET of uri, in a new fake. */
static inline void fake_get(struct fake *fake, const char *uri)
{
    fake_init(fake);
    fake_param(fake, "REQUEST_METHOD", "GET");
    fake_param(fake, "REQUEST_URI", uri);
}

/* The answer's body; fails the test when there is no end of the headers. */
static inline const char *fake_answer_body(const struct fake *fake, size_t *ret_len)
{
    const char *all = buf_str(&fake->out);
    const char *end = strstr(all, "\r\n\r\n");
    assert_non_null(end);
    if (ret_len)
        *ret_len = fake->out.len - (size_t)(end + 4 - all);
    return end + 4;
}

/* How many headers of that name the answer has; the value of the last one goes to value. */
static inline int fake_header(const struct fake *fake, const char *name, char value[static 1024])
{
    const char *body = fake_answer_body(fake, NULL);
    size_t name_len = strlen(name);
    int count = 0;
    value[0] = '\0';
    for (const char *at = buf_str(&fake->out); at < body - 2; at = strstr(at, "\r\n") + 2) {
        if (strncasecmp(at, name, name_len) != 0 || strncmp(at + name_len, ": ", 2) != 0)
            continue;
        snprintf(value, 1024, "%.*s", (int)strcspn(at + name_len + 2, "\r"), at + name_len + 2);
        count++;
    }
    return count;
}

/* Fails the test unless the answer has that header once, with that value; NULL: not at all. */
static inline void assert_header(const struct fake *fake, const char *name, const char *expected)
{
    char value[1024];
    int count = fake_header(fake, name, value);
    if (!expected ? count != 0 : count != 1 || strcmp(value, expected) != 0)
        fail_msg("%s: expected %s, found %d, \"%s\"", name, expected ? expected : "none", count,
                 value);
}

static inline void assert_status(const struct fake *fake, const char *status)
{
    assert_header(fake, "Status", status);
    assert_memory_equal(buf_str(&fake->out), "Status: ", 8);
}

#endif
