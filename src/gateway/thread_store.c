#include "gateway/thread_store.h"

#include "base/clock.h"

#include <string.h>

enum { CLEAR_AT_ONCE = 4 }; /* messages, of which one may be over a megabyte */

static const char *const kind_names[] = {[THREAD_KEPT] = "thread", [THREAD_SESSION] = "session"};
static const char *const state_names[] = {
    [MESSAGE_COMPLETE] = "complete",
    [MESSAGE_STREAMING] = "streaming",
    [MESSAGE_STOPPED] = "stopped",
    [MESSAGE_INCOMPLETE] = "incomplete",
};
static const char *const part_names[] = {
    [PART_SYSTEM] = "system", [PART_MESSAGE] = "message", [PART_REPLY] = "reply"};

/* The place of a name among count; the last one for a name that the tables' constraints rule out.
 */
static size_t place_of(const char *name, const char *const *names, size_t count)
{
    size_t place = 0;
    while (place + 1 < count && strcmp(names[place], name) != 0)
        place++;
    return place;
}

#define PLACE_OF(name, names) place_of(name, names, sizeof(names) / sizeof(names)[0])

static struct thread read_thread(sqlite3_stmt *stmt)
{
    return (struct thread){
        .serial = sqlite3_column_int64(stmt, 0),
        .id = db_text(stmt, 1),
        .title = db_text(stmt, 2),
        .created_at_ms = sqlite3_column_int64(stmt, 3),
        .last_message_at_ms = sqlite3_column_int64(stmt, 4),
        .expires_at_ms = sqlite3_column_int64(stmt, 5),
    };
}

enum err thread_visit(struct db *db, const struct thread_key *key, int64_t now_ms,
                      thread_visitor *visit, void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err =
        db_query(db, &stmt,
                 "SELECT serial, id, title, created_at, last_message_at, expires_at FROM threads "
                 "WHERE project_id = ? AND user_id = ? AND kind = ? AND id = ? "
                 "AND expires_at > ?",
                 "tttti", key->project_id, key->user_id, kind_names[key->kind], key->id, now_ms);
    if (!err)
        err = db_step(stmt);
    if (err)
        return err;
    struct thread thread = read_thread(stmt);
    return visit(context, &thread);
}

static enum err note_serial(void *context, const struct thread *thread)
{
    *(int64_t *)context = thread->serial;
    return ERR_OK;
}

enum err thread_find(struct db *db, const struct thread_key *key, int64_t now_ms,
                     int64_t *ret_serial)
{
    return thread_visit(db, key, now_ms, note_serial, ret_serial);
}

/* A deleted conversation belongs to nobody, has an id that nobody else's has, and has expired. */
#define HIDE "UPDATE threads SET user_id = '', id = serial, title = '', expires_at = 0 WHERE "

enum err thread_insert(struct db *db, const struct thread_key *key, const char *title,
                       int64_t now_ms, int64_t expires_at_ms, int64_t *ret_serial)
{
    enum err err = db_run(db, HIDE "project_id = ? AND user_id = ? AND kind = ? AND id = ?", "tttt",
                          key->project_id, key->user_id, kind_names[key->kind], key->id);
    if (!err)
        err = db_run(db,
                     "INSERT INTO threads (project_id, user_id, kind, id, title, created_at, "
                     "last_message_at, expires_at) VALUES (?, ?, ?, ?, ?, ?6, ?6, ?7)",
                     "tttttii", key->project_id, key->user_id, kind_names[key->kind], key->id,
                     title, now_ms, expires_at_ms);
    if (!err)
        *ret_serial = sqlite3_last_insert_rowid(db_handle(db));
    return err;
}

enum err thread_touch(struct db *db, int64_t serial, int64_t last_message_at_ms,
                      int64_t expires_at_ms)
{
    return db_run(db,
                  "UPDATE threads SET last_message_at = ?, expires_at = ? "
                  "WHERE serial = ? AND user_id <> ''",
                  "iii", last_message_at_ms, expires_at_ms, serial);
}

enum err thread_go_on(struct db *db, int64_t serial, int64_t last_message_at_ms)
{
    return db_run(db,
                  "UPDATE threads SET last_message_at = ?1, "
                  "expires_at = expires_at + ?1 - last_message_at "
                  "WHERE serial = ?2 AND user_id <> ''",
                  "ii", last_message_at_ms, serial);
}

