#include "support_records.h"

#include <pthread.h>
#include <sched.h>

static void leaves_a_well_formed_preamble_to_be_read(void **state)
{
    (void)state;
    static const int ids[] = {1, 2, 255, 256, 65535};
    for (size_t i = 0; i < COUNT(ids); i++) {
        BUF_AUTO(bytes, BYTES_MAX);
        add_request(&bytes, ids[i]);
        assert_int_equal(check(&bytes, false), ERR_OK);
        assert_int_equal(check(&bytes, true), ERR_OK);
    }
}

static void padding_is_skipped(void **state)
{
    (void)state;
    BUF_AUTO(bytes, BYTES_MAX);
    add_record(&bytes, BEGIN_REQUEST, 1, "\0\1\1\0\0\0\0\0", 8, 8);
    add_record(&bytes, PARAMS, 1, pairs, PAIRS_LEN, 255);
    add_record(&bytes, PARAMS, 1, "", 0, 7);
    assert_int_equal(check(&bytes, false), ERR_OK);
}

static void a_pair_may_be_spread_over_records(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < PAIRS_LEN; cut++) {
        BUF_AUTO(bytes, BYTES_MAX);
        add_begin(&bytes, 1);
        add_params(&bytes, 1, pairs, cut);
        add_params(&bytes, 1, pairs + cut, PAIRS_LEN - cut);
        add_params(&bytes, 1, "", 0);
        assert_int_equal(check(&bytes, false), ERR_OK);
    }
}

struct writer {
    int fd;
    const struct buf *bytes;
    size_t piece;
};

static void *write_in_pieces(void *context)
{
    const struct writer *writer = context;
    size_t sent = 0;
    while (sent < writer->bytes->len) {
        size_t left = writer->bytes->len - sent;
        ssize_t got = send(writer->fd, writer->bytes->data + sent,
                           left < writer->piece ? left : writer->piece, MSG_NOSIGNAL);
        if (got <= 0)
            break;
        sent += (size_t)got;
        sched_yield();
    }
    return NULL;
}

static void waits_for_the_pieces_of_a_preamble(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 2, 7, 8, 13, 64};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        int pair[2];
        pthread_t thread;
        BUF_AUTO(bytes, BYTES_MAX);
        open_pair(pair);
        add_request(&bytes, 1);
        struct writer writer = {.fd = pair[1], .bytes = &bytes, .piece = pieces[i]};
        assert_int_equal(pthread_create(&thread, NULL, write_in_pieces, &writer), 0);
        assert_int_equal(fcgi_preamble_check(pair[0]), ERR_OK);
        assert_int_equal(pthread_join(thread, NULL), 0);
        close(pair[0]);
        close(pair[1]);
    }
}

static const struct {
    int line;
    const char *pairs;
    size_t len;
    enum err err;
} lengths[] = {
#define ROW(text, err)                                                                             \
    {                                                                                              \
        __LINE__, text, sizeof(text) - 1, err                                                      \
    }
    ROW("", ERR_OK),
    ROW("\0\0", ERR_OK),
    ROW("\1\1ab", ERR_OK),
    ROW("\1\1ab\1\0c", ERR_OK),
    ROW("\x80\0\0\1\1ab", ERR_OK),
    ROW("\1\x80\0\0\1ab", ERR_OK),
    ROW("\x80\0\0\1\x80\0\0\1ab", ERR_OK),
    ROW("\1", ERR_INVALID),
    ROW("\0", ERR_INVALID),
    ROW("\1\1a", ERR_INVALID),
    ROW("\1\1abc", ERR_INVALID),
    ROW("\5\0abcd", ERR_INVALID),
    ROW("\0\5abcd", ERR_INVALID),
    ROW("\x7f\x7f", ERR_INVALID),
    ROW("\1\1ab\5\5c", ERR_INVALID),
    ROW("\x80", ERR_INVALID),
    ROW("\x80\0\0", ERR_INVALID),
    ROW("\x80\0\0\1", ERR_INVALID),
    ROW("\1\x80\0\0", ERR_INVALID),
    ROW("\x80\0\0\2\1ab", ERR_INVALID),
    ROW("\xff\xff\xff\xff\1ab", ERR_INVALID),
    ROW("\1\xff\xff\xff\xff"
        "ab",
        ERR_INVALID),
    ROW("\xff\xff\xff\xff\xff\xff\xff\xff"
        "ab",
        ERR_INVALID),
    ROW("\xc0\0\0\0\xc0\0\0\0ab", ERR_INVALID),
#undef ROW
};

