#include "base/file.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MAX_MS = 5000 };

/* Regular files always have data, or their end. False with errno when the time is over. */
static bool wait_for_data(int fd, int64_t deadline_ms)
{
    struct pollfd data = {.fd = fd, .events = POLLIN};
    int64_t left_ms = deadline_ms - clock_monotonic_ms();
    int ready = poll(&data, 1, left_ms > 0 ? (int)left_ms : 0);
    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0;
}

static bool may_try_again(void)
{
    return errno == EINTR || errno == EAGAIN;
}

enum err file_read(const char *path, struct buf *content)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd < 0 ? ERR_IO : file_read_fd(fd, content);
}

enum err file_read_fd(int fd, struct buf *content)
{
    const int64_t deadline_ms = clock_monotonic_ms() + WAIT_MAX_MS;
    char chunk[4096];
    for (;;) {
        ssize_t got = wait_for_data(fd, deadline_ms) ? read(fd, chunk, sizeof chunk) : -1;
        if (got == 0)
            return buf_err(content);
        if (got < 0 && !may_try_again())
            return ERR_IO;
        if (got > 0)
            buf_add(content, chunk, (size_t)got);
        if (buf_err(content))
            return buf_err(content);
    }
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t written = write(fd, data, len);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            data += written;
            len -= (size_t)written;
        }
    }
    return fsync(fd) == 0;
}

enum err file_create(const char *path, const void *data, size_t len)
{
    BUF_AUTO(temporary, 4096);
    buf_addf(&temporary, "%s.XXXXXX", path);
    if (buf_err(&temporary))
        return buf_err(&temporary);
    AUTO_CLOSE int fd = mkostemp(temporary.data, O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    enum err err = ERR_OK;
    if (!write_all(fd, data, len))
        err = ERR_IO;
    else if (link(temporary.data, path) != 0)
        err = errno == EEXIST ? ERR_CONFLICT : ERR_IO;
    int why = errno;
    unlink(temporary.data);
    errno = why;
    return err;
}