enum err thread_untouch(struct db *db, const struct thread *before, int64_t touched_ms)
{
    return db_run(db,
                  "UPDATE threads SET last_message_at = ?1, "
                  "expires_at = min(?2, expires_at + ?1 - last_message_at) "
                  "WHERE serial = ?3 AND last_message_at = ?4 AND user_id <> ''",
                  "iiii", before->last_message_at_ms, before->expires_at_ms, before->serial,
                  touched_ms);
}

static enum err find_step(struct db *db, int64_t step, int64_t serial, int64_t *ret_last)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT max(serial) FROM (SELECT serial FROM threads WHERE serial > ? "
                            "ORDER BY serial LIMIT ?)",
                            "ii", serial, step);
    if (!err)
        err = db_step(stmt);
    if (!err && sqlite3_column_type(stmt, 0) == SQLITE_NULL)
        err = ERR_NOT_FOUND;
    if (!err)
        *ret_last = sqlite3_column_int64(stmt, 0);
    return err;
}

enum err thread_shorten(struct db *db, enum thread_kind kind, int64_t lifetime_ms, int64_t step,
                        int64_t *serial)
{
    int64_t last;
    enum err err = find_step(db, step, *serial, &last);
    if (!err)
        err = db_run(db,
                     "UPDATE threads SET expires_at = last_message_at + ?1 "
                     "WHERE serial > ?2 AND serial <= ?3 AND kind = ?4 AND user_id <> '' "
                     "AND expires_at > last_message_at + ?1",
                     "iiit", lifetime_ms, *serial, last, kind_names[kind]);
    if (!err)
        *serial = last;
    return err;
}

enum err thread_delete(struct db *db, int64_t serial)
{
    return db_run(db, HIDE "serial = ?", "i", serial);
}

enum err thread_delete_sessions(struct db *db, const struct thread_key *key, int64_t but_serial)
{
    return db_run(db, HIDE "project_id = ? AND user_id = ? AND kind = 'session' AND serial <> ?",
                  "tti", key->project_id, key->user_id, but_serial);
}

enum err thread_find_expired(struct db *db, int64_t now_ms, int64_t *ret_serial)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(
        db, &stmt, "SELECT serial FROM threads WHERE expires_at <= ? ORDER BY expires_at LIMIT 1",
        "i", now_ms);
    if (!err)
        err = db_step(stmt);
    if (!err)
        *ret_serial = sqlite3_column_int64(stmt, 0);
    return err;
}

static enum err has_expired(struct db *db, int64_t serial, int64_t now_ms)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt, "SELECT 1 FROM threads WHERE serial = ? AND expires_at <= ?",
                            "ii", serial, now_ms);
    return err ? err : db_step(stmt);
}

static enum err clear(struct db *db, int64_t serial, int64_t until_ms, bool *ret_cleared)
{
    enum err err;
    bool any;
    do {
        err = db_run(db,
                     "DELETE FROM messages WHERE id IN "
                     "(SELECT id FROM messages WHERE thread = ? LIMIT ?)",
                     "ii", serial, (int64_t)CLEAR_AT_ONCE);
        any = !err && db_changes(db) > 0;
    } while (any && clock_monotonic_ms() < until_ms);
    if (err || any)
        return err;
    *ret_cleared = true;
    return db_run(db, "DELETE FROM threads WHERE serial = ?", "i", serial);
}

enum err thread_clear(struct db *db, int64_t serial, int64_t now_ms, int64_t until_ms,
                      bool *ret_cleared)
{
    enum err err = db_begin(db);
    if (err)
        return err;
    bool cleared = false;
    err = has_expired(db, serial, now_ms);
    if (!err)
        err = clear(db, serial, until_ms, &cleared);
    else if (err == ERR_NOT_FOUND) {
        cleared = true;
        err = ERR_OK;
    }
    db_end(db, &err);
    if (!err)
        *ret_cleared = cleared;
    return err;
}

enum err thread_kept_bytes(struct db *db, const struct thread_key *key, int64_t *ret_bytes)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err =
        db_query(db, &stmt, "SELECT bytes FROM kept_bytes WHERE project_id = ? AND user_id = ?",
                 "tt", key->project_id, key->user_id);
    if (!err)
        err = db_step(stmt);
    if (err && err != ERR_NOT_FOUND)
        return err;
    *ret_bytes = err ? 0 : sqlite3_column_int64(stmt, 0);
    return ERR_OK;
}