static void refuses_lengths_that_do_not_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        BUF_AUTO(bytes, BYTES_MAX);
        add_begin(&bytes, 1);
        if (lengths[i].len)
            add_params(&bytes, 1, lengths[i].pairs, lengths[i].len);
        add_params(&bytes, 1, "", 0);
        assert_row(lengths[i].line, check(&bytes, false) == lengths[i].err);
    }
}

/* libfcgi would ask for the two gigabytes as soon as it read the length, so it must not get to read
 * without the end. */
static void a_lie_without_an_end_is_not_let_through(void **state)
{
    (void)state;
    static const char lie[] = "\1\1ab\xff\xff\xff\xf0\1";
    static char filler[60000];
    for (int records = 0; records < 3; records += 2) {
        BUF_AUTO(bytes, BYTES_MAX);
        add_begin(&bytes, 1);
        add_params(&bytes, 1, lie, sizeof lie - 1);
        for (int i = 0; i < records; i++)
            add_params(&bytes, 1, filler, sizeof filler);
        assert_int_equal(check(&bytes, false), ERR_TIMEOUT);
    }
}

static void long_parameters_pass_when_they_are_well_formed(void **state)
{
    (void)state;
    static const size_t sizes[] = {100, 8192, 60000};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        BUF_AUTO(pair, BYTES_MAX);
        BUF_AUTO(bytes, BYTES_MAX);
        size_t size = sizes[i];
        const unsigned char head[] = {0x84 & 0x7f, 0x80, 0, (unsigned char)(size >> 8),
                                      (unsigned char)size};
        buf_add(&pair, head, sizeof head);
        buf_adds(&pair, "NAME");
        for (size_t j = 0; j < size; j++)
            buf_add(&pair, "v", 1);
        add_begin(&bytes, 1);
        add_params(&bytes, 1, pair.data, pair.len);
        add_params(&bytes, 1, "", 0);
        assert_int_equal(check(&bytes, false), ERR_OK);
    }
}

