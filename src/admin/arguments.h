/* The command line: options, which may stand anywhere, and words. */
#ifndef BEHEST_ADMIN_ARGUMENTS_H
#define BEHEST_ADMIN_ARGUMENTS_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

enum admin_option {
    OPTION_DATABASE,
    OPTION_ENV_FILE,
    OPTION_JSON,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_EMAIL,
    OPTION_HANDLE,
    OPTION_FIRST_NAME,
    OPTION_LAST_NAME,
    OPTION_TIER,
    OPTION_ROLE,
    OPTION_YES,
    OPTION_OUT,
    OPTION_ORIGIN,
    OPTION_COUNT,
};

/* Sets of options. */
#define OPTION_SET(option) (1u << (option))
#define OPTIONS_ALWAYS (OPTION_SET(OPTION_JSON) | OPTION_SET(OPTION_HELP))
#define OPTIONS_DATABASE (OPTION_SET(OPTION_DATABASE) | OPTION_SET(OPTION_ENV_FILE))
#define OPTIONS_GENERAL (OPTIONS_ALWAYS | OPTIONS_DATABASE | OPTION_SET(OPTION_VERSION))

enum { WORDS_MAX = 4 };

struct arguments {
    const char *options[OPTION_COUNT]; /* the value, "" for one without; NULL: not given */
    const char *words[WORDS_MAX];      /* NULL behind the last */
    int word_count;
};

/* Reads the command line. ERR_INVALID with a sentence in problem, which never holds the value of an
 * option that does not exist: somebody may have tried to give a password there. */
MUST_CHECK enum err arguments_parse(int argc, char **argv, struct arguments *ret_arguments,
                                    struct buf *problem);

/* The name of the first option that was given and is not of the set; NULL when there is none. */
const char *arguments_stray_option(const struct arguments *arguments, unsigned set);

/* Prints a line for each option of the set. */
void arguments_print_options(FILE *file, unsigned set);

/* Reads a whole number from min to max; false when text is anything else. */
bool arguments_number(const char *text, int min, int max, int *ret_number);

#endif
