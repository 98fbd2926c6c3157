/* behest-admin user */
#include "admin/groups.h"
#include "admin/prompt.h"
#include "auth/account.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "store/profiles.h"
#include "store/sessions.h"

#include <stdio.h>

enum { HASHES_AT_ONCE = 1 };

static const struct column list_columns[] = {
    {"id", "ID", FORM_TEXT},
    {"email", "EMAIL", FORM_TEXT},
    {"handle", "HANDLE", FORM_TEXT},
    {"tier", "TIER", FORM_TIER},
    {"status", "STATUS", FORM_TEXT},
    {"roles", "ROLES", FORM_TEXT},
    {"created", "CREATED (UTC)", FORM_TIME},
    {NULL, NULL, FORM_TEXT},
};

static const struct column show_columns[] = {
    {"id", "Id", FORM_TEXT},
    {"email", "Email", FORM_TEXT},
    {"handle", "Handle", FORM_TEXT},
    {"firstName", "First name", FORM_TEXT},
    {"lastName", "Last name", FORM_TEXT},
    {"avatarUrl", "Avatar", FORM_TEXT},
    {"tier", "Tier", FORM_TIER},
    {"status", "Status", FORM_TEXT},
    {"roles", "Roles", FORM_TEXT},
    {"created", "Created (UTC)", FORM_TIME},
    {"hasPassword", "Password", FORM_TEXT},
    {"sessions", "Sessions", FORM_TEXT},
    {NULL, NULL, FORM_TEXT},
};

/* add */

/* Tier and role of the command line, as far as they are given. Returns an exit code. */
static int read_extras(const struct arguments *arguments, int *ret_tier, const char **ret_role)
{
    const char *tier = arguments->options[OPTION_TIER];
    if (tier && !arguments_number(tier, TIER_MIN, TIER_MAX, ret_tier))
        return admin_usage_error("--tier takes a whole number from %d to %d", TIER_MIN, TIER_MAX);
    *ret_role = arguments->options[OPTION_ROLE];
    if (*ret_role && !admin_is_role(*ret_role))
        return admin_usage_error(ADMIN_ROLE_RULE);
    return ADMIN_OK;
}

static enum err set_extras(struct db *db, const struct user *user, int tier, const char *role)
{
    enum err err = tier ? profile_set_tier(db, user->id, tier) : ERR_OK;
    if (!err && role)
        err = user_role_add(db, user->id, role);
    return err;
}

static int fail_prompt(enum err err, const char *problem)
{
    return err == ERR_INVALID ? admin_fail("%s", problem) : admin_fail_err(err);
}

static enum err register_user(struct db *db, const struct registration *registration,
                              struct user *ret_user, const char **ret_problem)
{
    struct password_hasher hasher;
    enum err err = password_hasher_init(&hasher, HASHES_AT_ONCE, 0);
    if (!err)
        err =
            account_register(db, &hasher, registration, clock_now_ms(NULL), ret_user, ret_problem);
    password_hasher_destroy(&hasher);
    return err;
}

static int add(struct admin *admin, const char *password, int tier, const char *role)
{
    const char *const *options = admin->arguments.options;
    struct registration registration = {
        .email = options[OPTION_EMAIL],
        .password = password,
        .handle = options[OPTION_HANDLE],
        .first_name = options[OPTION_FIRST_NAME],
        .last_name = options[OPTION_LAST_NAME],
    };
    struct user user;
    const char *problem = NULL;
    enum err err = register_user(admin->db, &registration, &user, &problem);
    if (err)
        return problem ? admin_fail("%s", problem) : admin_fail_err(err);
    err = set_extras(admin->db, &user, tier, role);
    if (err) {
        admin_fail("%s was added, but tier or role could not be set", user.id);
        return admin_fail_err(err);
    }
    return admin_print_user(admin, &user, NULL, NULL, "Added %s (handle %s, id %s)",
                            registration.email, user.handle, user.id);
}

int user_add_command(struct admin *admin)
{
    int tier = 0;
    const char *role = NULL;
    if (!admin->arguments.options[OPTION_EMAIL])
        return admin_usage_error("user add needs --email ADDRESS");
    int code = read_extras(&admin->arguments, &tier, &role);
    if (code)
        return code;
    char *password = NULL;
    const char *problem = NULL;
    enum err err = prompt_new_password(&password, &problem);
    code = err ? fail_prompt(err, problem) : add(admin, password, tier, role);
    secret_free(password);
    return code;
}

/* list, show */

struct listing {
    struct admin *admin;
    struct table table;
};

static enum err list_user(void *context, const struct user *user)
{
    struct listing *listing = context;
    struct json_object *row = NULL;
    enum err err = admin_user_row(listing->admin->db, user, &row);
    if (!err)
        table_add(&listing->table, row);
    return err;
}

int user_list_command(struct admin *admin)
{
    struct listing listing = {.admin = admin};
    table_begin(&listing.table, &admin->output, list_columns);
    enum err err = table_end(&listing.table, user_each(admin->db, list_user, &listing));
    return err ? admin_fail_err(err) : ADMIN_OK;
}

static enum err count_session(void *context, const struct session *session)
{
    (void)session;
    ++*(int *)context;
    return ERR_OK;
}

