#include "fcgi/loop.h"

#include "base/clock.h"
#include "fcgi/preamble.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <fcgiapp.h>

enum {
    IDLE_MS = 30 * 1000, /* a connection without a request holds a thread: no longer than this */
    FIRST_REQUEST_MS = 1000,      /* from a new connection to its request, while the loop stops */
    IO_TIMEOUT_SECONDS = 60,      /* a web server that stops in the middle of a record */
    WRITE_AT_ONCE = 8192,         /* what libfcgi sends as one record */
    DRAIN_MAX_BYTES = 16 << 20,   /* unread body that is read away to keep a connection */
    WORKER_STACK_BYTES = 4 << 20, /* most of it never touched; sanitizers want more than the rest */
    ACCEPT_PAUSE_MS = 100,
    QUEUE_MAX_MS = 5000, /* how long connections that wait to be accepted put off the stop */
    NO_LISTENER = -1,    /* libfcgi accepts nothing itself */
};

struct pool {
    const struct fcgi_loop *loop;
    int stop_fd;  /* eventfd, readable from the moment the loop stops */
    int epoll_fd; /* waits for connections and for stop_fd */
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    unsigned running;
    _Atomic unsigned busy;    /* workers that have a request */
    _Atomic int64_t moved_ms; /* when a request last began, read, wrote or ended */
};

struct worker {
    struct pool *pool;
    FCGX_Request request;
    int64_t waited_ms; /* of the request: for its reader */
    int64_t written;
};

static void note_movement(struct pool *pool)
{
    atomic_store(&pool->moved_ms, clock_monotonic_ms());
}

static bool is_stuck(struct pool *pool)
{
    return atomic_load(&pool->busy) == pool->loop->threads &&
           clock_monotonic_ms() - atomic_load(&pool->moved_ms) >= pool->loop->stuck_ms;
}

static size_t transport_read(void *context, char *data, size_t len)
{
    struct worker *worker = context;
    int got = FCGX_GetStr(data, len > INT_MAX ? INT_MAX : (int)len, worker->request.in);
    note_movement(worker->pool);
    return got > 0 ? (size_t)got : 0;
}

/* The web server must not take for whole what a reader who is given up has got so far: the
 * connection ends without the end of the request. */
static enum err note_written(struct worker *worker, int64_t began_ms, size_t len)
{
    const struct fcgi_loop *loop = worker->pool->loop;
    note_movement(worker->pool);
    worker->waited_ms += clock_monotonic_ms() - began_ms;
    worker->written += (int64_t)len;
    if (worker->waited_ms <= loop->patience_ms + worker->written / loop->slowest_rate)
        return ERR_OK;
    shutdown(worker->request.ipcFd, SHUT_RDWR);
    return ERR_DISCONNECTED;
}

static enum err transport_write(void *context, const char *data, size_t len)
{
    struct worker *worker = context;
    enum err err = ERR_OK;
    while (!err && len) {
        size_t chunk = len > WRITE_AT_ONCE ? WRITE_AT_ONCE : len;
        int64_t began_ms = clock_monotonic_ms();
        if (FCGX_PutStr(data, (int)chunk, worker->request.out) != (int)chunk)
            return ERR_DISCONNECTED;
        err = note_written(worker, began_ms, chunk);
        data += chunk;
        len -= chunk;
    }
    return err;
}

static enum err transport_flush(void *context)
{
    struct worker *worker = context;
    int64_t began_ms = clock_monotonic_ms();
    if (FCGX_FFlush(worker->request.out))
        return ERR_DISCONNECTED;
    return note_written(worker, began_ms, 0);
}

static int transport_watch_fd(void *context)
{
    const struct worker *worker = context;
    return worker->request.ipcFd;
}

static bool is_kept(const FCGX_Request *request)
{
    return request->keepConnection && request->ipcFd >= 0;
}

/* libfcgi forgets what it has not read of a body, and would take it for the next request on a kept
 * connection. */
static void drain_body(FCGX_Request *request)
{
    char waste[8192];
    for (size_t total = 0; total < DRAIN_MAX_BYTES;) {
        int got = FCGX_GetStr(waste, sizeof waste, request->in);
        if (got <= 0)
            return;
        total += (size_t)got;
    }
    request->keepConnection = 0;
}

