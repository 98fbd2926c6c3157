#include "store/users.h"

#include <string.h>

#define COLUMNS                                                                                    \
    "u.id, u.handle, u.first_name, u.last_name, u.avatar_url, u.status = 'active', u.created_at"

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

static void copy_column(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
    const char *text = db_text(stmt, column);
    size_t len = text ? strlen(text) : 0;
    if (len >= size)
        len = size - 1;
    if (len)
        memcpy(out, text, len);
    out[len] = '\0';
}

static void read_user(sqlite3_stmt *stmt, struct user *user)
{
    copy_column(stmt, 0, user->id, sizeof user->id);
    copy_column(stmt, 1, user->handle, sizeof user->handle);
    copy_column(stmt, 2, user->first_name, sizeof user->first_name);
    copy_column(stmt, 3, user->last_name, sizeof user->last_name);
    copy_column(stmt, 4, user->avatar_url, sizeof user->avatar_url);
    user->active = sqlite3_column_int(stmt, 5) != 0;
    user->created_at_ms = sqlite3_column_int64(stmt, 6);
}

static enum err find(struct db *db, const char *sql, const char *key, struct user *ret_user)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt, sql, "t", key);
    if (!err)
        err = db_step(stmt);
    if (!err)
        read_user(stmt, ret_user);
    return err;
}

static enum err exists(struct db *db, const char *sql, const char *key)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt, sql, "t", key);
    return err ? err : db_step(stmt);
}

static enum err not_found_unless_changed(struct db *db, enum err err)
{
    return !err && db_changes(db) == 0 ? ERR_NOT_FOUND : err;
}

enum err user_insert(struct db *db, const struct user *user, const char *email)
{
    enum err err = db_run(db,
                          "INSERT INTO users (id, handle, first_name, last_name, avatar_url, "
                          "created_at) VALUES (?, ?, ?, ?, ?, ?)",
                          "ttttti", user->id, user->handle, or_null(user->first_name),
                          or_null(user->last_name), or_null(user->avatar_url), user->created_at_ms);
    if (err)
        return err;
    return db_run(db, "INSERT INTO user_emails (address, user_id) VALUES (?, ?)", "tt", email,
                  user->id);
}

enum err user_find(struct db *db, const char *id, struct user *ret_user)
{
    return find(db, "SELECT " COLUMNS " FROM users u WHERE u.id = ?", id, ret_user);
}

enum err user_find_by_email(struct db *db, const char *email, struct user *ret_user)
{
    return find(db,
                "SELECT " COLUMNS " FROM user_emails e JOIN users u ON u.id = e.user_id "
                "WHERE e.address = ?",
                email, ret_user);
}

enum err user_find_by_any(struct db *db, const char *text, struct user *ret_user)
{
    enum err err = user_find(db, text, ret_user);
    if (err == ERR_NOT_FOUND)
        err = find(db,
                   "SELECT " COLUMNS " FROM user_emails e JOIN users u ON u.id = e.user_id "
                   "WHERE e.address = lower(?)",
                   text, ret_user);
    if (err == ERR_NOT_FOUND)
        err = find(db, "SELECT " COLUMNS " FROM users u WHERE u.handle = ?", text, ret_user);
    return err;
}

enum err user_handle_lookup(struct db *db, const char *handle)
{
    return exists(db, "SELECT 1 FROM users WHERE handle = ?", handle);
}

enum err user_email_lookup(struct db *db, const char *email)
{
    return exists(db, "SELECT 1 FROM user_emails WHERE address = ?", email);
}

enum err user_update(struct db *db, const struct user *user)
{
    enum err err = db_run(db,
                          "UPDATE users SET handle = ?, first_name = ?, last_name = ?, "
                          "avatar_url = ? WHERE id = ?",
                          "ttttt", user->handle, or_null(user->first_name),
                          or_null(user->last_name), or_null(user->avatar_url), user->id);
    return not_found_unless_changed(db, err);
}

enum err user_set_active(struct db *db, const char *id, bool active)
{
    enum err err = db_run(db, "UPDATE users SET status = ? WHERE id = ?", "tt",
                          active ? "active" : "disabled", id);
    return not_found_unless_changed(db, err);
}

enum err user_delete(struct db *db, const char *id)
{
    return not_found_unless_changed(db, db_run(db, "DELETE FROM users WHERE id = ?", "t", id));
}

enum err user_each(struct db *db, user_visitor *visit, void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt, "SELECT " COLUMNS " FROM users u ORDER BY u.id", "");
    while (!err) {
        struct user user;
        err = db_step(stmt);
        if (err)
            break;
        read_user(stmt, &user);
        err = visit(context, &user);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err user_emails(struct db *db, const char *id, struct json_object **ret_array)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(
        db, &stmt, "SELECT address, verified FROM user_emails WHERE user_id = ? ORDER BY address",
        "t", id);
    if (err)
        return err;
    struct json_object *array = json_object_new_array();
    while ((err = db_step(stmt)) == ERR_OK) {
        struct json_object *email = json_object_new_object();
        json_object_object_add(email, "address", json_object_new_string(db_text(stmt, 0)));
        json_object_object_add(email, "verified",
                               json_object_new_boolean(sqlite3_column_int(stmt, 1)));
        json_object_array_add(array, email);
    }
    if (err != ERR_NOT_FOUND) {
        json_object_put(array);
        return err;
    }
    *ret_array = array;
    return ERR_OK;
}

enum err user_roles(struct db *db, const char *id, struct json_object **ret_array)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err =
        db_query(db, &stmt, "SELECT role FROM user_roles WHERE user_id = ? ORDER BY role", "t", id);
    if (err)
        return err;
    struct json_object *array = json_object_new_array();
    while ((err = db_step(stmt)) == ERR_OK)
        json_object_array_add(array, json_object_new_string(db_text(stmt, 0)));
    if (err != ERR_NOT_FOUND) {
        json_object_put(array);
        return err;
    }
    *ret_array = array;
    return ERR_OK;
}

enum err user_role_add(struct db *db, const char *id, const char *role)
{
    return db_run(db, "INSERT INTO user_roles (user_id, role) VALUES (?, ?)", "tt", id, role);
}

enum err user_role_remove(struct db *db, const char *id, const char *role)
{
    enum err err =
        db_run(db, "DELETE FROM user_roles WHERE user_id = ? AND role = ?", "tt", id, role);
    return not_found_unless_changed(db, err);
}