static void endless_parameters_are_refused(void **state)
{
    (void)state;
    int pair[2];
    pthread_t thread;
    BUF_AUTO(bytes, BYTES_MAX);
    char value[130];
    memset(value, 'v', sizeof value);
    value[0] = 1;
    value[1] = 127;
    add_begin(&bytes, 1);
    for (int i = 0; i < 8000; i++)
        add_params(&bytes, 1, value, sizeof value);
    add_params(&bytes, 1, "", 0);
    open_pair(pair);
    struct writer writer = {.fd = pair[1], .bytes = &bytes, .piece = 4096};
    assert_int_equal(pthread_create(&thread, NULL, write_in_pieces, &writer), 0);
    enum err err = fcgi_preamble_check(pair[0]);
    assert_true(err == ERR_TOO_LARGE || err == ERR_TIMEOUT);
    close(pair[0]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    close(pair[1]);
}

static void refuses_records_in_another_order(void **state)
{
    (void)state;
    static const struct {
        int line;
        int first;
        size_t first_len;
        int then;
        int then_id;
        enum err err;
    } rows[] = {
        {__LINE__, BEGIN_REQUEST, 8, PARAMS, 1, ERR_OK},
        {__LINE__, PARAMS, 8, PARAMS, 1, ERR_INVALID},
        {__LINE__, STDIN, 8, PARAMS, 1, ERR_INVALID},
        {__LINE__, ABORT_REQUEST, 8, PARAMS, 1, ERR_INVALID},
        {__LINE__, 99, 8, PARAMS, 1, ERR_INVALID},
        {__LINE__, BEGIN_REQUEST, 0, PARAMS, 1, ERR_INVALID},
        {__LINE__, BEGIN_REQUEST, 7, PARAMS, 1, ERR_INVALID},
        {__LINE__, BEGIN_REQUEST, 9, PARAMS, 1, ERR_INVALID},
        {__LINE__, BEGIN_REQUEST, 8, STDIN, 1, ERR_INVALID},
        {__LINE__, BEGIN_REQUEST, 8, BEGIN_REQUEST, 1, ERR_INVALID},
        {__LINE__, BEGIN_REQUEST, 8, ABORT_REQUEST, 1, ERR_INVALID},
        {__LINE__, BEGIN_REQUEST, 8, 99, 1, ERR_INVALID},
        {__LINE__, BEGIN_REQUEST, 8, GET_VALUES, 0, ERR_INVALID},
        /* of other requests, hence none of ours */
        {__LINE__, BEGIN_REQUEST, 8, PARAMS, 2, ERR_OK},
        {__LINE__, BEGIN_REQUEST, 8, STDIN, 2, ERR_OK},
        {__LINE__, BEGIN_REQUEST, 8, ABORT_REQUEST, 257, ERR_OK},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        BUF_AUTO(bytes, BYTES_MAX);
        add_record(&bytes, rows[i].first, 1, "\0\1\0\0\0\0\0\0\0", rows[i].first_len, 0);
        add_record(&bytes, rows[i].then, rows[i].then_id, "\1\1ab", 4, 0);
        add_params(&bytes, 1, pairs, PAIRS_LEN);
        add_params(&bytes, 1, "", 0);
        assert_row(rows[i].line, check(&bytes, false) == rows[i].err);
    }
}

static void refuses_another_version(void **state)
{
    (void)state;
    static const unsigned char versions[] = {0, 2, 'G', 255};
    for (size_t i = 0; i < COUNT(versions); i++) {
        for (size_t at = 0; at <= 16; at += 16) { /* of the first record and of the second */
            BUF_AUTO(bytes, BYTES_MAX);
            add_request(&bytes, 1);
            bytes.data[at] = (char)versions[i];
            assert_int_equal(check(&bytes, false), ERR_INVALID);
        }
    }
}

static void a_connection_that_ends_in_the_middle_is_disconnected(void **state)
{
    (void)state;
    BUF_AUTO(bytes, BYTES_MAX);
    add_begin(&bytes, 1);
    add_params(&bytes, 1, pairs, PAIRS_LEN);
    add_params(&bytes, 1, "", 0);
    while (bytes.len) {
        bytes.len--;
        assert_int_equal(check(&bytes, true), ERR_DISCONNECTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_a_well_formed_preamble_to_be_read),
        cmocka_unit_test(padding_is_skipped),
        cmocka_unit_test(a_pair_may_be_spread_over_records),
        cmocka_unit_test(waits_for_the_pieces_of_a_preamble),
        cmocka_unit_test(refuses_lengths_that_do_not_fit),
        cmocka_unit_test(a_lie_without_an_end_is_not_let_through),
        cmocka_unit_test(long_parameters_pass_when_they_are_well_formed),
        cmocka_unit_test(endless_parameters_are_refused),
        cmocka_unit_test(refuses_records_in_another_order),
        cmocka_unit_test(refuses_another_version),
        cmocka_unit_test(a_connection_that_ends_in_the_middle_is_disconnected),
    };
    return cmocka_run_group_tests_name("fcgi/preamble", tests, NULL, NULL);
}
