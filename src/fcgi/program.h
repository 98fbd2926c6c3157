/* What the two FastCGI programs have in common: from the command line to the end. */
#ifndef BEHEST_FCGI_PROGRAM_H
#define BEHEST_FCGI_PROGRAM_H

#include "fcgi/generation.h"
#include "fcgi/options.h"

/* What one of the programs is. */
struct program {
    struct usage usage;
    struct generation_ops ops;
    const struct metric_row *metric_rows; /* beginning with HTTP_METRIC_ROWS (http/metrics.h) */
    size_t metric_count;
};

/* Reads command line and settings, and serves until a signal ends it; SIGHUP has it read the
 * settings again. Returns the exit code. */
int program_main(const struct program *program, int argc, char **argv);

#endif
