#include "gateway/usage_store.h"

#include "base/clock.h"

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
    /* What is added may be less than nothing, which no new row may hold. */
    enum err err = db_run(db,
                          "INSERT INTO usage_days (project_id, user_id, day) VALUES (?, ?, ?) "
                          "ON CONFLICT DO NOTHING",
                          "tti", key->project_id, key->user_id, key->day);
    if (err)
        return err;
    return db_run(db,
                  "UPDATE usage_days SET requests = requests + ?, input_tokens = input_tokens + ?, "
                  "output_tokens = output_tokens + ? "
                  "WHERE project_id = ? AND user_id = ? AND day = ?",
                  "iiitti", more->requests, more->input_tokens, more->output_tokens,
                  key->project_id, key->user_id, key->day);
}

enum err usage_delete_before(struct db *db, int64_t day, int limit)
{
    return db_run(db,
                  "DELETE FROM usage_days WHERE (project_id, user_id, day) IN "
                  "(SELECT project_id, user_id, day FROM usage_days WHERE day < ? LIMIT ?)",
                  "ii", day, (int64_t)limit);
}

static enum err add_to_minute(struct db *db, const struct usage_answer *answer)
{
    int64_t minute = answer->at_ms - answer->at_ms % MS_PER_MINUTE;
    enum err err = db_run(db,
                          "INSERT INTO usage_minutes (project_id, user_id, minute, model) "
                          "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                          "ttit", answer->project_id, answer->user_id, minute, answer->model);
    if (err)
        return err;
    return db_run(db,
                  "UPDATE usage_minutes SET requests = requests + ?, "
                  "input_tokens = input_tokens + ?, output_tokens = output_tokens + ? "
                  "WHERE project_id = ? AND user_id = ? AND minute = ? AND model = ?",
                  "iiittit", answer->usage.requests, answer->usage.input_tokens,
                  answer->usage.output_tokens, answer->project_id, answer->user_id, minute,
                  answer->model);
}

enum err usage_add_answer(struct db *db, const struct usage_answer *answer)
{
    const struct usage_key key = {.project_id = answer->project_id,
                                  .user_id = answer->user_id,
                                  .day = answer->at_ms - answer->at_ms % MS_PER_DAY};
    const struct usage more = {.input_tokens = answer->usage.input_tokens,
                               .output_tokens = answer->usage.output_tokens};
    enum err err = db_begin(db);
    if (err)
        return err;
    err = add_to_minute(db, answer);
    if (!err)
        err = usage_add(db, &key, &more);
    db_end(db, &err);
    return err;
}

static struct usage usage_at(sqlite3_stmt *stmt, int column)
{
    return (struct usage){
        .requests = sqlite3_column_int64(stmt, column),
        .input_tokens = sqlite3_column_int64(stmt, column + 1),
        .output_tokens = sqlite3_column_int64(stmt, column + 2),
    };
}

enum err usage_each_step(struct db *db, const struct usage_window *window, int64_t step_ms,
                         usage_step_visitor *visit, void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt,
                            "SELECT minute - minute % ?5 AS step, sum(requests), "
                            "sum(input_tokens), sum(output_tokens) FROM usage_minutes "
                            "WHERE project_id = ?1 AND user_id = ?2 AND minute >= ?3 "
                            "AND minute < ?4 GROUP BY step ORDER BY step",
                            "ttiii", window->project_id, window->user_id, window->from_ms,
                            window->to_ms, step_ms);
    while (!err) {
        err = db_step(stmt);
        if (err)
            break;
        struct usage usage = usage_at(stmt, 1);
        err = visit(context, sqlite3_column_int64(stmt, 0), &usage);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err usage_each_model(struct db *db, const struct usage_window *window, int limit,
                          usage_model_visitor *visit, void *context)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err =
        db_query(db, &stmt,
                 "WITH models AS (SELECT model, sum(requests) AS requests, "
                 "sum(input_tokens) AS input, sum(output_tokens) AS output, row_number() OVER "
                 "(ORDER BY sum(input_tokens) + sum(output_tokens) DESC, model) AS place "
                 "FROM usage_minutes WHERE project_id = ? AND user_id = ? "
                 "AND minute >= ? AND minute < ? GROUP BY model) "
                 "SELECT iif(place <= ?, model, 'other') AS name, sum(requests), sum(input), "
                 "sum(output) FROM models GROUP BY name ORDER BY name",
                 "ttiii", window->project_id, window->user_id, window->from_ms, window->to_ms,
                 (int64_t)limit);
    while (!err) {
        err = db_step(stmt);
        if (err)
            break;
        struct usage usage = usage_at(stmt, 1);
        err = visit(context, db_text(stmt, 0), &usage);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err usage_delete_minutes_before(struct db *db, int64_t at_ms, int limit)
{
    return db_run(db,
                  "DELETE FROM usage_minutes WHERE (project_id, user_id, minute, model) IN "
                  "(SELECT project_id, user_id, minute, model FROM usage_minutes "
                  "WHERE minute < ? LIMIT ?)",
                  "ii", at_ms, (int64_t)limit);
}
