/* The command line of the two FastCGI programs. */
#ifndef BEHEST_FCGI_OPTIONS_H
#define BEHEST_FCGI_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

/* From sysexits.h, with names of our own: that header is not everywhere. */
enum { EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69, EXIT_SOFTWARE = 70, EXIT_CONFIG = 78 };

struct options {
    const char *listen; /* NULL: the inherited socket */
    mode_t socket_mode;
    unsigned threads;
    const char *env_file; /* NULL: the environment alone */
    bool check_config;
};

/* What --help has to know of the program. */
struct usage {
    const char *name;
    const char *settings; /* what is printed after the options */
    unsigned default_threads;
};

/* Fills *ret_options with what points into argv. False when the program shall end at once, with
 * *ret_exit_code: after --help or --version, or when the command line is wrong, which is said on
 * standard error. */
bool options_parse(const struct usage *usage, int argc, char **argv, struct options *ret_options,
                   int *ret_exit_code);

#endif
