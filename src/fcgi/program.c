#include "fcgi/program.h"

#include "base/clock.h"
#include "base/secret.h"
#include "config.h"
#include "fcgi/loop.h"
#include "fcgi/notify.h"
#include "fcgi/socket.h"
#include "http/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sodium.h>

enum {
    DRAIN_SECONDS = 30,
    HOUSEKEEPING_MS = 30 * 1000,
    WATCHDOG_MIN_MS = 10,
    STUCK_MS = 5 * 60 * 1000, /* more than twice what an upstream may be silent */
    PATIENCE_MS = 60 * 1000,
    SLOWEST_RATE = 4, /* KB a second: slower is no line that people have */
    PROBLEM_MAX_BYTES = 1024,
};

/* A program at work. */
struct server {
    const struct program *program;
    struct options options;
    struct settings *settings;
    struct logger log;
    struct generations generations;
    struct metrics *metrics;
    struct notifier notifier;
    int64_t housekeeping_due_ms;
    int listen_fd;
};

static void handle(void *context, const struct http_transport *transport)
{
    struct server *server = context;
    struct generation *generation = generations_take(&server->generations);
    http_service_handle(&generation->service, transport);
    generations_give(&server->generations, generation);
}

static void ready(void *context)
{
    const struct server *server = context;
    notify_ready(&server->notifier, "Serving");
}

/* The watchdog hears only of a process that can serve: others are better started anew. */
static void feed_watchdog(struct server *server, bool stuck)
{
    enum err err = server->program->ops.check(server->generations.current);
    if (stuck || err)
        log_event(&server->log, LOG_ERROR, "no sign of life for the watchdog", "detail",
                  stuck ? "all threads hang" : err_message(err), NULL);
    else
        notify_alive(&server->notifier);
}

static void tick(void *context, bool stuck)
{
    struct server *server = context;
    if (server->notifier.watchdog_ms)
        feed_watchdog(server, stuck);
    if (clock_monotonic_ms() < server->housekeeping_due_ms)
        return;
    server->program->ops.tick(server->generations.current);
    server->housekeeping_due_ms = clock_monotonic_ms() + HOUSEKEEPING_MS;
}

/* Half of what the watchdog waits, so that one tick may be late. */
static int64_t tick_ms(const struct server *server)
{
    int64_t half_ms = server->notifier.watchdog_ms / 2;
    if (!server->notifier.watchdog_ms || half_ms > HOUSEKEEPING_MS)
        return HOUSEKEEPING_MS;
    return half_ms < WATCHDOG_MIN_MS ? WATCHDOG_MIN_MS : half_ms;
}

/* Another process may listen there while this one finishes its requests. A socket that was handed
 * over is closed as well: when nobody else holds it, who connects now is turned away at once,
 * rather than at the end of the last request. */
static void stop_listening(void *context)
{
    struct server *server = context;
    notify_stopping(&server->notifier, "Finishing the requests under way");
    if (server->options.listen)
        socket_remove(server->options.listen);
    close(server->listen_fd);
}

