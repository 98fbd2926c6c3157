/* Questions to the person at the terminal. */
#ifndef BEHEST_ADMIN_PROMPT_H
#define BEHEST_ADMIN_PROMPT_H

#include "base/err.h"

#include <stdbool.h>

enum { PROMPT_LINE_MAX = 1024 };

/* A new password: from a terminal asked for twice and not shown; otherwise the first line of
 * standard input, without its end of line. It is in locked memory, for the caller to free with
 * secret_free(). ERR_INVALID with a static sentence when the two differ, when there is none, or
 * when it is longer than PROMPT_LINE_MAX bytes; ERR_IO. */
MUST_CHECK enum err prompt_new_password(char **ret_password, const char **ret_problem);

/* True when there is a terminal to ask on. */
bool prompt_is_possible(void);

/* Asks question and returns true when the answer is "yes". */
bool prompt_confirm(const char *question);

#endif
