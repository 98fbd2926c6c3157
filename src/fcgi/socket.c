#include "fcgi/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511, SYSTEMD_FIRST_FD = 3, PORT_MAX = 65535 };

static const char unix_prefix[] = "unix:";
static const char tcp_prefix[] = "tcp:";

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static enum err fail(struct buf *problem, const char *address, const char *why, enum err err)
{
    buf_addf(problem, "cannot listen on %s: %s", address, why);
    return err;
}

/* A socket file whose process is gone refuses connections. */
static bool is_abandoned(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool refused =
        connect(fd, (const struct sockaddr *)name, sizeof *name) != 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static enum err listen_unix(const char *address, mode_t mode, int *ret_fd, struct buf *problem)
{
    const char *path = address + strlen(unix_prefix);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (!*path || strlen(path) >= sizeof name.sun_path)
        return fail(problem, address, "the path is empty or too long for a socket (107 bytes)",
                    ERR_INVALID);
    memcpy(name.sun_path, path, strlen(path) + 1);
    struct stat status;
    if (lstat(path, &status) == 0) {
        if (!S_ISSOCK(status.st_mode))
            return fail(problem, address, "there is a file that is not a socket", ERR_CONFLICT);
        if (!is_abandoned(&name))
            return fail(problem, address, "another process listens there", ERR_CONFLICT);
        unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(problem, address, strerror(errno), ERR_IO);
    mode_t old = umask(0777);
    int bound = bind(fd, (const struct sockaddr *)&name, sizeof name);
    umask(old);
    if (bound != 0 || chmod(path, mode) != 0 || listen(fd, BACKLOG) != 0) {
        enum err err = fail(problem, address, strerror(errno), ERR_IO);
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return ERR_OK;
}

static int bind_tcp(const struct addrinfo *info)
{
    const int on = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static enum err listen_tcp(const char *address, int *ret_fd, struct buf *problem)
{
    static const char form[] = "the form is tcp:127.0.0.1:9000 or tcp:[::1]:9000";
    char host[64];
    const char *start = address + strlen(tcp_prefix);
    const char *colon = strrchr(start, ':');
    if (!colon || colon == start || (size_t)(colon - start) >= sizeof host)
        return fail(problem, address, form, ERR_INVALID);
    bool bracketed = *start == '[' && colon[-1] == ']';
    size_t len = (size_t)(colon - start) - (bracketed ? 2 : 0);
    memcpy(host, start + (bracketed ? 1 : 0), len);
    host[len] = '\0';
    unsigned long port = strtoul(colon + 1, NULL, 10);
    if (strspn(colon + 1, "0123456789") != strlen(colon + 1) || port == 0 || port > PORT_MAX)
        return fail(problem, address, form, ERR_INVALID);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *info = NULL;
    if (getaddrinfo(host, colon + 1, &hints, &info) != 0)
        return fail(problem, address, form, ERR_INVALID);
    int fd = bind_tcp(info);
    freeaddrinfo(info);
    if (fd < 0)
        return fail(problem, address, strerror(errno), errno == EADDRINUSE ? ERR_CONFLICT : ERR_IO);
    *ret_fd = fd;
    return ERR_OK;
}

enum err socket_listen(const char *address, mode_t mode, int *ret_fd, struct buf *problem)
{
    if (has_prefix(address, unix_prefix))
        return listen_unix(address, mode, ret_fd, problem);
    if (has_prefix(address, tcp_prefix))
        return listen_tcp(address, ret_fd, problem);
    return fail(problem, address, "the form is unix:/path or tcp:127.0.0.1:9000", ERR_INVALID);
}

static bool is_listening(int fd)
{
    int listening = 0;
    socklen_t size = sizeof listening;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

static bool passed_by_systemd(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");
    return pid && count && strtol(pid, NULL, 10) == (long)getpid() && strtol(count, NULL, 10) >= 1;
}

enum err socket_inherited(int *ret_fd)
{
    int fd = passed_by_systemd() ? SYSTEMD_FIRST_FD : STDIN_FILENO;
    if (!is_listening(fd))
        return ERR_NOT_FOUND;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    *ret_fd = fd;
    return ERR_OK;
}

void socket_remove(const char *address)
{
    if (has_prefix(address, unix_prefix))
        unlink(address + strlen(unix_prefix));
}
