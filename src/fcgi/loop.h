/* The responder loop: worker threads that accept FastCGI requests and hand each to the handler, and
 * the main thread, which waits for signals. libfcgi stays behind this header. */
#ifndef BEHEST_FCGI_LOOP_H
#define BEHEST_FCGI_LOOP_H

#include "base/err.h"
#include "base/log.h"
#include "http/transport.h"

#include <stdbool.h>
#include <stdint.h>

struct fcgi_loop {
    int listen_fd; /* listening socket, made non-blocking here */
    unsigned threads;
    void *context;

    /* Serves a request; called by several threads. */
    void (*handle)(void *context, const struct http_transport *transport);

    /* Called by the main thread: once the workers serve, every tick_ms, at SIGHUP, and when the
     * loop stops, to close listen_fd. stuck: all workers have requests, and nothing has come in or
     * gone out for stuck_ms, so that it cannot be that they only wait for something slow. */
    void (*ready)(void *context);
    void (*tick)(void *context, bool stuck);
    void (*reload)(void *context);
    void (*stopping)(void *context);
    int64_t tick_ms;
    int64_t stuck_ms;

    /* How long a request may wait in all for its reader: patience_ms, and as long as what was
     * written takes at slowest_rate. Then its connection is closed, so that nobody holds workers by
     * reading slowly. */
    int64_t patience_ms;
    int64_t slowest_rate; /* bytes per millisecond, at least 1 */

    unsigned drain_seconds; /* how long running requests may take once the loop was told to stop */
    const struct logger *log;
};

/* Blocks SIGTERM, SIGINT, SIGUSR1 and SIGHUP, ignores SIGPIPE. Called before any thread is made. */
void fcgi_block_signals(void);

/* Serves until SIGTERM, SIGINT or SIGUSR1 (how FastCGI has web servers ask for a graceful end).
 * ERR_OK when all running requests have ended, ERR_TIMEOUT when some had not at the deadline (their
 * threads still run: leave the process with _exit), ERR_NOMEM or ERR_IO when it could not begin. */
MUST_CHECK enum err fcgi_loop_run(const struct fcgi_loop *loop);

#endif
