#include "support.h"

#include "base/log.h"

#include <pthread.h>

enum { OUT_SIZE = 64 * 1024 };

struct fixture {
    struct logger log;
    int read_fd;
    char out[OUT_SIZE];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    int fds[2];
    assert_non_null(fixture);
    assert_int_equal(pipe(fds), 0);
    fixture->read_fd = fds[0];
    fixture->log = (struct logger){.level = LOG_INFO, .fd = fds[1]};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->read_fd);
    free(fixture);
    return 0;
}

/* All that was logged; nothing can be logged afterwards. */
static const char *logged(struct fixture *fixture)
{
    size_t len = 0;
    ssize_t got;
    close(fixture->log.fd);
    while ((got = read(fixture->read_fd, fixture->out + len, OUT_SIZE - 1 - len)) > 0)
        len += (size_t)got;
    fixture->out[len] = '\0';
    return fixture->out;
}

static void writes_pairs(void **state)
{
    struct fixture *fixture = *state;
    log_event(&fixture->log, LOG_WARN, "slow request", "path", "/a?b", "user", NULL, "ms", "12",
              NULL);
    const char *out = logged(fixture);
    assert_memory_equal(out, "time=20", 7);
    assert_string_equal(strchr(out, ' '), " level=warn msg=\"slow request\" path=/a?b ms=12\n");
}

/* However long a value is, and however much longer escaping makes it, the next ones are there. */
static void a_long_value_hides_no_other(void **state)
{
    struct fixture *fixture = *state;
    char path[3001];
    memset(path, 0xe9, sizeof path - 1);
    path[sizeof path - 1] = '\0';
    log_event(&fixture->log, LOG_INFO, "request", "method", path, "path", path, "status", "404",
              "user", path, "client", "192.0.2.1", NULL);
    const char *out = logged(fixture);
    assert_non_null(strstr(out, " status=404 "));
    assert_non_null(strstr(out, " client=192.0.2.1\n"));
}

static void escapes_values(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int line;
        const char *value;
        const char *written;
    } rows[] = {
        {__LINE__, "plain-1.2/3", " v=plain-1.2/3\n"},
        {__LINE__, "", " v=\"\"\n"},
        {__LINE__, "two words", " v=\"two words\"\n"},
        {__LINE__, "a=b", " v=\"a=b\"\n"},
        {__LINE__, "say \"x\"", " v=\"say \\\"x\\\"\"\n"},
        {__LINE__, "back\\slash", " v=\"back\\\\slash\"\n"},
        {__LINE__, "a\nlevel=error msg=forged", " v=\"a\\x0alevel=error msg=forged\"\n"},
        {__LINE__, "\r\x1b[2J\x7f", " v=\"\\x0d\\x1b[2J\\x7f\"\n"},
        {__LINE__, "\xc2\x85\xff", " v=\"\\xc2\\x85\\xff\"\n"},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    for (size_t i = 0; i < ROWS; i++)
        log_event(&fixture->log, LOG_INFO, "m", "v", rows[i].value, NULL);
    const char *line = logged(fixture);
    for (size_t i = 0; i < ROWS; i++) {
        const char *value = strstr(line, " v=");
        assert_row(rows[i].line, value != NULL);
        assert_row(rows[i].line, strncmp(value, rows[i].written, strlen(rows[i].written)) == 0);
        line = strchr(line, '\n') + 1;
    }
    assert_string_equal(line, "");
}

static void leaves_out_what_is_too_detailed(void **state)
{
    struct fixture *fixture = *state;
    log_event(&fixture->log, LOG_DEBUG, "detail", NULL);
    fixture->log.level = LOG_ERROR;
    log_event(&fixture->log, LOG_WARN, "warning", NULL);
    log_event(&fixture->log, LOG_ERROR, "error", NULL);
    const char *out = logged(fixture);
    assert_null(strstr(out, "detail"));
    assert_null(strstr(out, "warning"));
    assert_non_null(strstr(out, "msg=error\n"));
}

static void cuts_long_lines(void **state)
{
    struct fixture *fixture = *state;
    char plain[3000];
    char control[3000];
    memset(plain, 'x', sizeof plain);
    memset(control, '\n', sizeof control);
    plain[sizeof plain - 1] = control[sizeof control - 1] = '\0';
    log_event(&fixture->log, LOG_INFO, plain, "a", plain, "b", plain, "c", plain, "d", plain, NULL);
    log_event(&fixture->log, LOG_INFO, "m", "a", control, "b", control, "c", control, NULL);
    const char *out = logged(fixture);
    const char *end = strchr(out, '\n');
    assert_non_null(end);
    assert_true(end - out < 4096);
    out = end + 1;
    end = strchr(out, '\n');
    assert_non_null(end);
    assert_true(end - out < 4096);
    assert_string_equal(end, "\n");
}

static void *log_many(void *log)
{
    for (int i = 0; i < 100; i++)
        log_event(log, LOG_INFO, "from a thread", "value", "0123456789", NULL);
    return NULL;
}

static void lines_of_threads_do_not_mix(void **state)
{
    struct fixture *fixture = *state;
    static const char rest[] = " level=info msg=\"from a thread\" value=0123456789\n";
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_many, &fixture->log), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    int lines = 0;
    for (const char *line = logged(fixture); *line; line = strchr(line, '\n') + 1, lines++) {
        assert_memory_equal(line, "time=20", 7);
        assert_memory_equal(strchr(line, ' '), rest, sizeof rest - 1);
    }
    assert_int_equal(lines, 400);
}

static void parses_levels(void **state)
{
    (void)state;
    enum log_level level = LOG_ERROR;
    assert_true(log_level_parse("debug", &level));
    assert_int_equal(level, LOG_DEBUG);
    assert_true(log_level_parse("error", &level));
    assert_int_equal(level, LOG_ERROR);
    assert_false(log_level_parse("Debug", &level));
    assert_false(log_level_parse("", &level));
    assert_int_equal(level, LOG_ERROR);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_pairs),
        TEST(a_long_value_hides_no_other),
        TEST(escapes_values),
        TEST(leaves_out_what_is_too_detailed),
        TEST(cuts_long_lines),
        TEST(lines_of_threads_do_not_mix),
        cmocka_unit_test(parses_levels),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
