/* behest-admin tier */
#include "admin/groups.h"
#include "base/json.h"
#include "store/profiles.h"

#include <string.h>

static const struct column columns[] = {
    {"id", "ID", FORM_TEXT},     {"email", "EMAIL", FORM_TEXT}, {"handle", "HANDLE", FORM_TEXT},
    {"tier", "TIER", FORM_TIER}, {NULL, NULL, FORM_TEXT},
};

int tier_set_command(struct admin *admin)
{
    struct user user;
    const char *text = admin->arguments.words[1];
    int tier = 0;
    if (strcmp(text, "default") != 0 && !arguments_number(text, TIER_MIN, TIER_MAX, &tier))
        return admin_usage_error("a tier is a whole number from %d to %d, or default", TIER_MIN,
                                 TIER_MAX);
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (code)
        return code;
    enum err err = profile_set_tier(admin->db, user.id, tier);
    if (err)
        return admin_fail_err(err);
    return admin_print_user(admin, &user, NULL, NULL, "%s has tier %s from the next token on",
                            user.handle, text);
}

static enum err tier_row(struct db *db, const struct user *user, struct json_object **ret_row)
{
    struct json_object *row = NULL;
    enum err err = admin_user_row(db, user, &row);
    if (err)
        return err;
    json_object_object_del(row, "status");
    json_object_object_del(row, "roles");
    json_object_object_del(row, "created");
    *ret_row = row;
    return ERR_OK;
}

int tier_show_command(struct admin *admin)
{
    struct user user;
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (code)
        return code;
    AUTO_JSON struct json_object *row = NULL;
    enum err err = tier_row(admin->db, &user, &row);
    if (err)
        return admin_fail_err(err);
    output_record(&admin->output, columns, row);
    return ADMIN_OK;
}

struct listing {
    struct db *db;
    struct table table;
};

static enum err list_user(void *context, const struct user *user)
{
    struct listing *listing = context;
    struct profile profile = {0};
    enum err err = profile_find(listing->db, user->id, &profile);
    if (err && err != ERR_NOT_FOUND)
        return err;
    if (!profile.tier)
        return ERR_OK;
    struct json_object *row = NULL;
    err = tier_row(listing->db, user, &row);
    if (!err)
        table_add(&listing->table, row);
    return err;
}

int tier_list_command(struct admin *admin)
{
    struct listing listing = {.db = admin->db};
    table_begin(&listing.table, &admin->output, columns);
    enum err err = table_end(&listing.table, user_each(admin->db, list_user, &listing));
    return err ? admin_fail_err(err) : ADMIN_OK;
}
