/* Strings that must not leak: held in memory that is locked, kept out of core dumps, and
 * overwritten when freed. */
#ifndef BEHEST_BASE_SECRET_H
#define BEHEST_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* A copy of len bytes and a NUL in locked memory, for the caller to free with secret_free(); NULL
 * when out of memory. */
char *secret_new(const char *text, size_t len);

/* Overwrites and frees; NULL is fine. */
void secret_free(char *secret);

/* Compares in a time that depends on the lengths alone. */
bool secret_equal(const char *a, const char *b);

/* Forbids core dumps and inspection by other processes of the same user. Called once, first thing
 * in main. */
void secret_protect_process(void);

#endif
