#include "support_place.h"

#include "fcgi/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Asserts that there is a sentence exactly when there is an error, and the descriptor likewise. */
static enum err listen_on(const char *address, mode_t mode, int *fd)
{
    BUF_AUTO(problem, 512);
    *fd = -1;
    enum err err = socket_listen(address, mode, fd, &problem);
    assert_int_equal(err == ERR_OK, *fd >= 0);
    assert_int_equal(err == ERR_OK, problem.len == 0);
    assert_int_equal(buf_err(&problem), ERR_OK);
    return err;
}

static int connect_unix(const char *path)
{
    const struct sockaddr_un name = unix_name(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr *)&name, sizeof name) == 0)
        return fd;
    close(fd);
    return -1;
}

static void a_unix_socket_has_its_mode_whatever_the_umask(void **state)
{
    const struct place *place = *state;
    static const mode_t masks[] = {0, 022, 077, 0777};
    static const mode_t modes[] = {0600, 0660, 0666, 0777, 0};
    for (size_t i = 0; i < COUNT(masks); i++) {
        for (size_t j = 0; j < COUNT(modes); j++) {
            int fd;
            struct stat status;
            mode_t before = umask(masks[i]);
            enum err err = listen_on(place->address, modes[j], &fd);
            mode_t after = umask(before);
            assert_int_equal(err, ERR_OK);
            assert_int_equal(after, masks[i]); /* left as it was */
            assert_int_equal(lstat(place->path, &status), 0);
            assert_true(S_ISSOCK(status.st_mode));
            assert_int_equal(status.st_mode & 07777, modes[j]);
            close(fd);
            socket_remove(place->address);
            assert_int_equal(lstat(place->path, &status), -1);
        }
    }
}

