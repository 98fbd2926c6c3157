/* Text from the database or the command line on its way to a terminal. */
#ifndef BEHEST_ADMIN_TEXT_H
#define BEHEST_ADMIN_TEXT_H

#include "base/buf.h"

#include <stddef.h>

/* Adds text with whatever could steer a terminal or hide replaced by U+FFFD: control characters (C0
 * and C1), marks that change the direction of writing, invisible ones, bytes that are not UTF-8.
 * Returns the number of terminal columns that it takes: 2 for a wide character, 0 for a combining
 * one. The result is at most three times as long as text. */
int text_clean(const char *text, size_t len, struct buf *out);

#endif
