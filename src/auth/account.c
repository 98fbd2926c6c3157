#include "auth/account.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NUMBERED_HANDLES = 51 };

static enum err refuse(const char **ret_problem, const char *problem)
{
    *ret_problem = problem;
    return ERR_INVALID;
}

/* Text without blanks around it. */
static const char *trimmed(const char *text, size_t *ret_len)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t len = strlen(text);
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    *ret_len = len;
    return text;
}

enum err account_normalise_email(const char *email, char ret_email[static EMAIL_SIZE])
{
    size_t len;
    email = trimmed(email, &len);
    const char *at = memchr(email, '@', len);
    if (len > USER_EMAIL_MAX || !at || at == email || at == email + len - 1 ||
        memchr(at + 1, '@', (size_t)(email + len - at - 1)) || utf8_length(email, len) < 0)
        return ERR_INVALID;
    char lower[EMAIL_SIZE];
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)email[i] <= ' ' || email[i] == 0x7f || strchr("<>()[]\\,;:\"", email[i]))
            return ERR_INVALID;
        lower[i] = (char)(email[i] >= 'A' && email[i] <= 'Z' ? email[i] + ('a' - 'A') : email[i]);
    }
    memcpy(ret_email, lower, len);
    ret_email[len] = '\0';
    return ERR_OK;
}

enum err account_check_password(const char *password, const char **ret_problem)
{
    long length = utf8_length(password, strlen(password));
    if (length < PASSWORD_MIN)
        return refuse(ret_problem, "The password must have at least 8 characters");
    if (length > PASSWORD_MAX)
        return refuse(ret_problem, "The password may have at most 128 characters");
    return ERR_OK;
}

