#include "store/migrate.h"

#include "store/schema.h"

#include <stdio.h>

static enum err read_identity(struct db *db, int32_t *ret_application_id, int *ret_tables)
{
    AUTO_STMT sqlite3_stmt *id = NULL;
    AUTO_STMT sqlite3_stmt *tables = NULL;
    enum err err = db_query(db, &id, "PRAGMA application_id", "");
    if (!err)
        err = db_step(id);
    if (!err)
        err = db_query(db, &tables, "SELECT count(*) FROM sqlite_schema", "");
    if (!err)
        err = db_step(tables);
    if (!err) {
        *ret_application_id = sqlite3_column_int(id, 0);
        *ret_tables = sqlite3_column_int(tables, 0);
    }
    return err;
}

static enum err check_identity(struct db *db, const struct db_schema *schema, int version,
                               struct buf *problem)
{
    int32_t application_id = 0;
    int tables = 0;
    enum err err = read_identity(db, &application_id, &tables);
    if (!err && application_id != schema->application_id && (application_id || tables)) {
        buf_adds(problem, "the database belongs to another program; name another file");
        return ERR_CONFLICT;
    }
    if (!err && version > schema_version(schema)) {
        buf_addf(problem,
                 "the database has schema version %d, this program knows up to %d: "
                 "install the newer version of the program, or restore a backup",
                 version, schema_version(schema));
        return ERR_DATABASE_NEWER;
    }
    return err;
}

static enum err execute(struct db *db, const char *sql, const char *what, struct buf *problem)
{
    if (sqlite3_exec(db_handle(db), sql, NULL, NULL, NULL) == SQLITE_OK)
        return ERR_OK;
    buf_addf(problem, "migration %s failed: %s", what, sqlite3_errmsg(db_handle(db)));
    return ERR_DATABASE;
}

static enum err apply(struct db *db, const struct db_schema *schema, int version,
                      struct buf *problem)
{
    enum err err = ERR_OK;
    for (int i = version; !err && schema->migrations[i].data; i++)
        err = execute(db, schema->migrations[i].data, schema->migrations[i].name, problem);
    if (err)
        return err;
    char pragmas[96];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             (int)schema->application_id, schema_version(schema));
    return execute(db, pragmas, "version", problem);
}

enum err migrate(struct db *db, const struct db_schema *schema, struct buf *problem)
{
    int version = 0;
    enum err err = db_version(db, &version);
    if (!err)
        err = check_identity(db, schema, version, problem);
    if (err || version == schema_version(schema))
        return err;
    err = db_begin(db);
    if (err)
        return err;
    err = db_version(db, &version); /* another process may have been faster */
    if (!err)
        err = check_identity(db, schema, version, problem);
    if (!err)
        err = apply(db, schema, version, problem);
    db_end(db, &err);
    return err;
}
