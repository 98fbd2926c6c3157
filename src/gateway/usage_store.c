#include "gateway/usage_store.h"

enum err usage_read(struct db *db, const struct usage_key *key, struct usage *ret_usage)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT requests, input_tokens, output_tokens FROM usage_days "
                            "WHERE project_id = ? AND user_id = ? AND day = ?",
                            "tti", key->project_id, key->user_id, key->day);
    if (!err)
        err = db_step(stmt);
    if (err && err != ERR_NOT_FOUND)
        return err;
    *ret_usage = err ? (struct usage){0}
                     : (struct usage){
                           .requests = sqlite3_column_int64(stmt, 0),
                           .input_tokens = sqlite3_column_int64(stmt, 1),
                           .output_tokens = sqlite3_column_int64(stmt, 2),
                       };
    return ERR_OK;
}

enum err usage_add(struct db *db, const struct usage_key *key, const struct usage *more)
{
    return db_run(db,
                  "INSERT INTO usage_days (project_id, user_id, day, requests, input_tokens, "
                  "output_tokens) VALUES (?, ?, ?, ?, ?, ?) "
                  "ON CONFLICT (project_id, user_id, day) DO UPDATE SET "
                  "requests = requests + excluded.requests, "
                  "input_tokens = input_tokens + excluded.input_tokens, "
                  "output_tokens = output_tokens + excluded.output_tokens",
                  "ttiiii", key->project_id, key->user_id, key->day, more->requests,
                  more->input_tokens, more->output_tokens);
}

enum err usage_delete_before(struct db *db, int64_t day, int limit)
{
    return db_run(db,
                  "DELETE FROM usage_days WHERE (project_id, user_id, day) IN "
                  "(SELECT project_id, user_id, day FROM usage_days WHERE day < ? LIMIT ?)",
                  "ii", day, (int64_t)limit);
}
