/* The .env file format, as described in base/settings.h. */
#ifndef BEHEST_BASE_DOTENV_H
#define BEHEST_BASE_DOTENV_H

#include "base/err.h"

#include <stddef.h>

/* Called for each assignment; value is NUL-terminated and overwritten after the call. */
typedef enum err dotenv_visitor(void *context, const char *name, const char *value);

/* Visits the assignments of text in order. ERR_INVALID with the number of the first line that
 * cannot be read, or what the visitor returned. */
MUST_CHECK enum err dotenv_parse(const char *text, size_t len, dotenv_visitor *visit, void *context,
                                 unsigned *ret_line);

#endif
