#include "support_records.h"

/* Takes one record off the connection. */
static void assert_answer(int fd, const char *expected, size_t len)
{
    char answer[64];
    assert_in_range(len, 1, sizeof answer);
    assert_int_equal(recv(fd, answer, len, MSG_DONTWAIT), len);
    assert_memory_equal(answer, expected, len);
}

static void answers_management_records_before_the_request(void **state)
{
    (void)state;
    static const char values[] = "\1\x0a\0\0\0\x12\0\0\x0f\1FCGI_MPXS_CONNS0";
    static const char unknown[] = "\1\x0b\0\0\0\x08\0\0\x2a\0\0\0\0\0\0\0";
    int pair[2];
    char left[1024];
    BUF_AUTO(management, BYTES_MAX);
    BUF_AUTO(request, BYTES_MAX);
    open_pair(pair);
    add_record(&management, GET_VALUES, 0, "\x0f\0FCGI_MPXS_CONNS", 17, 3);
    add_record(&management, 42, 0, "whatever", 8, 0);
    add_record(&management, 42, 0, "", 0, 0);
    add_request(&request, 1);
    assert_int_equal(send(pair[1], management.data, management.len, 0), management.len);
    assert_int_equal(send(pair[1], request.data, request.len, 0), request.len);
    assert_int_equal(fcgi_preamble_check(pair[0]), ERR_OK);
    assert_answer(pair[1], values, sizeof values - 1);
    assert_answer(pair[1], unknown, sizeof unknown - 1);
    assert_answer(pair[1], unknown, sizeof unknown - 1);
    assert_int_equal(recv(pair[1], left, sizeof left, MSG_DONTWAIT), -1);
    assert_int_equal(recv(pair[0], left, sizeof left, MSG_DONTWAIT), request.len);
    assert_memory_equal(left, request.data, request.len);
    close(pair[0]);
    close(pair[1]);
}

static void does_not_answer_management_records_for_ever(void **state)
{
    (void)state;
    BUF_AUTO(bytes, BYTES_MAX);
    for (int i = 0; i < 100; i++)
        add_record(&bytes, GET_VALUES, 0, "", 0, 0);
    add_request(&bytes, 1);
    assert_int_equal(check(&bytes, false), ERR_INVALID);
}

static void survives_a_peer_that_asks_and_leaves(void **state)
{
    (void)state;
    BUF_AUTO(bytes, BYTES_MAX);
    add_record(&bytes, GET_VALUES, 0, "", 0, 0);
    assert_int_equal(check(&bytes, true), ERR_DISCONNECTED);
    add_request(&bytes, 1);
    assert_int_equal(check(&bytes, true), ERR_DISCONNECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_management_records_before_the_request),
        cmocka_unit_test(does_not_answer_management_records_for_ever),
        cmocka_unit_test(survives_a_peer_that_asks_and_leaves),
    };
    return cmocka_run_group_tests_name("fcgi/management", tests, NULL, NULL);
}