static void set_io_timeouts(int fd)
{
    const struct timeval timeout = {.tv_sec = IO_TIMEOUT_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
}

static void serve_request(struct worker *worker)
{
    struct pool *pool = worker->pool;
    const struct http_transport transport = {
        .params = (const char *const *)worker->request.envp,
        .context = worker,
        .read = transport_read,
        .write = transport_write,
        .flush = transport_flush,
        .watch_fd = transport_watch_fd,
    };
    worker->waited_ms = worker->written = 0;
    note_movement(pool);
    atomic_fetch_add(&pool->busy, 1);
    pool->loop->handle(pool->loop->context, &transport);
    drain_body(&worker->request);
    FCGX_Finish_r(&worker->request);
    atomic_fetch_sub(&pool->busy, 1);
}

enum wake { WAKE_READY, WAKE_STOP, WAKE_IDLE };

/* A web server that has just connected is about to send a request, and would take it for refused if
 * the connection were closed: that is still waited for when the loop stops. */
static enum wake wait_for_request(const struct pool *pool, const FCGX_Request *request, bool first)
{
    struct pollfd fds[] = {{.fd = request->ipcFd, .events = POLLIN},
                           {.fd = pool->stop_fd, .events = POLLIN}};
    int ready = poll(fds, 2, IDLE_MS);
    if (ready > 0 && !fds[0].revents && first)
        poll(fds, 1, FIRST_REQUEST_MS);
    if (ready > 0 && fds[0].revents)
        return WAKE_READY;
    return ready > 0 ? WAKE_STOP : WAKE_IDLE;
}

static enum wake wait_for_connection(const struct pool *pool)
{
    struct epoll_event event;
    int ready = epoll_wait(pool->epoll_fd, &event, 1, -1);
    if (ready > 0 && event.data.fd != pool->stop_fd)
        return WAKE_READY;
    return ready > 0 ? WAKE_STOP : WAKE_IDLE;
}

/* A connection wakes one of the workers that wait, of one of the processes that share the listener.
 */
static bool open_descriptors(struct pool *pool)
{
    int listen_fd = pool->loop->listen_fd;
    struct epoll_event connection = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = listen_fd};
    pool->stop_fd = eventfd(0, EFD_CLOEXEC);
    pool->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event stop = {.events = EPOLLIN, .data.fd = pool->stop_fd};
    return pool->stop_fd >= 0 && pool->epoll_fd >= 0 &&
           epoll_ctl(pool->epoll_fd, EPOLL_CTL_ADD, pool->stop_fd, &stop) == 0 &&
           epoll_ctl(pool->epoll_fd, EPOLL_CTL_ADD, listen_fd, &connection) == 0;
}

/* Accepts here rather than in libfcgi, which would read the first records without a time-out, and
 * hands the connection over as one that is kept. */
static void accept_connection(const struct pool *pool, FCGX_Request *request)
{
    int fd = accept4(pool->loop->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        /* Out of descriptors, the listener stays readable: without a pause this would spin. */
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            log_event(pool->loop->log, LOG_ERROR, "cannot accept connections", "detail",
                      strerror(errno), NULL);
            poll(NULL, 0, ACCEPT_PAUSE_MS);
        }
        return;
    }
    set_io_timeouts(fd);
    request->ipcFd = fd;
    request->keepConnection = 1;
}

static bool is_acceptable(const struct pool *pool, const FCGX_Request *request)
{
    enum err err = fcgi_preamble_check(request->ipcFd);
    if (err && err != ERR_DISCONNECTED)
        log_event(pool->loop->log, LOG_WARN, "the web server sent what cannot be served", "detail",
                  err == ERR_TIMEOUT ? "the parameters did not arrive in time" : err_message(err),
                  NULL);
    return err == ERR_OK;
}

static void work(struct worker *worker)
{
    struct pool *pool = worker->pool;
    FCGX_Request *request = &worker->request;
    bool first = true; /* request on its connection */
    for (;;) {
        bool connected = is_kept(request);
        enum wake wake =
            connected ? wait_for_request(pool, request, first) : wait_for_connection(pool);
        if (wake == WAKE_STOP)
            return;
        first = !connected;
        if (!connected) {
            if (wake == WAKE_READY)
                accept_connection(pool, request);
            continue;
        }
        if (wake == WAKE_READY && is_acceptable(pool, request) && FCGX_Accept_r(request) == 0)
            serve_request(worker);
        else
            FCGX_Free(request, 1);
    }
}

static void *worker_main(void *context)
{
    struct pool *pool = context;
    struct worker worker = {.pool = pool};
    if (FCGX_InitRequest(&worker.request, NO_LISTENER, FCGI_FAIL_ACCEPT_ON_INTR) == 0) {
        work(&worker);
        FCGX_Free(&worker.request, 1);
    }
    pthread_mutex_lock(&pool->mutex);
    pool->running--;
    pthread_cond_signal(&pool->ended);
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static unsigned start_workers(struct pool *pool, pthread_t *threads)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
    unsigned started = 0;
    pool->running = pool->loop->threads;
    while (started < pool->loop->threads &&
           pthread_create(&threads[started], &attributes, worker_main, pool) == 0)
        started++;
    pthread_attr_destroy(&attributes);
    pthread_mutex_lock(&pool->mutex);
    pool->running -= pool->loop->threads - started;
    pthread_mutex_unlock(&pool->mutex);
    return started;
}

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGUSR1);
}

