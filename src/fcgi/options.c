#include "fcgi/options.h"

#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS_MAX = 512 };

static const struct option known[] = {
    {"listen", required_argument, NULL, 'l'},  {"socket-mode", required_argument, NULL, 'm'},
    {"threads", required_argument, NULL, 't'}, {"env-file", required_argument, NULL, 'e'},
    {"check-config", no_argument, NULL, 'c'},  {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
};

static void print_help(const struct usage *usage)
{
    printf("Usage: %s [options]\n"
           "\n"
           "Serves FastCGI on the socket that it was started with (by a web server or systemd),\n"
           "or on the one that --listen names. SIGHUP makes it read its settings again.\n"
           "\n"
           "  --listen ADDRESS     unix:/path or tcp:127.0.0.1:9000\n"
           "  --socket-mode MODE   permissions of a unix: socket, octal (default 0660)\n"
           "  --threads N          requests served at a time, 1 to %d (default %u)\n"
           "  --env-file FILE      settings as NAME=value lines; the environment wins\n"
           "  --check-config       say what is wrong with the settings, and exit\n"
           "  --version            print the version, and exit\n"
           "  --help               print this, and exit\n"
           "\n%s",
           usage->name, THREADS_MAX, usage->default_threads, usage->settings);
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

static bool usage_error(const struct usage *usage, const char *what, int *ret_exit_code)
{
    fprintf(stderr, "%s: %s; see %s --help\n", usage->name, what, usage->name);
    *ret_exit_code = EXIT_USAGE;
    return false;
}

static bool parse_option(const struct usage *usage, int option, struct options *options,
                         int *ret_exit_code)
{
    unsigned long number = 0;
    switch (option) {
    case 'l':
        options->listen = optarg;
        return true;
    case 'm':
        if (!parse_number(optarg, 8, 0777, &number))
            return usage_error(usage, "--socket-mode takes an octal mode such as 0660",
                               ret_exit_code);
        options->socket_mode = (mode_t)number;
        return true;
    case 't':
        if (!parse_number(optarg, 10, THREADS_MAX, &number) || number == 0)
            return usage_error(usage, "--threads takes a whole number from 1 to 512",
                               ret_exit_code);
        options->threads = (unsigned)number;
        return true;
    case 'e':
        options->env_file = optarg;
        return true;
    case 'c':
        options->check_config = true;
        return true;
    case 'V':
        printf("%s %s\n", usage->name, PACKAGE_VERSION);
        *ret_exit_code = EXIT_SUCCESS;
        return false;
    case 'h':
        print_help(usage);
        *ret_exit_code = EXIT_SUCCESS;
        return false;
    default:
        *ret_exit_code = EXIT_USAGE;
        return false;
    }
}

bool options_parse(const struct usage *usage, int argc, char **argv, struct options *ret_options,
                   int *ret_exit_code)
{
    *ret_options = (struct options){.threads = usage->default_threads, .socket_mode = 0660};
    int option;
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1)
        if (!parse_option(usage, option, ret_options, ret_exit_code))
            return false;
    if (optind < argc)
        return usage_error(usage, "there are no arguments besides options", ret_exit_code);
    return true;
}
