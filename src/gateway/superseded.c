#include "gateway/superseded.h"

#include <stdbool.h>

/* The first of the hidden messages right before that one, 0 when there are none. */
static enum err find_hidden_before(struct db *db, int64_t serial, int64_t id, int64_t *ret_first)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT min(id) FROM messages WHERE thread = ?1 AND turn < 0 "
                            "AND id < ?2 AND id > (SELECT coalesce(max(id), 0) FROM messages "
                            "WHERE thread = ?1 AND id < ?2 AND turn > 0 AND part <> 'system')",
                            "ii", serial, id);
    if (!err)
        err = db_step(stmt);
    if (!err)
        *ret_first = sqlite3_column_int64(stmt, 0);
    return err;
}

enum err superseded_hide(struct db *db, int64_t serial, int64_t *first_id)
{
    int64_t hidden = 0;
    enum err err = find_hidden_before(db, serial, *first_id, &hidden);
    if (err)
        return err;
    if (!hidden)
        return db_run(db,
                      "UPDATE messages SET turn = -turn "
                      "WHERE thread = ? AND id >= ? AND turn > 0 AND part <> 'system'",
                      "ii", serial, *first_id);
    err = db_run(db,
                 "DELETE FROM messages "
                 "WHERE thread = ? AND id >= ? AND turn > 0 AND part <> 'system'",
                 "ii", serial, *first_id);
    if (!err)
        *first_id = hidden;
    return err;
}

enum err superseded_drop(struct db *db, const struct superseded *superseded)
{
    if (!superseded->first_id)
        return ERR_OK;
    return db_run(db, "DELETE FROM messages WHERE thread = ? AND id >= ? AND id < ? AND turn < 0",
                  "iii", superseded->serial, superseded->first_id, superseded->end_id);
}

enum err superseded_restore(struct db *db, const struct superseded *superseded)
{
    if (!superseded->first_id)
        return ERR_OK;
    return db_run(db,
                  "UPDATE messages SET turn = -turn "
                  "WHERE thread = ? AND id >= ? AND id < ? AND turn < 0",
                  "iii", superseded->serial, superseded->first_id, superseded->end_id);
}

/* Without end_id. */
static enum err find_lost(struct db *db, int64_t lost_ms, struct superseded *ret_superseded)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT hidden.thread, hidden.first FROM (SELECT thread, min(id) AS "
                            "first FROM messages WHERE turn < 0 GROUP BY thread) AS hidden "
                            "WHERE NOT EXISTS (SELECT 1 FROM messages AS reply WHERE "
                            "reply.thread = hidden.thread AND reply.id > hidden.first AND "
                            "reply.turn > 0 AND reply.state = 'streaming' AND "
                            "reply.changed_at > ?) LIMIT 1",
                            "i", lost_ms);
    if (!err)
        err = db_step(stmt);
    if (err)
        return err;
    *ret_superseded = (struct superseded){.serial = sqlite3_column_int64(stmt, 0),
                                          .first_id = sqlite3_column_int64(stmt, 1)};
    return ERR_OK;
}

/* The turn behind the hidden messages: from its first one that is no instruction to its reply. */
struct other_turn {
    int64_t first_id; /* 0 when there is none */
    int64_t reply_id;
    bool is_answered;
};

static enum err find_other(struct db *db, const struct superseded *superseded,
                           struct other_turn *ret_other)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT min(id), min(id) FILTER (WHERE part = 'reply'), "
                            "min(id) FILTER (WHERE part = 'reply' AND state <> 'streaming') "
                            "FROM messages "
                            "WHERE thread = ? AND id > ? AND turn > 0 AND part <> 'system'",
                            "ii", superseded->serial, superseded->first_id);
    if (!err)
        err = db_step(stmt);
    if (err)
        return err;
    *ret_other = (struct other_turn){.first_id = sqlite3_column_int64(stmt, 0),
                                     .reply_id = sqlite3_column_int64(stmt, 1)};
    ret_other->is_answered =
        ret_other->reply_id && sqlite3_column_int64(stmt, 2) == ret_other->reply_id;
    return ERR_OK;
}

static enum err recover(struct db *db, int64_t lost_ms)
{
    struct superseded superseded;
    struct other_turn other;
    enum err err = find_lost(db, lost_ms, &superseded);
    if (!err)
        err = find_other(db, &superseded, &other);
    if (err)
        return err;
    superseded.end_id = other.first_id ? other.first_id : INT64_MAX;
    if (other.is_answered)
        return superseded_drop(db, &superseded);
    err = superseded_restore(db, &superseded);
    if (err || !other.first_id)
        return err;
    return db_run(db,
                  "DELETE FROM messages "
                  "WHERE thread = ? AND id BETWEEN ? AND ? AND turn > 0 AND part <> 'system'",
                  "iii", superseded.serial, other.first_id, other.reply_id);
}

enum err superseded_recover(struct db *db, int64_t lost_ms)
{
    struct superseded superseded;
    enum err err = find_lost(db, lost_ms, &superseded); /* mostly there is none to lock for */
    if (!err)
        err = db_begin(db);
    if (err)
        return err;
    err = recover(db, lost_ms);
    db_end(db, &err);
    return err;
}