static void handled_signals(sigset_t *set)
{
    stop_signals(set);
    sigaddset(set, SIGHUP);
}

void fcgi_block_signals(void)
{
    sigset_t set;
    handled_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Of several signals that wait, the system gives the one with the lowest number, which SIGHUP has:
 * a stop that waits as well goes first. */
static int pending_stop(void)
{
    static const struct timespec at_once = {0};
    sigset_t set;
    stop_signals(&set);
    int signal_number = sigtimedwait(&set, NULL, &at_once);
    return signal_number > 0 ? signal_number : SIGHUP;
}

/* The next handled signal, or 0 when deadline_ms has come. */
static int wait_for_signal(int64_t deadline_ms)
{
    sigset_t set;
    handled_signals(&set);
    int64_t left_ms = deadline_ms - clock_monotonic_ms();
    if (left_ms < 0)
        left_ms = 0;
    const struct timespec left = {.tv_sec = left_ms / MS_PER_SECOND,
                                  .tv_nsec = left_ms % MS_PER_SECOND * 1000000};
    int signal_number = sigtimedwait(&set, NULL, &left);
    if (signal_number == SIGHUP)
        return pending_stop();
    return signal_number > 0 ? signal_number : 0;
}

/* Ticks come in time however many signals do. */
static void wait_for_stop(struct pool *pool)
{
    const struct fcgi_loop *loop = pool->loop;
    int64_t next_tick_ms = clock_monotonic_ms() + loop->tick_ms;
    for (;;) {
        int signal_number = wait_for_signal(next_tick_ms);
        if (signal_number == SIGHUP)
            loop->reload(loop->context);
        else if (signal_number)
            return;
        if (clock_monotonic_ms() >= next_tick_ms) {
            loop->tick(loop->context, is_stuck(pool));
            next_tick_ms = clock_monotonic_ms() + loop->tick_ms;
        }
    }
}

/* Who waits in the queue of a socket that nobody else holds would be turned away when it is closed.
 */
static void wait_for_queue(const struct pool *pool)
{
    const int64_t deadline_ms = clock_monotonic_ms() + QUEUE_MAX_MS;
    struct pollfd queue = {.fd = pool->loop->listen_fd, .events = POLLIN};
    while (poll(&queue, 1, 0) > 0 && clock_monotonic_ms() < deadline_ms)
        poll(NULL, 0, 1);
}

static enum err wait_for_workers(struct pool *pool)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += pool->loop->drain_seconds;
    int waited = 0;
    pthread_mutex_lock(&pool->mutex);
    while (pool->running && waited == 0)
        waited = pthread_cond_clockwait(&pool->ended, &pool->mutex, CLOCK_MONOTONIC, &deadline);
    unsigned running = pool->running;
    pthread_mutex_unlock(&pool->mutex);
    return running ? ERR_TIMEOUT : ERR_OK;
}

static enum err run_pool(struct pool *pool)
{
    const struct fcgi_loop *loop = pool->loop;
    pthread_t *threads = calloc(loop->threads, sizeof *threads);
    if (!threads)
        return ERR_NOMEM;
    unsigned started = start_workers(pool, threads);
    bool complete = started == loop->threads;
    if (complete) {
        log_event(loop->log, LOG_INFO, "ready", NULL);
        loop->ready(loop->context);
        wait_for_stop(pool);
        log_event(loop->log, LOG_INFO, "stopping", NULL);
        wait_for_queue(pool);
        epoll_ctl(pool->epoll_fd, EPOLL_CTL_DEL, loop->listen_fd, NULL);
        loop->stopping(loop->context);
    }
    const uint64_t one = 1;
    ssize_t ignored = write(pool->stop_fd, &one, sizeof one);
    (void)ignored;
    enum err err = wait_for_workers(pool);
    for (unsigned i = 0; i < started; i++) {
        if (err)
            pthread_detach(threads[i]);
        else
            pthread_join(threads[i], NULL);
    }
    free(threads);
    return err ? err : complete ? ERR_OK : ERR_NOMEM;
}

enum err fcgi_loop_run(const struct fcgi_loop *loop)
{
    if (FCGX_Init() != 0)
        return ERR_IO;
    int flags = fcntl(loop->listen_fd, F_GETFL);
    if (flags < 0 || fcntl(loop->listen_fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return ERR_IO;
    struct pool *pool = calloc(1, sizeof *pool); /* outlives this call when workers do */
    if (!pool)
        return ERR_NOMEM;
    pool->loop = loop;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->ended, NULL);
    enum err err = open_descriptors(pool) ? run_pool(pool) : ERR_IO;
    if (err == ERR_TIMEOUT)
        return err;
    close(pool->stop_fd);
    close(pool->epoll_fd);
    pthread_cond_destroy(&pool->ended);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
    return err;
}
