#include "store/sessions.h"

#include <stdio.h>

enum err session_insert(struct db *db, const unsigned char hash[static SESSION_HASH_BYTES],
                        const struct session *session)
{
    return db_run(db,
                  "INSERT INTO sessions (token_hash, user_id, created_at, expires_at) "
                  "VALUES (?, ?, ?, ?)",
                  "btii", hash, SESSION_HASH_BYTES, session->user_id, session->created_at_ms,
                  session->expires_at_ms);
}

static void read_session(sqlite3_stmt *stmt, struct session *session)
{
    snprintf(session->user_id, sizeof session->user_id, "%s", db_text(stmt, 0));
    session->tier = sqlite3_column_int(stmt, 1);
    session->created_at_ms = sqlite3_column_int64(stmt, 2);
    session->expires_at_ms = sqlite3_column_int64(stmt, 3);
}

enum err session_find(struct db *db, const unsigned char hash[static SESSION_HASH_BYTES],
                      int64_t now_ms, struct session *ret_session)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT s.user_id, p.tier, s.created_at, s.expires_at FROM sessions s "
                            "JOIN users u ON u.id = s.user_id "
                            "LEFT JOIN profiles p ON p.user_id = s.user_id "
                            "WHERE s.token_hash = ? AND s.expires_at > ? AND u.status = 'active'",
                            "bi", hash, SESSION_HASH_BYTES, now_ms);
    if (!err)
        err = db_step(stmt);
    if (!err)
        read_session(stmt, ret_session);
    return err;
}

enum err session_set_expiry(struct db *db, const unsigned char hash[static SESSION_HASH_BYTES],
                            int64_t expires_at_ms)
{
    return db_run(db, "UPDATE sessions SET expires_at = ? WHERE token_hash = ?", "ib",
                  expires_at_ms, hash, SESSION_HASH_BYTES);
}

enum err session_delete(struct db *db, const unsigned char hash[static SESSION_HASH_BYTES])
{
    return db_run(db, "DELETE FROM sessions WHERE token_hash = ?", "b", hash, SESSION_HASH_BYTES);
}

enum err session_delete_by_user(struct db *db, const char *user_id, int *ret_count)
{
    enum err err = db_run(db, "DELETE FROM sessions WHERE user_id = ?", "t", user_id);
    *ret_count = err ? 0 : db_changes(db);
    return err;
}

enum err session_each(struct db *db, const char *user_id, int64_t now_ms, session_visitor *visit,
                      void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT s.user_id, p.tier, s.created_at, s.expires_at FROM sessions s "
                            "LEFT JOIN profiles p ON p.user_id = s.user_id "
                            "WHERE s.expires_at > ?1 AND (?2 IS NULL OR s.user_id = ?2) "
                            "ORDER BY s.created_at DESC",
                            "it", now_ms, user_id);
    while (!err) {
        struct session session;
        err = db_step(stmt);
        if (err)
            break;
        read_session(stmt, &session);
        err = visit(context, &session);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err session_delete_expired(struct db *db, int64_t now_ms, int limit)
{
    return db_run(db,
                  "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions "
                  "WHERE expires_at <= ? LIMIT ?)",
                  "ii", now_ms, (int64_t)limit);
}
