/* behest-admin session */
#include "admin/groups.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/sessions.h"

static const struct column columns[] = {
    {"userId", "USER", FORM_TEXT},           {"email", "EMAIL", FORM_TEXT},
    {"handle", "HANDLE", FORM_TEXT},         {"created", "SIGNED IN (UTC)", FORM_TIME},
    {"expires", "EXPIRES (UTC)", FORM_TIME}, {NULL, NULL, FORM_TEXT},
};

struct listing {
    struct db *db;
    struct table table;
};

static void add_time(struct json_object *row, const char *name, int64_t ms)
{
    char text[CLOCK_ISO_SIZE];
    clock_format_iso(ms, text);
    json_add_string(row, name, text);
}

static enum err list_session(void *context, const struct session *session)
{
    struct listing *listing = context;
    struct user user;
    AUTO_JSON struct json_object *user_row = NULL;
    enum err err = user_find(listing->db, session->user_id, &user);
    if (!err)
        err = admin_user_row(listing->db, &user, &user_row);
    if (err)
        return err;
    struct json_object *row = json_object_new_object();
    json_add_string(row, "userId", user.id);
    json_object_object_add(row, "email",
                           json_object_get(json_object_object_get(user_row, "email")));
    json_add_string(row, "handle", user.handle);
    add_time(row, "created", session->created_at_ms);
    add_time(row, "expires", session->expires_at_ms);
    table_add(&listing->table, row);
    return ERR_OK;
}

int session_list_command(struct admin *admin)
{
    struct user user;
    const char *whose = admin->arguments.words[0];
    int code = whose ? admin_find_user(admin, whose, &user) : ADMIN_OK;
    if (code)
        return code;
    struct listing listing = {.db = admin->db};
    table_begin(&listing.table, &admin->output, columns);
    enum err err =
        session_each(admin->db, whose ? user.id : NULL, clock_now_ms(NULL), list_session, &listing);
    err = table_end(&listing.table, err);
    return err ? admin_fail_err(err) : ADMIN_OK;
}

int session_revoke_command(struct admin *admin)
{
    struct user user;
    int sessions = 0;
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (code)
        return code;
    enum err err = session_delete_by_user(admin->db, user.id, &sessions);
    if (err)
        return admin_fail_err(err);
    return admin_print_user(admin, &user, "sessionsEnded", json_object_new_int(sessions),
                            "%s is signed out; sessions ended: %d", user.handle, sessions);
}
