#include "admin/admin.h"

#include "admin/text.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/profiles.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX_BYTES = 8 * 1024 };

__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list args,
                                                      const char *advice)
{
    BUF_AUTO(message, MESSAGE_MAX_BYTES);
    BUF_AUTO(clean, 4 * MESSAGE_MAX_BYTES);
    buf_vaddf(&message, format, args);
    text_clean(buf_str(&message), message.len, &clean);
    fprintf(stderr, "behest-admin: %s%s\n", buf_str(&clean), advice);
}

int admin_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args, "");
    va_end(args);
    return ADMIN_FAILED;
}

int admin_usage_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args, "; see behest-admin --help");
    va_end(args);
    return ADMIN_USAGE;
}

int admin_config_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args, "");
    va_end(args);
    return ADMIN_CONFIG;
}

int admin_fail_err(enum err err)
{
    if (err == ERR_OVERLOADED)
        return admin_fail("the database is locked by another program; try again in a moment");
    if (err == ERR_DATABASE)
        return admin_fail("the database could not be read or written; is the disk full, or the "
                          "file damaged? see behest-admin db check");
    return admin_fail("%s", err_message(err));
}

int admin_find_user(const struct admin *admin, const char *text, struct user *ret_user)
{
    enum err err = user_find_by_any(admin->db, text, ret_user);
    if (err == ERR_NOT_FOUND)
        return admin_fail("there is no user with the id, e-mail address or handle %s; "
                          "behest-admin user list shows all",
                          text);
    return err ? admin_fail_err(err) : ADMIN_OK;
}

static enum err add_email(struct db *db, const struct user *user, struct json_object *row)
{
    AUTO_JSON struct json_object *emails = NULL;
    enum err err = user_emails(db, user->id, &emails);
    if (err)
        return err;
    const char *address = NULL;
    if (json_object_array_length(emails) > 0)
        err = json_get_string(json_object_array_get_idx(emails, 0), "address", &address);
    if (err)
        return err;
    json_object_object_add(row, "email", address ? json_object_new_string(address) : NULL);
    return ERR_OK;
}

static enum err add_tier(struct db *db, const struct user *user, struct json_object *row)
{
    struct profile profile = {0};
    enum err err = profile_find(db, user->id, &profile);
    if (err && err != ERR_NOT_FOUND)
        return err;
    json_object_object_add(row, "tier", profile.tier ? json_object_new_int(profile.tier) : NULL);
    return ERR_OK;
}

static enum err add_roles(struct db *db, const struct user *user, struct json_object *row)
{
    struct json_object *roles = NULL;
    enum err err = user_roles(db, user->id, &roles);
    if (!err)
        json_object_object_add(row, "roles", roles);
    return err;
}

enum err admin_user_row(struct db *db, const struct user *user, struct json_object **ret_row)
{
    char created[CLOCK_ISO_SIZE];
    clock_format_iso(user->created_at_ms, created);
    AUTO_JSON struct json_object *row = json_object_new_object();
    json_add_string(row, "id", user->id);
    enum err err = add_email(db, user, row);
    json_add_string(row, "handle", user->handle);
    if (!err)
        err = add_tier(db, user, row);
    json_add_string(row, "status", user->active ? "active" : "disabled");
    if (!err)
        err = add_roles(db, user, row);
    if (err)
        return err;
    json_add_string(row, "created", created);
    *ret_row = json_object_get(row);
    return ERR_OK;
}

bool admin_is_role(const char *text)
{
    long length = utf8_length(text, strlen(text));
    return length >= 1 && length <= USER_ROLE_MAX && !has_control_characters(text, strlen(text)) &&
           !strpbrk(text, " ,");
}

int admin_print_user(const struct admin *admin, const struct user *user, const char *name,
                     struct json_object *extra, const char *sentence, ...)
{
    AUTO_JSON struct json_object *row = NULL;
    enum err err = ERR_OK;
    if (admin->output.json)
        err = admin_user_row(admin->db, user, &row);
    if (err || !extra || !row)
        json_object_put(extra);
    else
        json_object_object_add(row, name, extra);
    if (err)
        return admin_fail_err(err);
    va_list args;
    va_start(args, sentence);
    output_result(&admin->output, row, sentence, args);
    va_end(args);
    return ADMIN_OK;
}
