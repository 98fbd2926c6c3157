#include "fcgi/program.h"

#include "base/secret.h"
#include "config.h"
#include "fcgi/socket.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sodium.h>

enum { THREADS_MAX = 512 };

static const struct option options[] = {
    {"listen", required_argument, NULL, 'l'},  {"socket-mode", required_argument, NULL, 'm'},
    {"threads", required_argument, NULL, 't'}, {"env-file", required_argument, NULL, 'e'},
    {"check-config", no_argument, NULL, 'c'},  {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
};

static void print_help(const struct program *program)
{
    printf("Usage: %s [options]\n"
           "\n"
           "Serves FastCGI on the socket that it was started with (by a web server or systemd),\n"
           "or on the one that --listen names.\n"
           "\n"
           "  --listen ADDRESS     unix:/path or tcp:127.0.0.1:9000\n"
           "  --socket-mode MODE   permissions of a unix: socket, octal (default 0660)\n"
           "  --threads N          requests served at a time, 1 to %d (default %u)\n"
           "  --env-file FILE      settings as NAME=value lines; the environment wins\n"
           "  --check-config       say what is wrong with the settings, and exit\n"
           "  --version            print the version, and exit\n"
           "  --help               print this, and exit\n"
           "\n%s",
           program->name, THREADS_MAX, program->default_threads, program->help);
}

static bool parse_number(const char *text, int base, unsigned long max, unsigned long *ret_number)
{
    char *end = NULL;
    unsigned long number = strtoul(text, &end, base);
    if (end == text || *end || *text == '-' || number > max)
        return false;
    *ret_number = number;
    return true;
}

static bool usage_error(const struct program *program, const char *what, int *ret_exit_code)
{
    fprintf(stderr, "%s: %s; see %s --help\n", program->name, what, program->name);
    *ret_exit_code = EXIT_USAGE;
    return false;
}

static bool parse_option(struct program *program, int option, int *ret_exit_code)
{
    unsigned long number = 0;
    switch (option) {
    case 'l':
        program->listen = optarg;
        return true;
    case 'm':
        if (!parse_number(optarg, 8, 0777, &number))
            return usage_error(program, "--socket-mode takes an octal mode such as 0660",
                               ret_exit_code);
        program->socket_mode = (mode_t)number;
        return true;
    case 't':
        if (!parse_number(optarg, 10, THREADS_MAX, &number) || number == 0)
            return usage_error(program, "--threads takes a whole number from 1 to 512",
                               ret_exit_code);
        program->threads = (unsigned)number;
        return true;
    case 'e':
        program->env_file = optarg;
        return true;
    case 'c':
        program->check_config = true;
        return true;
    case 'V':
        printf("%s %s\n", program->name, PACKAGE_VERSION);
        *ret_exit_code = EXIT_SUCCESS;
        return false;
    case 'h':
        print_help(program);
        *ret_exit_code = EXIT_SUCCESS;
        return false;
    default:
        *ret_exit_code = EXIT_USAGE;
        return false;
    }
}

static bool parse_arguments(struct program *program, int argc, char **argv, int *ret_exit_code)
{
    program->threads = program->default_threads;
    program->socket_mode = 0660;
    int option;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
        if (!parse_option(program, option, ret_exit_code))
            return false;
    if (optind < argc)
        return usage_error(program, "there are no arguments besides options", ret_exit_code);
    return true;
}

static enum err open_socket(const struct program *program, int *ret_fd)
{
    BUF_AUTO(problem, 512);
    enum err err;
    if (program->listen) {
        err = socket_listen(program->listen, program->socket_mode, ret_fd, &problem);
    } else {
        err = socket_inherited(ret_fd);
        if (err)
            buf_addf(
                &problem,
                "there is no socket to serve: start this from a web server, spawn-fcgi or systemd, "
                "or name one with --listen; see %s --help",
                program->name);
    }
    if (err)
        fprintf(stderr, "%s: %s\n", program->name, buf_str(&problem));
    return err;
}

/* Another process may listen there while this one finishes its requests. */
static void stop_listening(const struct fcgi_loop *loop)
{
    socket_remove(loop->listen_address);
    close(loop->listen_fd);
}

/* Each thread may need a handful: its connection, its database, a connection to the gateway. */
static void raise_descriptor_limit(const struct program *program, const struct logger *log)
{
    enum { PER_THREAD = 6, BESIDES = 32 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < (rlim_t)program->threads * PER_THREAD + BESIDES)
        log_event(log, LOG_WARN, "too few files may be open for so many threads: see ulimit -n",
                  NULL);
}

int program_serve(const struct program *program, struct fcgi_loop *loop)
{
    enum err err = open_socket(program, &loop->listen_fd);
    if (err)
        return err == ERR_INVALID || err == ERR_NOT_FOUND ? EXIT_USAGE : EXIT_UNAVAILABLE;
    raise_descriptor_limit(program, loop->log);
    loop->threads = program->threads;
    loop->listen_address = program->listen;
    loop->stopping = program->listen ? stop_listening : NULL;
    err = fcgi_loop_run(loop);
    if (err == ERR_TIMEOUT) {
        log_event(loop->log, LOG_WARN, "stopped with requests still running", NULL);
        _Exit(EXIT_SOFTWARE);
    }
    if (err)
        log_event(loop->log, LOG_ERROR, "cannot serve", "detail", err_message(err), NULL);
    return err ? EXIT_SOFTWARE : EXIT_SUCCESS;
}

void program_complain(const struct program *program, const struct buf *problem, enum err err)
{
    fprintf(stderr, "%s: %s\n", program->name, problem->len ? buf_str(problem) : err_message(err));
}

static int configure_and_serve(const struct program *program)
{
    struct problems problems = {.count = 0};
    struct settings *settings = settings_load(program->env_file, &problems);
    if (!settings)
        return EXIT_SOFTWARE;
    program->read_config(program->config, settings, &problems);
    settings_free(settings);
    int exit_code = EXIT_SUCCESS;
    if (problems.count) {
        fprintf(stderr, "%s: these settings cannot be used:\n%s", program->name,
                buf_str(&problems.lines));
        exit_code = EXIT_CONFIG;
    } else if (program->check_config) {
        printf("%s: the settings are complete\n", program->name);
    } else {
        exit_code = program->serve(program);
    }
    program->free_config(program->config);
    buf_free(&problems.lines);
    return exit_code;
}

int program_main(struct program *program, int argc, char **argv)
{
    int exit_code;
    secret_protect_process();
    if (sodium_init() < 0)
        return EXIT_SOFTWARE;
    if (!parse_arguments(program, argc, argv, &exit_code))
        return exit_code;
    fcgi_block_signals();
    return configure_and_serve(program);
}