static void add_optional(struct json_object *row, const char *name, const char *text)
{
    json_add_string(row, name, *text ? text : NULL);
}

static enum err add_details(struct db *db, const struct user *user, struct json_object *row)
{
    add_optional(row, "firstName", user->first_name);
    add_optional(row, "lastName", user->last_name);
    add_optional(row, "avatarUrl", user->avatar_url);
    struct json_object *emails = NULL;
    int sessions = 0;
    char hash[PASSWORD_HASH_SIZE];
    enum err err = user_emails(db, user->id, &emails);
    json_object_object_add(row, "emails", emails);
    if (!err)
        err = session_each(db, user->id, clock_now_ms(NULL), count_session, &sessions);
    if (err)
        return err;
    json_object_object_add(row, "sessions", json_object_new_int(sessions));
    err = password_hash_find(db, user->id, hash);
    json_object_object_add(row, "hasPassword", json_object_new_boolean(!err));
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

int user_show_command(struct admin *admin)
{
    struct user user;
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (code)
        return code;
    AUTO_JSON struct json_object *row = NULL;
    enum err err = admin_user_row(admin->db, &user, &row);
    if (!err)
        err = add_details(admin->db, &user, row);
    if (err)
        return admin_fail_err(err);
    output_record(&admin->output, show_columns, row);
    return ADMIN_OK;
}

/* set-password */

static enum err hash_password(const char *password, char ret_hash[static PASSWORD_HASH_SIZE])
{
    struct password_hasher hasher;
    enum err err = password_hasher_init(&hasher, HASHES_AT_ONCE, 0);
    if (!err)
        err = password_hash(&hasher, password, ret_hash);
    password_hasher_destroy(&hasher);
    return err;
}

static enum err replace_password(struct db *db, const struct user *user, const char *hash,
                                 int *ret_sessions)
{
    enum err err = db_begin(db);
    if (err)
        return err;
    err = password_hash_set(db, user->id, hash, clock_now_ms(NULL));
    if (!err)
        err = session_delete_by_user(db, user->id, ret_sessions);
    db_end(db, &err);
    return err;
}

static int set_password(struct admin *admin, const struct user *user, const char *password)
{
    const char *problem = NULL;
    char hash[PASSWORD_HASH_SIZE];
    int sessions = 0;
    enum err err = account_check_password(password, &problem);
    if (err)
        return admin_fail("%s", problem);
    err = hash_password(password, hash);
    if (!err)
        err = replace_password(admin->db, user, hash, &sessions);
    if (err)
        return admin_fail_err(err);
    return admin_print_user(admin, user, "sessionsEnded", json_object_new_int(sessions),
                            "%s has a new password; sessions ended: %d", user->handle, sessions);
}

int user_set_password_command(struct admin *admin)
{
    struct user user;
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (code)
        return code;
    char *password = NULL;
    const char *problem = NULL;
    enum err err = prompt_new_password(&password, &problem);
    code = err ? fail_prompt(err, problem) : set_password(admin, &user, password);
    secret_free(password);
    return code;
}

/* disable, enable, delete */

static enum err disable(struct db *db, const struct user *user, int *ret_sessions)
{
    enum err err = db_begin(db);
    if (err)
        return err;
    err = user_set_active(db, user->id, false);
    if (!err)
        err = session_delete_by_user(db, user->id, ret_sessions);
    db_end(db, &err);
    return err;
}

int user_disable_command(struct admin *admin)
{
    struct user user;
    int sessions = 0;
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (code)
        return code;
    enum err err = disable(admin->db, &user, &sessions);
    if (err)
        return admin_fail_err(err);
    user.active = false;
    return admin_print_user(admin, &user, "sessionsEnded", json_object_new_int(sessions),
                            "%s is disabled; sessions ended: %d", user.handle, sessions);
}

int user_enable_command(struct admin *admin)
{
    struct user user;
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (code)
        return code;
    enum err err = user_set_active(admin->db, user.id, true);
    if (err)
        return admin_fail_err(err);
    user.active = true;
    return admin_print_user(admin, &user, NULL, NULL, "%s is enabled", user.handle);
}

static int confirm_delete(const struct admin *admin, const struct user *user)
{
    if (admin->arguments.options[OPTION_YES])
        return ADMIN_OK;
    if (!prompt_is_possible())
        return admin_usage_error("user delete asks for confirmation, and there is no terminal to "
                                 "ask on: add --yes");
    BUF_AUTO(question, 1024);
    buf_addf(&question, "Delete %s (id %s) and all that belongs to the account?", user->handle,
             user->id);
    return prompt_confirm(buf_str(&question)) ? ADMIN_OK : admin_fail("nothing was deleted");
}

int user_delete_command(struct admin *admin)
{
    struct user user;
    AUTO_JSON struct json_object *row = NULL;
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (!code)
        code = confirm_delete(admin, &user);
    if (code)
        return code;
    enum err err = admin_user_row(admin->db, &user, &row);
    if (!err)
        err = user_delete(admin->db, user.id); /* with the sessions, by foreign key */
    if (err)
        return admin_fail_err(err);
    output_done(&admin->output, row, "Deleted %s (id %s)", user.handle, user.id);
    return ADMIN_OK;
}
