/* The socket that a web server connects to. */
#ifndef BEHEST_FCGI_SOCKET_H
#define BEHEST_FCGI_SOCKET_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* Makes the listening socket that address names: "unix:/path" (whose file gets mode, whatever the
 * umask) or "tcp:HOST:PORT" with a numeric host, an IPv6 one in brackets. A socket file that nobody
 * listens on is replaced. ERR_INVALID, ERR_CONFLICT (somebody listens there) or ERR_IO, with a
 * sentence for the operator in problem. */
MUST_CHECK enum err socket_listen(const char *address, mode_t mode, int *ret_fd,
                                  struct buf *problem);

/* The listening socket that whoever started this process passed on: systemd's (LISTEN_FDS), else
 * descriptor 0. ERR_NOT_FOUND when there is none. */
MUST_CHECK enum err socket_inherited(int *ret_fd);

/* Removes the socket file of a "unix:" address; nothing for others. */
void socket_remove(const char *address);

#endif