enum err thread_each(struct db *db, const struct thread_key *key, const struct thread_place *after,
                     int64_t now_ms, int limit, thread_visitor *visit, void *context)
{
    static const struct thread_place before_all = {.last_message_at_ms = INT64_MAX, .id = ""};
    if (!after)
        after = &before_all;
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err =
        db_query(db, &stmt,
                 "SELECT serial, id, title, created_at, last_message_at, expires_at FROM threads "
                 "WHERE project_id = ? AND user_id = ? AND kind = 'thread' "
                 "AND (last_message_at, id) < (?, ?) AND expires_at > ? "
                 "ORDER BY last_message_at DESC, id DESC LIMIT ?",
                 "ttitii", key->project_id, key->user_id, after->last_message_at_ms, after->id,
                 now_ms, (int64_t)limit);
    while (!err) {
        err = db_step(stmt);
        if (err)
            break;
        struct thread thread = read_thread(stmt);
        err = visit(context, &thread);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err message_insert(struct db *db, int64_t serial, const struct message *message,
                        int64_t *ret_id)
{
    enum err err = db_run(db,
                          "INSERT INTO messages (thread, turn, part, state, message, "
                          "created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                          "iitttii", serial, message->turn, part_names[message->part],
                          state_names[message->state], message->json, message->created_at_ms,
                          message->changed_at_ms);
    if (!err)
        *ret_id = sqlite3_last_insert_rowid(db_handle(db));
    return err;
}

enum err message_update(struct db *db, int64_t id, enum message_state state, const char *json,
                        int64_t now_ms)
{
    return db_run(db, "UPDATE messages SET state = ?, message = ?, changed_at = ? WHERE id = ?",
                  "ttii", state_names[state], json, now_ms, id);
}

static enum err visit_messages(sqlite3_stmt *stmt, message_visitor *visit, void *context)
{
    for (;;) {
        enum err err = db_step(stmt);
        if (!err) {
            const struct message message = {
                .id = sqlite3_column_int64(stmt, 0),
                .turn = sqlite3_column_int64(stmt, 1),
                .part = (enum message_part)PLACE_OF(db_text(stmt, 2), part_names),
                .state = (enum message_state)PLACE_OF(db_text(stmt, 3), state_names),
                .json = db_text(stmt, 4),
                .created_at_ms = sqlite3_column_int64(stmt, 5),
                .changed_at_ms = sqlite3_column_int64(stmt, 6),
            };
            err = visit(context, &message);
        }
        if (err)
            return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
}

enum err message_each(struct db *db, int64_t serial, message_visitor *visit, void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT id, turn, part, state, message, created_at, changed_at "
                            "FROM messages WHERE thread = ? AND turn > 0 ORDER BY id",
                            "i", serial);
    return err ? err : visit_messages(stmt, visit, context);
}

enum err message_each_backwards(struct db *db, int64_t serial, int64_t before_id,
                                message_visitor *visit, void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err =
        db_query(db, &stmt,
                 "SELECT id, turn, part, state, message, created_at, changed_at "
                 "FROM messages WHERE thread = ? AND id < ? AND turn > 0 ORDER BY id DESC",
                 "ii", serial, before_id);
    return err ? err : visit_messages(stmt, visit, context);
}

enum err message_each_system_backwards(struct db *db, int64_t serial, message_visitor *visit,
                                       void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT id, turn, part, state, message, created_at, changed_at "
                            "FROM messages WHERE thread = ? AND part = 'system' ORDER BY id DESC",
                            "i", serial);
    return err ? err : visit_messages(stmt, visit, context);
}

enum err messages_delete(struct db *db, int64_t serial, int64_t first_id, int64_t last_id)
{
    return db_run(db,
                  "DELETE FROM messages "
                  "WHERE thread = ? AND id BETWEEN ? AND ? AND part <> 'system'",
                  "iii", serial, first_id, last_id);
}

enum err instructions_delete(struct db *db, int64_t serial, int64_t first_id, int64_t last_id)
{
    return db_run(db,
                  "DELETE FROM messages "
                  "WHERE thread = ?1 AND id BETWEEN ?2 AND ?3 AND part = 'system' AND NOT EXISTS "
                  "(SELECT 1 FROM messages WHERE thread = ?1 AND id > ?3)",
                  "iii", serial, first_id, last_id);
}

enum err message_delete(struct db *db, int64_t id)
{
    return db_run(db, "DELETE FROM messages WHERE id = ?", "i", id);
}

enum err thread_delete_empty(struct db *db, int64_t serial)
{
    return db_run(db,
                  "DELETE FROM threads WHERE serial = ?1 AND NOT EXISTS "
                  "(SELECT 1 FROM messages WHERE thread = ?1 AND part <> 'system')",
                  "i", serial);
}
