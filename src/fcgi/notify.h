/* Telling systemd how the program does: the protocol of sd_notify(3), spoken without its library.
 *
 * Each message is a datagram of NAME=value lines to the socket that NOTIFY_SOCKET names. */
#ifndef BEHEST_FCGI_NOTIFY_H
#define BEHEST_FCGI_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notifier {
    struct sockaddr_un address;
    socklen_t address_len; /* 0: nobody wants to know */
    int64_t watchdog_ms;   /* how long the watchdog waits for a sign of life; 0: there is none */
};

/* Reads NOTIFY_SOCKET (a path, or an abstract name after @), WATCHDOG_USEC and WATCHDOG_PID, and
 * removes them from the environment, so that no other process speaks in this one's name. Called
 * before any thread is made. */
void notify_init(struct notifier *ret_notifier);

/* READY=1: requests are served, also after notify_reloading(). status is a sentence for whoever
 * looks (systemctl status). */
void notify_ready(const struct notifier *notifier, const char *status);
void notify_reloading(const struct notifier *notifier, const char *status);
void notify_stopping(const struct notifier *notifier, const char *status);

/* WATCHDOG=1, a sign of life. */
void notify_alive(const struct notifier *notifier);

#endif
