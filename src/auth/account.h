/* Making accounts and signing in: the rules, without HTTP. */
#ifndef BEHEST_AUTH_ACCOUNT_H
#define BEHEST_AUTH_ACCOUNT_H

#include "auth/password.h"
#include "store/users.h"

enum { EMAIL_SIZE = USER_EMAIL_MAX + 1 };

/* What a person says when making an account; all but e-mail and password may be NULL or "". */
struct registration {
    const char *email;
    const char *password;
    const char *handle; /* none: made from the e-mail address */
    const char *first_name;
    const char *last_name;
    const char *avatar_url;
};

/* Writes the address trimmed and in lower case. ERR_INVALID when it has not the form local@domain,
 * or is too long. */
MUST_CHECK enum err account_normalise_email(const char *email, char ret_email[static EMAIL_SIZE]);

/* The rules for each part of an account. ERR_INVALID with a static sentence for the person in
 * *ret_problem. */
MUST_CHECK enum err account_check_password(const char *password, const char **ret_problem);
MUST_CHECK enum err account_set_handle(struct user *user, const char *handle,
                                       const char **ret_problem);
MUST_CHECK enum err account_set_first_name(struct user *user, const char *name,
                                           const char **ret_problem);
MUST_CHECK enum err account_set_last_name(struct user *user, const char *name,
                                          const char **ret_problem);
MUST_CHECK enum err account_set_avatar_url(struct user *user, const char *url,
                                           const char **ret_problem);

/* Checks what can be checked before the slow part, so that a wrong registration costs nothing. */
MUST_CHECK enum err account_check(const struct registration *registration,
                                  const char **ret_problem);

/* Makes the account. ERR_INVALID and ERR_CONFLICT (address or handle taken) come with a sentence in
 * *ret_problem. */
MUST_CHECK enum err account_register(struct db *db, struct password_hasher *hasher,
                                     const struct registration *registration, int64_t now_ms,
                                     struct user *ret_user, const char **ret_problem);

/* Somebody who has given the right password: the user, and the hash that it was checked against. */
struct login {
    struct user user;
    char hash[PASSWORD_HASH_SIZE];
};

/* The user whose address and password these are; a hash with outdated parameters is replaced.
 * ERR_UNAUTHENTICATED for an unknown address and a wrong password alike; ERR_FORBIDDEN for a
 * disabled user who gave the right one, which the person is not to be told. */
MUST_CHECK enum err account_authenticate(struct db *db, struct password_hasher *hasher,
                                         const char *email, const char *password, int64_t now_ms,
                                         struct login *ret_login);

/* Asks once more, in the transaction that begins the session: ERR_UNAUTHENTICATED when the user was
 * disabled or got another password while this one was checked, which takes a while. */
MUST_CHECK enum err account_confirm(struct db *db, const struct login *login);

#endif
