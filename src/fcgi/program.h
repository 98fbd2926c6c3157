/* What the two FastCGI programs have in common: command line, socket, start and end. */
#ifndef BEHEST_FCGI_PROGRAM_H
#define BEHEST_FCGI_PROGRAM_H

#include "base/buf.h"
#include "base/log.h"
#include "base/settings.h"
#include "fcgi/loop.h"

#include <stdbool.h>
#include <sys/types.h>

/* From sysexits.h, with names of our own: that header is not everywhere. */
enum { EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69, EXIT_SOFTWARE = 70, EXIT_CONFIG = 78 };

/* What one of the programs is; main fills the first part and calls program_main(). */
struct program {
    const char *name;
    const char *help; /* what --help prints after the options */
    unsigned default_threads;
    void *config; /* of the program's own type, uninitialised */
    void (*read_config)(void *config, struct settings *settings, struct problems *problems);
    void (*free_config)(void *config);
    int (*serve)(const struct program *program); /* gives the exit code */

    /* from the command line */
    const char *listen; /* NULL: the inherited socket */
    mode_t socket_mode;
    unsigned threads;
    const char *env_file;
    bool check_config;
};

/* Reads command line and settings, and serves. Returns the exit code. */
int program_main(struct program *program, int argc, char **argv);

/* Opens the socket and serves with loop, whose listen_fd and threads are filled in here. Returns
 * the exit code. */
int program_serve(const struct program *program, struct fcgi_loop *loop);

/* Says on standard error why the program cannot start: the problem, or when there is none the
 * error. */
void program_complain(const struct program *program, const struct buf *problem, enum err err);

#endif
