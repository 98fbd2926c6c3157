#include "fcgi/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MAX_BYTES = 512, SEND_TIMEOUT_SECONDS = 1 };

static void read_address(const char *name, struct notifier *notifier)
{
    size_t len = name ? strlen(name) : 0;
    struct sockaddr_un *address = &notifier->address;
    if (len < 2 || len >= sizeof address->sun_path || (*name != '/' && *name != '@'))
        return;
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, name, len);
    if (*name == '@')
        address->sun_path[0] = '\0';
    notifier->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static bool read_number(const char *text, long long *ret_number)
{
    char *end = NULL;
    errno = 0;
    *ret_number = text ? strtoll(text, &end, 10) : 0;
    return text && end != text && !*end && errno == 0 && *ret_number > 0;
}

/* Without WATCHDOG_PID it is for whoever asks. */
static void read_watchdog(const char *usec, const char *pid, struct notifier *notifier)
{
    long long number;
    if (pid && (!read_number(pid, &number) || number != (long long)getpid()))
        return;
    if (notifier->address_len && read_number(usec, &number))
        notifier->watchdog_ms = number > 1000 ? number / 1000 : 1;
}

void notify_init(struct notifier *ret_notifier)
{
    *ret_notifier = (struct notifier){.address_len = 0};
    read_address(getenv("NOTIFY_SOCKET"), ret_notifier);
    read_watchdog(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"), ret_notifier);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

/* What nobody takes is lost: serving does not depend on it. */
static void send_message(const struct notifier *notifier, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void send_message(const struct notifier *notifier, const char *format, ...)
{
    if (!notifier->address_len)
        return;
    char message[MESSAGE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    const struct timeval timeout = {.tv_sec = SEND_TIMEOUT_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    if (len > 0 && (size_t)len < sizeof message)
        sendto(fd, message, (size_t)len, MSG_NOSIGNAL, (const struct sockaddr *)&notifier->address,
               notifier->address_len);
    close(fd);
}

void notify_ready(const struct notifier *notifier, const char *status)
{
    send_message(notifier, "READY=1\nSTATUS=%s\n", status);
}

void notify_reloading(const struct notifier *notifier, const char *status)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long usec = (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    send_message(notifier, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=%s\n", usec, status);
}

void notify_stopping(const struct notifier *notifier, const char *status)
{
    send_message(notifier, "STOPPING=1\nSTATUS=%s\n", status);
}

void notify_alive(const struct notifier *notifier)
{
    send_message(notifier, "WATCHDOG=1\n");
}