/* Copies text without blanks around it when it is a line of min to max characters. */
static bool set_line(char *out, const char *text, long min, long max)
{
    size_t len;
    text = trimmed(text, &len);
    long length = utf8_length(text, len);
    if (length < min || length > max || has_control_characters(text, len))
        return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

enum err account_set_handle(struct user *user, const char *handle, const char **ret_problem)
{
    char set[sizeof user->handle];
    if (!set_line(set, handle, USER_HANDLE_MIN, USER_HANDLE_MAX))
        return refuse(ret_problem, "The handle must have 3 to 50 characters");
    if (strchr(set, '@') || is_hex_id(set))
        return refuse(ret_problem, "The handle must not look like an email address or an id");
    memcpy(user->handle, set, strlen(set) + 1);
    return ERR_OK;
}

enum err account_set_first_name(struct user *user, const char *name, const char **ret_problem)
{
    if (!set_line(user->first_name, name, 0, USER_NAME_MAX))
        return refuse(ret_problem, "The first name may have at most 50 characters");
    return ERR_OK;
}

enum err account_set_last_name(struct user *user, const char *name, const char **ret_problem)
{
    if (!set_line(user->last_name, name, 0, USER_NAME_MAX))
        return refuse(ret_problem, "The last name may have at most 50 characters");
    return ERR_OK;
}

enum err account_set_avatar_url(struct user *user, const char *url, const char **ret_problem)
{
    char set[sizeof user->avatar_url];
    bool line = set_line(set, url, 0, USER_AVATAR_MAX);
    bool web = line && (strncmp(set, "https://", 8) == 0 || strncmp(set, "http://", 7) == 0);
    if (!line || (*set && !web))
        return refuse(ret_problem,
                      "The avatar must be an http or https URL of at most 400 characters");
    memcpy(user->avatar_url, set, strlen(set) + 1);
    return ERR_OK;
}

/* What account_check() finds out: the user to be, but for id and generated handle. */
static enum err read_registration(const struct registration *registration, struct user *user,
                                  char ret_email[static EMAIL_SIZE], const char **ret_problem)
{
    *user = (struct user){.active = true};
    if (account_normalise_email(registration->email, ret_email) != ERR_OK)
        return refuse(ret_problem, "This is not a valid email address");
    enum err err = account_check_password(registration->password, ret_problem);
    if (!err && registration->handle && *registration->handle)
        err = account_set_handle(user, registration->handle, ret_problem);
    if (!err && registration->first_name)
        err = account_set_first_name(user, registration->first_name, ret_problem);
    if (!err && registration->last_name)
        err = account_set_last_name(user, registration->last_name, ret_problem);
    if (!err && registration->avatar_url)
        err = account_set_avatar_url(user, registration->avatar_url, ret_problem);
    return err;
}

enum err account_check(const struct registration *registration, const char **ret_problem)
{
    struct user user;
    char email[EMAIL_SIZE];
    return read_registration(registration, &user, email, ret_problem);
}

/* The part of an address before the @, as long as a suffix may still follow, and no shorter than a
 * handle may be. */
static void handle_base(const char *email, char ret_base[static USER_HANDLE_MAX + 1])
{
    enum { SUFFIX_MAX = 9 };
    size_t len = strcspn(email, "@");
    if (len > USER_HANDLE_MAX - SUFFIX_MAX) {
        len = USER_HANDLE_MAX - SUFFIX_MAX;
        while (len && ((unsigned char)email[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(ret_base, email, len);
    for (long length = utf8_length(ret_base, len); length < USER_HANDLE_MIN; length++)
        ret_base[len++] = '_';
    ret_base[len] = '\0';
    if (is_hex_id(ret_base)) /* a handle must not look like one */
        ret_base[len - 1] = '_';
}

/* name, name_2 ... name_51, then name_ and a random suffix. */
static enum err generate_handle(struct db *db, const char *email, struct user *user)
{
    char base[USER_HANDLE_MAX + 1];
    handle_base(email, base);
    snprintf(user->handle, sizeof user->handle, "%s", base);
    enum err err = user_handle_lookup(db, user->handle);
    for (int number = 2; err == ERR_OK && number <= NUMBERED_HANDLES; number++) {
        snprintf(user->handle, sizeof user->handle, "%s_%d", base, number);
        err = user_handle_lookup(db, user->handle);
    }
    if (err == ERR_OK) {
        char random[UUID_SIZE];
        uuid_v4(random);
        snprintf(user->handle, sizeof user->handle, "%s_%.8s", base, random);
        return ERR_OK;
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err conflict_if_found(enum err lookup, const char *problem, const char **ret_problem)
{
    if (lookup == ERR_OK) {
        *ret_problem = problem;
        return ERR_CONFLICT;
    }
    return lookup == ERR_NOT_FOUND ? ERR_OK : lookup;
}

static enum err insert(struct db *db, struct user *user, const char *email, const char *hash,
                       const char **ret_problem)
{
    enum err err = conflict_if_found(user_email_lookup(db, email),
                                     "An account with this email exists already", ret_problem);
    if (!err && *user->handle)
        err = conflict_if_found(user_handle_lookup(db, user->handle),
                                "This handle is already taken", ret_problem);
    else if (!err)
        err = generate_handle(db, email, user);
    if (!err)
        err = user_insert(db, user, email);
    if (!err)
        err = password_hash_set(db, user->id, hash, user->created_at_ms);
    return err;
}

enum err account_register(struct db *db, struct password_hasher *hasher,
                          const struct registration *registration, int64_t now_ms,
                          struct user *ret_user, const char **ret_problem)
{
    struct user user;
    char email[EMAIL_SIZE];
    char hash[PASSWORD_HASH_SIZE];
    enum err err = read_registration(registration, &user, email, ret_problem);
    if (!err)
        err = password_hash(hasher, registration->password, hash);
    if (!err)
        err = db_begin(db);
    if (err)
        return err;
    user.created_at_ms = now_ms;
    hex_id(now_ms, user.id);
    err = insert(db, &user, email, hash, ret_problem);
    db_end(db, &err);
    if (!err)
        *ret_user = user;
    return err;
}

/* A hash that cannot be replaced now will be at the next sign-in. */
static void upgrade_hash(struct db *db, struct password_hasher *hasher, const char *password,
                         int64_t now_ms, struct login *login)
{
    char hash[PASSWORD_HASH_SIZE];
    enum err err = password_hash(hasher, password, hash);
    if (!err)
        err = password_hash_replace(db, login->user.id, login->hash, hash, now_ms);
    if (!err)
        memcpy(login->hash, hash, sizeof hash);
}

enum err account_authenticate(struct db *db, struct password_hasher *hasher, const char *email,
                              const char *password, int64_t now_ms, struct login *ret_login)
{
    char address[EMAIL_SIZE];
    struct login login = {.user.active = false};
    enum err found = account_normalise_email(email, address);
    if (!found)
        found = user_find_by_email(db, address, &login.user);
    if (!found)
        found = password_hash_find(db, login.user.id, login.hash);
    if (found && found != ERR_NOT_FOUND && found != ERR_INVALID)
        return found;
    enum err err = password_verify(hasher, found ? NULL : login.hash, password);
    if (!err && !login.user.active)
        err = ERR_FORBIDDEN;
    if (err)
        return err;
    if (password_is_outdated(login.hash))
        upgrade_hash(db, hasher, password, now_ms, &login);
    *ret_login = login;
    return ERR_OK;
}

enum err account_confirm(struct db *db, const struct login *login)
{
    struct user user;
    char hash[PASSWORD_HASH_SIZE];
    enum err err = user_find(db, login->user.id, &user);
    if (!err)
        err = password_hash_find(db, login->user.id, hash);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : err;
    return user.active && strcmp(hash, login->hash) == 0 ? ERR_OK : ERR_UNAUTHENTICATED;
}
