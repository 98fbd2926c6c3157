#include "fcgi/preamble.h"

#include "base/clock.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum {
    VERSION = 1,
    BEGIN_REQUEST = 1,
    PARAMS = 4,
    GET_VALUES = 9,
    GET_VALUES_RESULT = 10,
    UNKNOWN_TYPE = 11,
    HEADER_BYTES = 8,
    BEGIN_BYTES = 8,
    MANAGEMENT_RECORDS_MAX = 8,
    PATIENCE_MS = 5000,
    LOOK_AGAIN_MS = 2,
};

struct preamble {
    int fd;
    size_t have; /* bytes of raw that were seen */
    size_t params_len;
    int64_t deadline; /* on the monotonic clock */
    unsigned char raw[FCGI_PREAMBLE_MAX_BYTES];
    unsigned char params[FCGI_PREAMBLE_MAX_BYTES]; /* the contents of the records, put together */
};

struct record {
    unsigned type;
    unsigned request_id;
    size_t content_len;
    const unsigned char *content;
    size_t end; /* where the next record begins */
};

static enum err look(struct preamble *preamble)
{
    ssize_t got = recv(preamble->fd, preamble->raw, sizeof preamble->raw, MSG_PEEK);
    if (got <= 0)
        return ERR_DISCONNECTED;
    preamble->have = (size_t)got;
    return ERR_OK;
}

/* Makes sure that the first len bytes have been seen. There is no way to wait for more than there
 * is without taking it, so this looks again every few milliseconds; a web server sends the preamble
 * in one piece. */
static enum err need(struct preamble *preamble, size_t len)
{
    if (len > sizeof preamble->raw)
        return ERR_TOO_LARGE;
    while (preamble->have < len) {
        if (clock_monotonic_ms() > preamble->deadline)
            return ERR_TIMEOUT;
        struct pollfd end = {.fd = preamble->fd, .events = POLLRDHUP};
        bool closed = poll(&end, 1, LOOK_AGAIN_MS) > 0;
        enum err err = look(preamble);
        if (!err && closed && preamble->have < len)
            err = ERR_DISCONNECTED;
        if (err)
            return err;
    }
    return ERR_OK;
}

static enum err read_record(struct preamble *preamble, size_t at, struct record *ret_record)
{
    enum err err = need(preamble, at + HEADER_BYTES);
    if (err)
        return err;
    const unsigned char *header = preamble->raw + at;
    if (header[0] != VERSION)
        return ERR_INVALID;
    ret_record->type = header[1];
    ret_record->request_id = (unsigned)header[2] << 8 | header[3];
    ret_record->content_len = (size_t)header[4] << 8 | header[5];
    ret_record->content = header + HEADER_BYTES;
    ret_record->end = at + HEADER_BYTES + ret_record->content_len + header[6];
    return need(preamble, ret_record->end);
}

/* A length of one byte, or of four with the highest bit set. */
static bool read_length(const unsigned char **at, const unsigned char *end, uint32_t *ret_length)
{
    if (end - *at < 1)
        return false;
    if (!(**at & 0x80)) {
        *ret_length = *(*at)++;
        return true;
    }
    if (end - *at < 4)
        return false;
    const unsigned char *b = *at;
    *ret_length = (uint32_t)(b[0] & 0x7f) << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    *at += 4;
    return true;
}

/* Name-value pairs (section 3.4) that end where they should. */
static enum err check_pairs(const struct preamble *preamble)
{
    const unsigned char *at = preamble->params;
    const unsigned char *end = at + preamble->params_len;
    while (at < end) {
        uint32_t name_len;
        uint32_t value_len;
        if (!read_length(&at, end, &name_len) || !read_length(&at, end, &value_len) ||
            (uint64_t)name_len + value_len > (uint64_t)(end - at))
            return ERR_INVALID;
        at += name_len + value_len;
    }
    return ERR_OK;
}

/* Records of other requests are none of ours (section 3.3); management records do not belong here.
 */
static enum err collect_params(struct preamble *preamble, unsigned request_id, size_t at)
{
    for (;;) {
        struct record record;
        enum err err = read_record(preamble, at, &record);
        if (err)
            return err;
        at = record.end;
        if (record.request_id != 0 && record.request_id != request_id)
            continue;
        if (record.type != PARAMS || record.request_id == 0)
            return ERR_INVALID;
        if (record.content_len == 0)
            return check_pairs(preamble);
        memcpy(preamble->params + preamble->params_len, record.content, record.content_len);
        preamble->params_len += record.content_len;
    }
}

/* Takes a management record (section 4) off the connection and answers it: that no connection
 * carries several requests at a time, or that the type is not known. */
static enum err answer_management(struct preamble *preamble, const struct record *record)
{
    static const unsigned char values[] = {VERSION, GET_VALUES_RESULT,
                                           0,       0,
                                           0,       18,
                                           0,       0,
                                           15,      1,
                                           'F',     'C',
                                           'G',     'I',
                                           '_',     'M',
                                           'P',     'X',
                                           'S',     '_',
                                           'C',     'O',
                                           'N',     'N',
                                           'S',     '0'};
    unsigned char unknown[] = {VERSION, UNKNOWN_TYPE, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    unknown[HEADER_BYTES] = (unsigned char)record->type;
    bool known = record->type == GET_VALUES;
    size_t len = known ? sizeof values : sizeof unknown;
    if (recv(preamble->fd, preamble->raw, record->end, MSG_WAITALL) != (ssize_t)record->end ||
        send(preamble->fd, known ? values : unknown, len, MSG_NOSIGNAL) != (ssize_t)len)
        return ERR_DISCONNECTED;
    return ERR_OK;
}

/* The first record that is not a management record. */
static enum err first_record(struct preamble *preamble, struct record *ret_record)
{
    enum err err = ERR_OK;
    for (int i = 0; i < MANAGEMENT_RECORDS_MAX; i++) {
        err = look(preamble);
        if (!err)
            err = read_record(preamble, 0, ret_record);
        if (err || ret_record->request_id != 0)
            return err;
        err = answer_management(preamble, ret_record);
        if (err)
            return err;
    }
    return ERR_INVALID;
}

enum err fcgi_preamble_check(int fd)
{
    struct preamble preamble;
    preamble.fd = fd;
    preamble.params_len = 0;
    preamble.deadline = clock_monotonic_ms() + PATIENCE_MS;
    struct record begin;
    enum err err = first_record(&preamble, &begin);
    if (err)
        return err;
    if (begin.type != BEGIN_REQUEST || begin.content_len != BEGIN_BYTES)
        return ERR_INVALID;
    return collect_params(&preamble, begin.request_id, begin.end);
}
