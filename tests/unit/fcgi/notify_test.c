#include "support_place.h"

#include "base/clock.h"
#include "fcgi/notify.h"

#include <stddef.h>

static void set(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static struct notifier init(const char *socket, const char *usec, const char *pid)
{
    struct notifier notifier;
    set("NOTIFY_SOCKET", socket);
    set("WATCHDOG_USEC", usec);
    set("WATCHDOG_PID", pid);
    notify_init(&notifier);
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
    return notifier;
}

/* systemd's end: bound to a path, or to an abstract name that begins with @. */
static int listen_at(const char *name)
{
    struct sockaddr_un address = unix_name(name);
    if (*name == '@')
        address.sun_path[0] = '\0';
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, len), 0);
    return fd;
}

static void assert_message(int fd, const char *expected)
{
    char message[1024];
    ssize_t len = recv(fd, message, sizeof message - 1, MSG_DONTWAIT);
    assert_true(len >= 0);
    message[len] = '\0';
    assert_string_equal(message, expected);
}

static void assert_silence(int fd)
{
    char byte;
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
}

static void says_how_it_is(const char *name)
{
    int fd = listen_at(name);
    const struct notifier notifier = init(name, NULL, NULL);
    notify_ready(&notifier, "Serving");
    assert_message(fd, "READY=1\nSTATUS=Serving\n");
    notify_stopping(&notifier, "Ending");
    assert_message(fd, "STOPPING=1\nSTATUS=Ending\n");
    notify_alive(&notifier);
    assert_message(fd, "WATCHDOG=1\n");
    assert_silence(fd);
    close(fd);
}

static void tells_a_socket_with_a_path(void **state)
{
    const struct place *place = *state;
    says_how_it_is(place->path);
}

static void tells_an_abstract_socket(void **state)
{
    const struct place *place = *state;
    char name[TEST_PATH_SIZE];
    snprintf(name, sizeof name, "@behest-%ld%.60s", (long)getpid(), strrchr(place->folder, '-'));
    says_how_it_is(name);
}

/* A reload carries its time: systemd tells by it a READY=1 from before. */
static void says_when_it_reloads(void **state)
{
    const struct place *place = *state;
    char message[1024] = {0};
    long long usec = 0;
    int status = 0;
    int fd = listen_at(place->path);
    const struct notifier notifier = init(place->path, NULL, NULL);
    long long before_ms = clock_monotonic_ms();
    notify_reloading(&notifier, "Reading");
    assert_true(recv(fd, message, sizeof message - 1, MSG_DONTWAIT) > 0);
    assert_int_equal(
        sscanf(message, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=Reading%n", &usec, &status), 1);
    assert_string_equal(message + status, "\n");
    assert_in_range(usec / 1000, before_ms, clock_monotonic_ms());
    close(fd);
}

static void tells_nobody_when_nobody_asks(void **state)
{
    const struct place *place = *state;
    char longest[sizeof((struct sockaddr_un *)NULL)->sun_path + 1];
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    const char *const names[] = {NULL, "", "/", "@", "relative/path", "vsock:2:1234", longest};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct notifier notifier = init(names[i], "1000000", NULL);
        assert_int_equal(notifier.address_len, 0);
        assert_int_equal(notifier.watchdog_ms, 0);
        notify_ready(&notifier, "Serving");
    }
    const struct notifier gone = init(place->path, NULL, NULL);
    notify_ready(&gone, "nobody listens there");
}

static void knows_whose_watchdog_it_is(void **state)
{
    const struct place *place = *state;
    char own[24];
    snprintf(own, sizeof own, "%ld", (long)getpid());
    const struct {
        int line;
        const char *usec;
        const char *pid;
        int64_t ms;
    } rows[] = {
        {__LINE__, "30000000", own, 30000},
        {__LINE__, "30000000", NULL, 30000},
        {__LINE__, "30000000", "1", 0},
        {__LINE__, "30000000", "", 0},
        {__LINE__, "30000000", "x", 0},
        {__LINE__, NULL, own, 0},
        {__LINE__, "0", own, 0},
        {__LINE__, "-1", own, 0},
        {__LINE__, "", own, 0},
        {__LINE__, "soon", own, 0},
        {__LINE__, "1", own, 1},
        {__LINE__, "99999999999999999999", own, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct notifier notifier = init(place->path, rows[i].usec, rows[i].pid);
        assert_row(rows[i].line, notifier.watchdog_ms == rows[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(tells_a_socket_with_a_path), PLACE_TEST(tells_an_abstract_socket),
        PLACE_TEST(says_when_it_reloads),       PLACE_TEST(tells_nobody_when_nobody_asks),
        PLACE_TEST(knows_whose_watchdog_it_is),
    };
    return cmocka_run_group_tests_name("fcgi/notify", tests, NULL, NULL);
}