static void log_lines(const struct server *server, enum log_level level, const char *message,
                      struct buf *lines)
{
    char *rest = NULL;
    for (char *line = lines->len ? strtok_r(lines->data, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        log_event(&server->log, level, message, "detail", line, NULL);
}

/* From now on generation serves. */
static void put_in_force(struct server *server, struct generation *generation,
                         struct problems *problems)
{
    atomic_store(&server->log.level, generation->log_level);
    log_lines(server, LOG_WARN, "a setting is odd", &problems->warnings);
    generations_replace(&server->generations, generation);
}

static enum err open_generation(const struct server *server, struct generation *generation,
                                struct buf *problem)
{
    generation->metrics = server->metrics;
    generation->previous = server->generations.current;
    enum err err =
        server->program->ops.open(generation, &server->log, server->options.threads, problem);
    generation->previous = NULL;
    return err;
}

/* Settings that cannot be used leave everything as it is. */
static void reload(void *context)
{
    struct server *server = context;
    const struct generation_ops *ops = &server->program->ops;
    struct problems problems = {.count = 0};
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    notify_reloading(&server->notifier, "Reading the settings again");
    settings_reload(server->settings, &problems);
    struct generation *next = ops->configure(server->settings, &problems);
    settings_forget_file(server->settings);
    enum err err = next ? ERR_OK : ERR_NOMEM;
    if (!err)
        err = problems.count ? ERR_INVALID : open_generation(server, next, &problem);
    if (err) {
        log_lines(server, LOG_ERROR, "a setting cannot be used", &problems.lines);
        log_event(&server->log, LOG_ERROR, "not reloaded: what was in force before stays so",
                  "detail", problem.len ? buf_str(&problem) : err_message(err), NULL);
        notify_ready(&server->notifier,
                     "Serving; the settings could not be read again, see the log");
        if (next)
            ops->close(next);
    } else {
        put_in_force(server, next, &problems);
        log_event(&server->log, LOG_INFO, "reloaded", NULL);
        notify_ready(&server->notifier, "Serving");
    }
    problems_free(&problems);
}

static void complain(const struct server *server, const struct buf *problem, enum err err)
{
    fprintf(stderr, "%s: %s\n", server->program->usage.name,
            problem->len ? buf_str(problem) : err_message(err));
}

static enum err open_socket(struct server *server)
{
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    const struct options *options = &server->options;
    enum err err;
    if (options->listen) {
        err = socket_listen(options->listen, options->socket_mode, &server->listen_fd, &problem);
    } else {
        err = socket_inherited(&server->listen_fd);
        if (err)
            buf_addf(
                &problem,
                "there is no socket to serve: start this from a web server, spawn-fcgi or systemd, "
                "or name one with --listen; see %s --help",
                server->program->usage.name);
    }
    if (err)
        complain(server, &problem, err);
    return err;
}

/* Each thread may need a handful: its connection, its database, a connection to the gateway. */
static void raise_descriptor_limit(const struct server *server)
{
    enum { PER_THREAD = 6, BESIDES = 32 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < (rlim_t)server->options.threads * PER_THREAD + BESIDES)
        log_event(&server->log, LOG_WARN,
                  "too few files may be open for so many threads: see ulimit -n", NULL);
}

static int run_loop(struct server *server)
{
    const struct fcgi_loop loop = {
        .listen_fd = server->listen_fd,
        .threads = server->options.threads,
        .handle = handle,
        .ready = ready,
        .tick = tick,
        .reload = reload,
        .stopping = stop_listening,
        .tick_ms = tick_ms(server),
        .stuck_ms = STUCK_MS,
        .patience_ms = PATIENCE_MS,
        .slowest_rate = SLOWEST_RATE,
        .context = server,
        .drain_seconds = DRAIN_SECONDS,
        .log = &server->log,
    };
    enum err err = fcgi_loop_run(&loop);
    if (err == ERR_TIMEOUT) {
        log_event(&server->log, LOG_WARN, "stopped with requests still running", NULL);
        _Exit(EXIT_SOFTWARE);
    }
    if (err)
        log_event(&server->log, LOG_ERROR, "cannot serve", "detail", err_message(err), NULL);
    return err ? EXIT_SOFTWARE : EXIT_SUCCESS;
}

/* Takes over first, and closes it. */
static int serve(struct server *server, struct generation *first, struct problems *problems)
{
    const struct generation_ops *ops = &server->program->ops;
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    atomic_store(&server->log.level, first->log_level);
    log_event(&server->log, LOG_INFO, "starting", "version", PACKAGE_VERSION, NULL);
    enum err err = open_generation(server, first, &problem);
    if (err) {
        complain(server, &problem, err);
        ops->close(first);
        return EXIT_UNAVAILABLE;
    }
    generations_init(&server->generations, ops);
    put_in_force(server, first, problems);
    err = open_socket(server);
    int exit_code = err == ERR_INVALID || err == ERR_NOT_FOUND ? EXIT_USAGE : EXIT_UNAVAILABLE;
    if (!err) {
        raise_descriptor_limit(server);
        exit_code = run_loop(server);
    }
    generations_destroy(&server->generations);
    return exit_code;
}

/* True when the program can start. Whatever is wrong or odd goes to standard error. */
static bool report(const struct server *server, const struct problems *problems)
{
    const char *name = server->program->usage.name;
    if (problems->warnings.len && (problems->count || server->options.check_config))
        fprintf(stderr, "%s: these settings are odd:\n%s", name, buf_str(&problems->warnings));
    if (problems->count)
        fprintf(stderr, "%s: these settings cannot be used:\n%s", name, buf_str(&problems->lines));
    return problems->count == 0;
}

static int configure_and_serve(struct server *server, struct problems *problems)
{
    const struct generation_ops *ops = &server->program->ops;
    server->settings = settings_load(server->options.env_file, problems);
    struct generation *first = server->settings ? ops->configure(server->settings, problems) : NULL;
    if (!first)
        return EXIT_SOFTWARE;
    settings_forget_file(server->settings);
    if (server->options.check_config)
        ops->examine(first, problems);
    bool usable = report(server, problems);
    if (usable && !server->options.check_config)
        return serve(server, first, problems);
    if (usable)
        printf("%s: the settings are complete\n", server->program->usage.name);
    ops->close(first);
    return usable ? EXIT_SUCCESS : EXIT_CONFIG;
}

int program_main(const struct program *program, int argc, char **argv)
{
    struct server server = {.program = program, .log = {.fd = STDERR_FILENO}};
    int exit_code;
    secret_protect_process();
    if (sodium_init() < 0)
        return EXIT_SOFTWARE;
    if (!options_parse(&program->usage, argc, argv, &server.options, &exit_code))
        return exit_code;
    fcgi_block_signals();
    server.metrics =
        http_metrics_new(program->metric_rows, program->metric_count, server.options.threads);
    notify_init(&server.notifier);
    server.housekeeping_due_ms = clock_monotonic_ms() + HOUSEKEEPING_MS;
    struct problems problems = {.count = 0};
    exit_code = server.metrics ? configure_and_serve(&server, &problems) : EXIT_SOFTWARE;
    problems_free(&problems);
    settings_free(server.settings);
    metrics_free(server.metrics);
    return exit_code;
}