static void accepts_connections_and_is_not_inherited_by_programs(void **state)
{
    const struct place *place = *state;
    int fd;
    assert_int_equal(listen_on(place->address, 0600, &fd), ERR_OK);
    int client = connect_unix(place->path);
    assert_true(client >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(client);
    close(fd);
}

static void replaces_an_abandoned_socket(void **state)
{
    const struct place *place = *state;
    int fd;
    close(bind_unix(place->path, true));
    assert_int_equal(connect_unix(place->path), -1);
    assert_int_equal(listen_on(place->address, 0600, &fd), ERR_OK);
    int client = connect_unix(place->path);
    assert_true(client >= 0);
    close(client);
    close(fd);
}

static void leaves_a_live_socket_alone(void **state)
{
    const struct place *place = *state;
    int fd;
    int live = bind_unix(place->path, true);
    assert_int_equal(listen_on(place->address, 0600, &fd), ERR_CONFLICT);
    int client = connect_unix(place->path);
    assert_true(client >= 0);
    close(client);
    close(live);
}

static void leaves_files_that_are_no_sockets_alone(void **state)
{
    const struct place *place = *state;
    struct stat status;
    int fd;
    test_write_file(place->path, "precious", 8);
    assert_int_equal(listen_on(place->address, 0600, &fd), ERR_CONFLICT);
    assert_int_equal(lstat(place->path, &status), 0);
    assert_int_equal(status.st_size, 8);
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(mkdir(place->path, 0700), 0);
    assert_int_equal(listen_on(place->address, 0600, &fd), ERR_CONFLICT);
    assert_int_equal(rmdir(place->path), 0);
    assert_int_equal(symlink("elsewhere", place->path), 0);
    assert_int_equal(listen_on(place->address, 0600, &fd), ERR_CONFLICT);
    assert_int_equal(lstat(place->path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
}

static void a_path_fits_or_is_refused(void **state)
{
    const struct place *place = *state;
    static const struct {
        int line;
        size_t len;
        enum err err;
    } rows[] = {{__LINE__, 107, ERR_OK},
                {__LINE__, 108, ERR_INVALID},
                {__LINE__, 109, ERR_INVALID},
                {__LINE__, 400, ERR_INVALID}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char address[1024];
        int fd;
        snprintf(address, sizeof address, "unix:%s/", place->folder);
        size_t len = strlen(address);
        memset(address + len, 'n', sizeof address - len);
        address[strlen("unix:") + rows[i].len] = '\0';
        assert_row(rows[i].line, listen_on(address, 0600, &fd) == rows[i].err);
        if (fd >= 0)
            close(fd);
        if (!rows[i].err)
            assert_row(rows[i].line, access(address + strlen("unix:"), F_OK) == 0);
    }
}

static void a_folder_that_is_not_there_is_an_error_of_its_own(void **state)
{
    (void)state;
    int fd;
    assert_int_equal(listen_on("unix:/nowhere/at/all/sock", 0600, &fd), ERR_IO);
}

static void refuses_other_forms_of_addresses(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *address;
    } rows[] = {
        {__LINE__, ""},
        {__LINE__, "unix:"},
        {__LINE__, "unix"},
        {__LINE__, "/run/x.sock"},
        {__LINE__, "UNIX:/run/x.sock"},
        {__LINE__, "127.0.0.1:9000"},
        {__LINE__, ":9000"},
        {__LINE__, "9000"},
        {__LINE__, "http://127.0.0.1:9000"},
        {__LINE__, "tcp:"},
        {__LINE__, "tcp::"},
        {__LINE__, "tcp:9000"},
        {__LINE__, "tcp::9000"},
        {__LINE__, "tcp:127.0.0.1"},
        {__LINE__, "tcp:127.0.0.1:"},
        {__LINE__, "tcp:127.0.0.1:0"},
        {__LINE__, "tcp:127.0.0.1:x"},
        {__LINE__, "tcp:127.0.0.1:80x"},
        {__LINE__, "tcp:127.0.0.1:-1"},
        {__LINE__, "tcp:127.0.0.1:65536"},
        {__LINE__, "tcp:127.0.0.1:99999999999999999999"},
        {__LINE__, "tcp:127.0.0.1: 9000"},
        {__LINE__, "tcp:127.0.0.256:9000"},
        {__LINE__, "tcp:localhost:9000"},
        {__LINE__, "tcp:example.com:9000"},
        {__LINE__, "tcp:[]:9000"},
        {__LINE__, "tcp:]:9000"},
        {__LINE__, "tcp:[:9000"},
        {__LINE__, "tcp:[::1:9000"},
        {__LINE__, "tcp:::1]:9000"},
        {__LINE__, "tcp:[::1]9000"},
        {__LINE__, "tcp:[localhost]:9000"},
        {__LINE__, "tcp:127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1:80"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int fd;
        assert_row(rows[i].line, listen_on(rows[i].address, 0600, &fd) == ERR_INVALID);
    }
}

/* A port that was free a moment ago. */
static unsigned free_port(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t size = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
    close(fd);
    return ntohs(name.sin_port);
}

static void listens_on_numeric_tcp_addresses(void **state)
{
    (void)state;
    char address[64];
    int fd;
    int second;
    snprintf(address, sizeof address, "tcp:127.0.0.1:%u", free_port());
    assert_int_equal(listen_on(address, 0600, &fd), ERR_OK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(listen_on(address, 0600, &second), ERR_CONFLICT);
    socket_remove(address); /* nothing to remove */
    close(fd);
    assert_int_equal(listen_on(address, 0600, &fd), ERR_OK); /* at once again */
    close(fd);
    snprintf(address, sizeof address, "tcp:[::1]:%u", free_port());
    enum err err = listen_on(address, 0600, &fd);
    if (!err)
        close(fd);
    assert_true(err == ERR_OK || err == ERR_IO); /* not every machine has IPv6 */
}

static void removing_what_is_not_there_is_fine(void **state)
{
    const struct place *place = *state;
    socket_remove(place->address);
    socket_remove("tcp:127.0.0.1:9000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(a_unix_socket_has_its_mode_whatever_the_umask),
        PLACE_TEST(accepts_connections_and_is_not_inherited_by_programs),
        PLACE_TEST(replaces_an_abandoned_socket),
        PLACE_TEST(leaves_a_live_socket_alone),
        PLACE_TEST(leaves_files_that_are_no_sockets_alone),
        PLACE_TEST(a_path_fits_or_is_refused),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error_of_its_own),
        cmocka_unit_test(refuses_other_forms_of_addresses),
        cmocka_unit_test(listens_on_numeric_tcp_addresses),
        PLACE_TEST(removing_what_is_not_there_is_fine),
    };
    return cmocka_run_group_tests_name("fcgi/socket", tests, NULL, NULL);
}
