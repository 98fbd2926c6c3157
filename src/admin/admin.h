/* What the commands of behest-admin share. */
#ifndef BEHEST_ADMIN_ADMIN_H
#define BEHEST_ADMIN_ADMIN_H

#include "admin/arguments.h"
#include "admin/output.h"
#include "store/db.h"
#include "store/users.h"

/* Exit codes, as --help documents them: 0, and from sysexits.h the last two. */
enum { ADMIN_OK = 0, ADMIN_FAILED = 1, ADMIN_USAGE = 64, ADMIN_CONFIG = 78 };

struct admin {
    struct arguments arguments;
    struct output output;
    struct db *db; /* open when the command's row asks for it */
};

/* Each prints "behest-admin: ..." on stderr, for people, and returns the exit code that goes with
 * it. The message says what to do about it. Control characters in it are made visible. */
int admin_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
int admin_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
int admin_config_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As admin_fail(), for what the library says. */
int admin_fail_err(enum err err);

/* ADMIN_OK with the user whom text names (id, e-mail address or handle), or fails with a message.
 */
int admin_find_user(const struct admin *admin, const char *text, struct user *ret_user);

/* The id, address, handle, tier, status, roles and time of creation of a user, for printing; the
 * caller puts it back. */
MUST_CHECK enum err admin_user_row(struct db *db, const struct user *user,
                                   struct json_object **ret_row);

/* True when text can be the name of a role. */
bool admin_is_role(const char *text);
#define ADMIN_ROLE_RULE "a role has 1 to 50 characters, without blanks or commas"

/* For what concerns one user: prints the sentence for people; for programs the user's row, with
 * extra (taken over, may be NULL) as its member `name`. Returns the exit code. */
int admin_print_user(const struct admin *admin, const struct user *user, const char *name,
                     struct json_object *extra, const char *sentence, ...)
    __attribute__((format(printf, 5, 6)));

#endif
