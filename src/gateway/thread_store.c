#include "gateway/thread_store.h"

#include <string.h>

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
    };
}

enum err thread_visit(struct db *db, const struct thread_key *key, int64_t now_ms,
                      thread_visitor *visit, void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err =
        db_query(db, &stmt,
                 "SELECT serial, id, title, created_at, last_message_at FROM threads "
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

enum err thread_insert(struct db *db, const struct thread_key *key, const char *title,
                       int64_t now_ms, int64_t expires_at_ms, int64_t *ret_serial)
{
    enum err err = db_run(db,
                          "DELETE FROM threads WHERE project_id = ? AND user_id = ? AND kind = ? "
                          "AND id = ?",
                          "tttt", key->project_id, key->user_id, kind_names[key->kind], key->id);
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

enum err thread_touch(struct db *db, int64_t serial, int64_t now_ms, int64_t expires_at_ms)
{
    return db_run(db, "UPDATE threads SET last_message_at = ?, expires_at = ? WHERE serial = ?",
                  "iii", now_ms, expires_at_ms, serial);
}

enum err thread_delete(struct db *db, int64_t serial)
{
    return db_run(db, "DELETE FROM threads WHERE serial = ?", "i", serial);
}

enum err thread_delete_expired(struct db *db, int64_t now_ms, int limit, bool *ret_any)
{
    enum err err = db_run(db,
                          "DELETE FROM messages WHERE id IN (SELECT messages.id FROM threads "
                          "CROSS JOIN messages ON thread = serial WHERE expires_at <= ? LIMIT ?)",
                          "ii", now_ms, (int64_t)limit);
    if (err)
        return err;
    int deleted = db_changes(db);
    err = db_run(db,
                 "DELETE FROM threads WHERE serial IN (SELECT serial FROM threads "
                 "WHERE expires_at <= ? AND NOT EXISTS (SELECT 1 FROM messages "
                 "WHERE thread = serial) LIMIT ?)",
                 "ii", now_ms, (int64_t)limit);
    if (err)
        return err;
    *ret_any = deleted + db_changes(db) > 0;
    return ERR_OK;
}

/* What comes before every kept thread when they are sorted with the newest first. */
static const struct thread before_all = {.last_message_at_ms = INT64_MAX, .serial = INT64_MAX};

static enum err note_place(void *context, const struct thread *thread)
{
    struct thread *place = context;
    place->serial = thread->serial;
    place->last_message_at_ms = thread->last_message_at_ms;
    return ERR_OK;
}

enum err thread_each(struct db *db, const struct thread_key *key, int64_t now_ms, int limit,
                     thread_visitor *visit, void *context)
{
    struct thread place = before_all;
    enum err err = key->id ? thread_visit(db, key, now_ms, note_place, &place) : ERR_OK;
    if (err)
        return err;
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    err = db_query(db, &stmt,
                   "SELECT serial, id, title, created_at, last_message_at FROM threads "
                   "WHERE project_id = ? AND user_id = ? AND kind = 'thread' "
                   "AND (last_message_at, serial) < (?, ?) AND expires_at > ? "
                   "ORDER BY last_message_at DESC, serial DESC LIMIT ?",
                   "ttiiii", key->project_id, key->user_id, place.last_message_at_ms, place.serial,
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

enum err message_each_backwards(struct db *db, int64_t serial, int64_t before_id,
                                message_visitor *visit, void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT id, turn, part, state, message, created_at, changed_at "
                            "FROM messages WHERE thread = ? AND id < ? ORDER BY id DESC",
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

enum err turn_delete(struct db *db, int64_t serial, int64_t turn)
{
    return db_run(db, "DELETE FROM messages WHERE thread = ? AND turn = ?", "ii", serial, turn);
}

enum err messages_delete(struct db *db, int64_t serial, int64_t first_id, int64_t last_id)
{
    return db_run(db, "DELETE FROM messages WHERE thread = ? AND id BETWEEN ? AND ?", "iii", serial,
                  first_id, last_id);
}

enum err thread_delete_empty(struct db *db, int64_t serial)
{
    return db_run(db,
                  "DELETE FROM threads WHERE serial = ?1 AND NOT EXISTS "
                  "(SELECT 1 FROM messages WHERE thread = ?1)",
                  "i", serial);
}
