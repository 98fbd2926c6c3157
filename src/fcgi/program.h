/* What the two FastCGI programs have in common: command line, socket, start and end. */
#ifndef BEHEST_FCGI_PROGRAM_H
#define BEHEST_FCGI_PROGRAM_H

#include "base/log.h"
#include "fcgi/loop.h"

#include <stdbool.h>
#include <sys/types.h>

/* From sysexits.h, with names of our own: that header is not everywhere. */
enum { EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69, EXIT_SOFTWARE = 70, EXIT_CONFIG = 78 };

struct program {
    const char *name;
    const char *help; /* what --help prints after the options */
    unsigned default_threads;

    /* from the command line */
    const char *listen; /* NULL: the inherited socket */
    mode_t socket_mode;
    unsigned threads;
    const char *env_file;
    bool check_config;
};

/* Reads the command line. False when the program is to end at once, with *ret_exit_code. */
bool program_parse(struct program *program, int argc, char **argv, int *ret_exit_code);

/* Opens the socket and serves with loop, whose listen_fd and threads are filled in here. Returns
 * the exit code. */
int program_serve(const struct program *program, struct fcgi_loop *loop);

#endif
