/* FastCGI records, as a web server writes them. */
#ifndef BEHEST_TESTS_SUPPORT_RECORDS_H
#define BEHEST_TESTS_SUPPORT_RECORDS_H

#include "support.h"

#include "base/buf.h"
#include "fcgi/preamble.h"

#include <sys/socket.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum {
    BEGIN_REQUEST = 1,
    ABORT_REQUEST = 2,
    PARAMS = 4,
    STDIN = 5,
    GET_VALUES = 9,
    RECORD_MAX = 65535,
    BYTES_MAX = 4 << 20,
};

/* Adds a record of the FastCGI specification, section 3.3. */
static inline void add_record(struct buf *bytes, int type, int id, const void *content, size_t len,
                              int padding)
{
    const unsigned char header[8] = {1,
                                     (unsigned char)type,
                                     (unsigned char)(id >> 8),
                                     (unsigned char)id,
                                     (unsigned char)(len >> 8),
                                     (unsigned char)len,
                                     (unsigned char)padding,
                                     0};
    static const char zeros[255];
    assert_true(len <= RECORD_MAX);
    buf_add(bytes, header, sizeof header);
    buf_add(bytes, content, len);
    buf_add(bytes, zeros, (size_t)padding);
    assert_int_equal(buf_err(bytes), ERR_OK);
}

static inline void add_begin(struct buf *bytes, int id)
{
    add_record(bytes, BEGIN_REQUEST, id, "\0\1\0\0\0\0\0\0", 8, 0);
}

static inline void add_params(struct buf *bytes, int id, const void *pairs, size_t len)
{
    add_record(bytes, PARAMS, id, pairs, len, 0);
}

static const char pairs[] = "\x0e\x03REQUEST_METHODGET\x0b\x01REQUEST_URI/\x05\0EMPTY";
enum { PAIRS_LEN = sizeof pairs - 1 };

/* A whole preamble, and the record after it. */
static inline void add_request(struct buf *bytes, int id)
{
    add_begin(bytes, id);
    add_params(bytes, id, pairs, PAIRS_LEN);
    add_params(bytes, id, "", 0);
    add_record(bytes, STDIN, id, "", 0, 0);
}

static inline void open_pair(int pair[static 2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
}

/* The check of bytes that arrived at once, on a connection that then stays open or is closed. */
static inline enum err check(const struct buf *bytes, bool closed)
{
    int pair[2];
    open_pair(pair);
    assert_int_equal(send(pair[1], buf_str(bytes), bytes->len, MSG_DONTWAIT), bytes->len);
    if (closed)
        close(pair[1]);
    enum err err = fcgi_preamble_check(pair[0]);
    if (!err) { /* all of it is still there to be read */
        char *left = malloc(bytes->len + 1);
        assert_non_null(left);
        assert_int_equal(recv(pair[0], left, bytes->len + 1, MSG_DONTWAIT), bytes->len);
        assert_memory_equal(left, buf_str(bytes), bytes->len);
        free(left);
    }
    close(pair[0]);
    if (!closed)
        close(pair[1]);
    return err;
}

#endif
