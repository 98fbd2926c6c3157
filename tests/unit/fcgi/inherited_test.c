#include "support_place.h"

#include "fcgi/socket.h"

#include <fcntl.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What socket_inherited() finds with fd as that descriptor, which is put back afterwards. */
static enum err inherit(int fd, int as, int *ret_found)
{
    int saved = fcntl(as, F_DUPFD_CLOEXEC, 100);
    if (fd >= 0)
        assert_int_equal(dup2(fd, as), as);
    else
        close(as);
    *ret_found = -1;
    enum err err = socket_inherited(ret_found);
    if (!err)
        assert_true(fcntl(*ret_found, F_GETFD) & FD_CLOEXEC);
    close(as);
    if (saved >= 0) {
        assert_int_equal(dup2(saved, as), as);
        close(saved);
    }
    return err;
}

static void set_systemd(const char *pid, const char *count)
{
    if (pid)
        setenv("LISTEN_PID", pid, 1);
    else
        unsetenv("LISTEN_PID");
    if (count)
        setenv("LISTEN_FDS", count, 1);
    else
        unsetenv("LISTEN_FDS");
}

static void takes_over_descriptor_0_when_it_listens(void **state)
{
    const struct place *place = *state;
    int found;
    int pair[2];
    int listener = bind_unix(place->path, true);
    set_systemd(NULL, NULL);
    assert_int_equal(inherit(listener, STDIN_FILENO, &found), ERR_OK);
    assert_int_equal(found, STDIN_FILENO);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(inherit(file, STDIN_FILENO, &found), ERR_NOT_FOUND);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(inherit(pair[0], STDIN_FILENO, &found), ERR_NOT_FOUND);
    assert_int_equal(inherit(-1, STDIN_FILENO, &found), ERR_NOT_FOUND);
    assert_int_equal(found, -1);
    close(pair[0]);
    close(pair[1]);
    close(file);
    close(listener);
}

static void takes_over_the_socket_of_systemd(void **state)
{
    const struct place *place = *state;
    char pid[24];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    const struct {
        int line;
        const char *pid;
        const char *count;
        bool taken;
    } rows[] = {
        {__LINE__, pid, "1", true},   {__LINE__, pid, "2", true}, {__LINE__, pid, "0", false},
        {__LINE__, pid, NULL, false}, {__LINE__, pid, "", false}, {__LINE__, NULL, "1", false},
        {__LINE__, "1", "1", false},  {__LINE__, "", "1", false}, {__LINE__, pid, "x", false},
    };
    int listener = fcntl(bind_unix(place->path, true), F_DUPFD_CLOEXEC, 50);
    for (size_t i = 0; i < COUNT(rows); i++) {
        int found;
        set_systemd(rows[i].pid, rows[i].count);
        enum err err = inherit(listener, 3, &found);
        assert_row(rows[i].line, (!err && found == 3) == rows[i].taken);
    }
    set_systemd(pid, "1"); /* but the descriptor is something else */
    int found;
    int file = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 50);
    assert_int_equal(inherit(file, 3, &found), ERR_NOT_FOUND);
    set_systemd(NULL, NULL);
    close(file);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(takes_over_descriptor_0_when_it_listens),
        PLACE_TEST(takes_over_the_socket_of_systemd),
    };
    return cmocka_run_group_tests_name("fcgi/inherited", tests, NULL, NULL);
}
