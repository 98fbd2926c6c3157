/* Users, their e-mail addresses and roles. */
#ifndef BEHEST_STORE_USERS_H
#define BEHEST_STORE_USERS_H

#include "base/encode.h"
#include "store/db.h"

#include <json-c/json.h>
#include <stdbool.h>

/* Maximum lengths in characters; the arrays take that many of four bytes each. */
enum {
    USER_HANDLE_MIN = 3,
    USER_HANDLE_MAX = 50,
    USER_NAME_MAX = 50,
    USER_AVATAR_MAX = 400,
    USER_EMAIL_MAX = 254,
    USER_ROLE_MAX = 50,
};

struct user {
    char id[HEX_ID_SIZE];
    char handle[USER_HANDLE_MAX * 4 + 1];
    char first_name[USER_NAME_MAX * 4 + 1]; /* "": none */
    char last_name[USER_NAME_MAX * 4 + 1];
    char avatar_url[USER_AVATAR_MAX * 4 + 1];
    bool active;
    int64_t created_at_ms;
};

/* ERR_CONFLICT when the handle or the address is taken. Inside a transaction, so that both rows
 * come or none. */
MUST_CHECK enum err user_insert(struct db *db, const struct user *user, const char *email);

/* By id; by address in lower case; by whichever of id, address or handle a person typed.
 * ERR_NOT_FOUND when there is none. */
MUST_CHECK enum err user_find(struct db *db, const char *id, struct user *ret_user);
MUST_CHECK enum err user_find_by_email(struct db *db, const char *email, struct user *ret_user);
MUST_CHECK enum err user_find_by_any(struct db *db, const char *text, struct user *ret_user);

/* ERR_OK when taken (by letters of either case), ERR_NOT_FOUND when free. */
MUST_CHECK enum err user_handle_lookup(struct db *db, const char *handle);
MUST_CHECK enum err user_email_lookup(struct db *db, const char *email);

/* Writes handle, names and avatar. ERR_CONFLICT when the handle is taken, ERR_NOT_FOUND when the
 * user is gone. */
MUST_CHECK enum err user_update(struct db *db, const struct user *user);

/* ERR_NOT_FOUND when there is no such user. Deleting removes everything that belongs to the user.
 */
MUST_CHECK enum err user_set_active(struct db *db, const char *id, bool active);
MUST_CHECK enum err user_delete(struct db *db, const char *id);

/* All users by id, which is the order of their creation. Stops at the first error that visit
 * returns. */
typedef enum err user_visitor(void *context, const struct user *user);
MUST_CHECK enum err user_each(struct db *db, user_visitor *visit, void *context);

/* [{address, verified}], and ["role", ...]; the caller puts the array back. */
MUST_CHECK enum err user_emails(struct db *db, const char *id, struct json_object **ret_array);
MUST_CHECK enum err user_roles(struct db *db, const char *id, struct json_object **ret_array);

/* ERR_CONFLICT when the user has the role already, ERR_NOT_FOUND when not. */
MUST_CHECK enum err user_role_add(struct db *db, const char *id, const char *role);
MUST_CHECK enum err user_role_remove(struct db *db, const char *id, const char *role);

#endif
