/* Settings by name: from the environment and, behind it, from a file in the .env format.
 *
 * The file: NAME=value a line, with or without "export" before it; # begins a comment; a value in
 * single quotes is taken as it is, in double quotes \n, \t, \", \$ and \\ are undone, and both may
 * run over several lines; an unquoted value ends before " #". At most 64 KiB, lines ended by LF or
 * CR LF. Nothing is substituted. */
#ifndef BEHEST_BASE_SETTINGS_H
#define BEHEST_BASE_SETTINGS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;

/* Everything that is wrong with the settings, a line each, so that an operator sees all of it at
 * once, and what is only odd. No line ever holds the value of a secret. Begins as {0}. */
struct problems {
    struct buf lines;
    unsigned count; /* of lines */
    struct buf warnings;
};

enum { PROBLEMS_MAX_BYTES = 16 * 1024 };

/* Adds the line "NAME: what is accepted". */
void problem_add(struct problems *problems, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds the line "NAME: what is odd" to the warnings, which keep nobody from starting. */
void warning_add(struct problems *problems, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void problems_free(struct problems *problems);

/* Reads the file at path; NULL for the environment alone. What is wrong with the file goes to
 * problems. NULL only when out of memory; the caller frees with settings_free(). */
struct settings *settings_load(const char *path, struct problems *problems);

/* Reads the same file anew. What settings_get() returned is gone; the environment is as it was,
 * with the secrets that were taken from it. */
void settings_reload(struct settings *settings, struct problems *problems);
void settings_free(struct settings *settings);

/* Forgets what the file said, until settings_reload(): it may hold secrets of other programs. */
void settings_forget_file(struct settings *settings);

/* Calls visit with each name in the file. */
void settings_visit_names(const struct settings *settings,
                          void (*visit)(void *context, const char *name), void *context);

/* The value of name without white space around it, NULL when unset or blank. Belongs to settings.
 */
const char *settings_get(struct settings *settings, const char *name);

/* Like settings_get(), but a copy from secret_new() that the caller owns. The value is overwritten
 * where it came from: settings_get() finds it no more. One from the environment stays in locked
 * memory, for this function to find again; one from the file is back after settings_reload(). */
char *settings_take_secret(struct settings *settings, const char *name);

/* A whole number from min to max; fallback when unset. Anything else is a problem. */
int64_t settings_number(struct settings *settings, const char *name, int64_t min, int64_t max,
                        int64_t fallback, struct problems *problems);

/* One of the NULL-terminated choices, as its index; fallback when unset. Anything else is a
 * problem. */
int settings_choice(struct settings *settings, const char *name, const char *const *choices,
                    int fallback, struct problems *problems);

/* A log level by its name; fallback is LOG_INFO. */
enum log_level settings_log_level(struct settings *settings, const char *name,
                                  struct problems *problems);

/* An http or https URL as a new string without a slash at its end, its host in lower case and
 * without the scheme's own port: fallback when unset (which may be NULL). A URL with user name,
 * query, fragment or white space is a problem. NULL when there is a problem or nothing. */
char *settings_url(struct settings *settings, const char *name, const char *fallback,
                   struct problems *problems);

/* An http or https URL for people to follow, as a new string, "" when unset. NULL when there is a
 * problem. */
char *settings_link(struct settings *settings, const char *name, struct problems *problems);

/* A new string, or NULL when unset and fallback is NULL. */
char *settings_text(struct settings *settings, const char *name, const char *fallback);

/* Length of the origin (scheme, host and port) that a URL from settings_url() begins with. */
size_t url_origin_length(const char *url);

#endif
