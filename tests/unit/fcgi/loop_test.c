/* The loop's main thread: signals, ticks, what it sees of the workers, and readers who are slow. */
#include "support_place.h"
#include "support_records.h"

#include "fcgi/loop.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

enum event {
    READY,
    BEGUN,
    LET_GO,
    GIVEN_UP,
    FREE_TICK,
    STUCK_TICK,
    RELOADED,
    STOPPING,
    EVENT_COUNT
};

enum { LONG_ANSWER = 4 << 20 };

/* A loop of two workers, whose requests take until the test lets them go. */
struct fixture {
    void *place;
    struct fcgi_loop loop;
    struct logger log;
    pthread_t thread;
    enum err result;
    char *long_answer; /* what requests are answered with, when there is one */
    sem_t events[EVENT_COUNT];
};

static void happen(struct fixture *fixture, enum event event)
{
    sem_post(&fixture->events[event]);
}

static void wait_for(struct fixture *fixture, enum event event)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 30;
    assert_int_equal(sem_timedwait(&fixture->events[event], &deadline), 0);
}

static void handle(void *context, const struct http_transport *transport)
{
    static const char answer[] = "Status: 204\r\n\r\n";
    struct fixture *fixture = context;
    happen(fixture, BEGUN);
    sem_wait(&fixture->events[LET_GO]);
    enum err err = transport->write(transport->context, answer, sizeof answer - 1);
    if (!err && fixture->long_answer)
        err = transport->write(transport->context, fixture->long_answer, LONG_ANSWER);
    if (err)
        happen(fixture, GIVEN_UP);
}

static void ready(void *context)
{
    struct fixture *fixture = context;
    happen(fixture, READY);
}

static void tick(void *context, bool stuck)
{
    struct fixture *fixture = context;
    happen(fixture, stuck ? STUCK_TICK : FREE_TICK);
}

static void reload(void *context)
{
    struct fixture *fixture = context;
    happen(fixture, RELOADED);
}

static void stopping(void *context)
{
    struct fixture *fixture = context;
    happen(fixture, STOPPING);
}

static void *run(void *context)
{
    struct fixture *fixture = context;
    fixture->result = fcgi_loop_run(&fixture->loop);
    return NULL;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    make_place(&fixture->place);
    const struct place *place = fixture->place;
    for (int i = 0; i < EVENT_COUNT; i++)
        sem_init(&fixture->events[i], 0, 0);
    fixture->log.fd = -1;
    fixture->loop = (struct fcgi_loop){
        .listen_fd = bind_unix(place->path, true),
        .threads = 2,
        .context = fixture,
        .handle = handle,
        .ready = ready,
        .tick = tick,
        .reload = reload,
        .stopping = stopping,
        .tick_ms = 20,
        .stuck_ms = 50,
        .patience_ms = 500,
        .slowest_rate = 1 << 20,
        .drain_seconds = 30,
        .log = &fixture->log,
    };
    assert_int_equal(pthread_create(&fixture->thread, NULL, run, fixture), 0);
    wait_for(fixture, READY);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    kill(getpid(), SIGTERM);
    pthread_join(fixture->thread, NULL);
    assert_int_equal(fixture->result, ERR_OK);
    wait_for(fixture, STOPPING);
    for (int i = 0; i < EVENT_COUNT; i++)
        sem_destroy(&fixture->events[i]);
    close(fixture->loop.listen_fd);
    free_place(&fixture->place);
    free(fixture->long_answer);
    free(fixture);
    return 0;
}

/* A connection with a whole request on it. */
static int ask(const struct fixture *fixture)
{
    const struct place *place = fixture->place;
    const struct sockaddr_un name = unix_name(place->path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof name), 0);
    BUF_AUTO(request, BYTES_MAX);
    add_request(&request, 1);
    assert_int_equal(send(fd, request.data, request.len, 0), request.len);
    return fd;
}

/* Reads the answer to its end. */
static void finish(int fd)
{
    char bytes[4096];
    ssize_t len;
    size_t total = 0;
    while ((len = recv(fd, bytes, sizeof bytes, 0)) > 0)
        total += (size_t)len;
    assert_true(total > 0);
    close(fd);
}

static void ticks_and_reloads(void **state)
{
    struct fixture *fixture = *state;
    wait_for(fixture, FREE_TICK);
    for (int i = 0; i < 3; i++) {
        kill(getpid(), SIGHUP);
        wait_for(fixture, RELOADED);
    }
    wait_for(fixture, FREE_TICK);
}

/* Ticks that came before what the test did last do not count. */
static void wait_for_fresh(struct fixture *fixture, enum event event)
{
    while (sem_trywait(&fixture->events[event]) == 0)
        ;
    wait_for(fixture, event);
    wait_for(fixture, event);
}

static void is_stuck_when_all_workers_are(void **state)
{
    struct fixture *fixture = *state;
    int first = ask(fixture);
    wait_for(fixture, BEGUN);
    wait_for_fresh(fixture, FREE_TICK); /* one is free */
    int second = ask(fixture);
    wait_for(fixture, BEGUN);
    wait_for_fresh(fixture, STUCK_TICK);
    happen(fixture, LET_GO);
    wait_for_fresh(fixture, FREE_TICK);
    happen(fixture, LET_GO);
    finish(first);
    finish(second);
}

static void gives_up_a_reader_who_is_slow(void **state)
{
    static const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    struct fixture *fixture = *state;
    fixture->long_answer = calloc(1, LONG_ANSWER);
    assert_non_null(fixture->long_answer);
    int fd = ask(fixture);
    happen(fixture, LET_GO);
    char bytes[4096];
    size_t total = 0;
    ssize_t len;
    while ((len = recv(fd, bytes, sizeof bytes, 0)) > 0) {
        total += (size_t)len;
        nanosleep(&pause, NULL);
    }
    assert_true(total < LONG_ANSWER);
    wait_for(fixture, GIVEN_UP);
    close(fd);
}

#define LOOP_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    fcgi_block_signals();
    const struct CMUnitTest tests[] = {
        LOOP_TEST(ticks_and_reloads),
        LOOP_TEST(is_stuck_when_all_workers_are),
        LOOP_TEST(gives_up_a_reader_who_is_slow),
    };
    return cmocka_run_group_tests_name("fcgi/loop", tests, NULL, NULL);
}
