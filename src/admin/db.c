/* behest-admin db */
#include "admin/backup.h"
#include "admin/database.h"
#include "admin/groups.h"
#include "base/clock.h"
#include "base/json.h"

#include <unistd.h>

enum { PROBLEM_MAX_BYTES = 8 * 1024, FINDINGS_MAX = 10 };

static const struct column check_columns[] = {
    {"integrity", "Integrity", FORM_TEXT},
    {"foreignKeys", "Foreign keys", FORM_TEXT},
    {"version", "Schema version", FORM_TEXT},
    {"bytes", "Size", FORM_SIZE},
    {"users", "Users", FORM_TEXT},
    {"disabled", "of them disabled", FORM_TEXT},
    {"sessions", "Live sessions", FORM_TEXT},
    {NULL, NULL, FORM_TEXT},
};

/* migrate */

static int report_migration(const struct admin *admin, const char *path, int from, int to)
{
    AUTO_JSON struct json_object *result = json_object_new_object();
    json_add_string(result, "database", path);
    json_object_object_add(result, "from", json_object_new_int(from));
    json_object_object_add(result, "to", json_object_new_int(to));
    if (from == to)
        output_done(&admin->output, result, "%s is up to date at version %d", path, to);
    else
        output_done(&admin->output, result, "%s was migrated from version %d to version %d", path,
                    from, to);
    return ADMIN_OK;
}

int db_migrate_command(struct admin *admin)
{
    char path[DATABASE_PATH_SIZE];
    int from = 0;
    int to = 0;
    int code = database_path(admin, path);
    if (code)
        return code;
    /* A file that cannot be read is database_open()'s to describe. */
    enum err ignored = database_peek_version(path, &from);
    (void)ignored;
    code = database_open(admin, DATABASE_MAKE);
    if (code)
        return code;
    enum err err = db_version(admin->db, &to);
    return err ? admin_fail_err(err) : report_migration(admin, path, from, to);
}

/* backup */

int db_backup_command(struct admin *admin)
{
    const char *path = admin->arguments.words[0];
    int64_t bytes = 0;
    int version = 0;
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    enum err err = db_version(admin->db, &version);
    if (!err)
        err = backup_create(admin->db, path, isatty(STDERR_FILENO), &bytes, &problem);
    if (err)
        return problem.len ? admin_fail("%s", buf_str(&problem)) : admin_fail_err(err);
    AUTO_JSON struct json_object *result = json_object_new_object();
    json_add_string(result, "file", path);
    json_object_object_add(result, "bytes", json_object_new_int64(bytes));
    json_object_object_add(result, "version", json_object_new_int(version));
    output_done(&admin->output, result,
                "The database (schema version %d) was copied to %s: %lld bytes, checked", version,
                path, (long long)bytes);
    return ADMIN_OK;
}

/* check */

/* Adds the one number that a query gives. */
static enum err add_number(struct db *db, struct json_object *result, const char *name,
                           const char *sql)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt, sql, "");
    if (!err)
        err = db_step(stmt);
    if (!err)
        json_object_object_add(result, name, json_object_new_int64(sqlite3_column_int64(stmt, 0)));
    return err;
}

static enum err count_sessions(struct db *db, struct json_object *result)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt, "SELECT count(*) FROM sessions WHERE expires_at > ?", "i",
                            clock_now_ms(NULL));
    if (!err)
        err = db_step(stmt);
    if (!err)
        json_object_object_add(result, "sessions",
                               json_object_new_int64(sqlite3_column_int64(stmt, 0)));
    return err;
}

static enum err add_counts(struct db *db, struct json_object *result)
{
    enum err err = add_number(db, result, "version", "PRAGMA user_version");
    if (!err)
        err = add_number(db, result, "bytes",
                         "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    if (!err)
        err = add_number(db, result, "users", "SELECT count(*) FROM users");
    if (!err)
        err = add_number(db, result, "disabled",
                         "SELECT count(*) FROM users WHERE status = 'disabled'");
    return err ? err : count_sessions(db, result);
}

/* Adds to findings the rows that point to rows which are not there. */
static enum err check_foreign_keys(struct db *db, struct buf *findings)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt, "PRAGMA foreign_key_check", "");
    for (int i = 0; !err && i < FINDINGS_MAX; i++) {
        err = db_step(stmt);
        if (!err)
            buf_addf(findings, "%s%s points to a row of %s that does not exist", i ? "; " : "",
                     db_text(stmt, 0), db_text(stmt, 2));
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void add_findings(struct json_object *result, const char *name, const struct buf *findings)
{
    json_add_string(result, name, findings->len ? buf_str(findings) : "ok");
}

int db_check_command(struct admin *admin)
{
    BUF_AUTO(integrity, PROBLEM_MAX_BYTES);
    BUF_AUTO(foreign_keys, PROBLEM_MAX_BYTES);
    AUTO_JSON struct json_object *result = json_object_new_object();
    enum err err = backup_check_integrity(db_handle(admin->db), &integrity);
    if (!err)
        err = check_foreign_keys(admin->db, &foreign_keys);
    add_findings(result, "integrity", &integrity);
    add_findings(result, "foreignKeys", &foreign_keys);
    if (!err)
        err = add_counts(admin->db, result);
    bool damaged = integrity.len || foreign_keys.len;
    if (err && !damaged)
        return admin_fail_err(err);
    output_record(&admin->output, check_columns, result);
    return damaged ? admin_fail("the database is damaged: stop the server, keep a copy of the "
                                "file, and restore the last backup")
                   : ADMIN_OK;
}
