#include "store/passwords.h"

#include <stdio.h>

enum err password_hash_find(struct db *db, const char *user_id,
                            char ret_hash[static PASSWORD_HASH_SIZE])
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err =
        db_query(db, &stmt, "SELECT hash FROM passwords WHERE user_id = ?", "t", user_id);
    if (!err)
        err = db_step(stmt);
    if (!err)
        snprintf(ret_hash, PASSWORD_HASH_SIZE, "%s", db_text(stmt, 0));
    return err;
}

enum err password_hash_set(struct db *db, const char *user_id, const char *hash, int64_t now_ms)
{
    return db_run(db,
                  "INSERT INTO passwords (user_id, hash, changed_at) VALUES (?, ?, ?) "
                  "ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, "
                  "changed_at = excluded.changed_at",
                  "tti", user_id, hash, now_ms);
}

enum err password_hash_replace(struct db *db, const char *user_id, const char *old,
                               const char *hash, int64_t now_ms)
{
    enum err err = db_run(db,
                          "UPDATE passwords SET hash = ?, changed_at = ? "
                          "WHERE user_id = ? AND hash = ?",
                          "titt", hash, now_ms, user_id, old);
    return !err && db_changes(db) == 0 ? ERR_NOT_FOUND : err;
}
