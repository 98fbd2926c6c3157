/* A SQLite database: connections, statements, transactions.
 *
 * A connection belongs to one thread at a time. Its statements are prepared once and reused. What
 * is deleted is overwritten with zeroes, however SQLite was built. */
#ifndef BEHEST_STORE_DB_H
#define BEHEST_STORE_DB_H

#include "base/buf.h"
#include "base/embed.h"
#include "base/err.h"

#include <stdint.h>

#include <sqlite3.h>

struct db;

/* What a database has to look like: its migrations in order (the first is version 1), and a number
 * (SQLite's application_id) that tells this kind of database from others. */
struct db_schema {
    const struct embedded_file *migrations;
    int32_t application_id;
};

/* Opens the file at path, making it with mode 0600 when there is none, and brings it up to date
 * with the schema. Several processes may do so at once. ERR_DATABASE_NEWER when a newer version of
 * the program wrote it; ERR_CONFLICT when it is some other program's; else ERR_DATABASE. problem
 * gets a sentence for the operator. */
MUST_CHECK enum err db_open(const struct db_schema *schema, const char *path, struct db **ret_db,
                            struct buf *problem);
void db_close(struct db *db);

/* Whether db_open() could open or make the file at path, as far as can be told without doing so:
 * ERR_IO, with a sentence in problem, when this process may not write the file or its folder. */
MUST_CHECK enum err db_examine_place(const char *path, struct buf *problem);

/* The version of the schema that the file has. */
MUST_CHECK enum err db_version(struct db *db, int *ret_version);

/* ERR_OK when the database can be read and its file is where it was; ERR_DATABASE when it was
 * removed or replaced. */
MUST_CHECK enum err db_check_alive(struct db *db);

/* ERR_OK when the database can be written: writes what is there already, in one page. Tells a full
 * disk and a lost permission, which reading does not. */
MUST_CHECK enum err db_check_writable(struct db *db);

/* SQLite's own handle, for what has no function here (backup, checks). */
sqlite3 *db_handle(struct db *db);

/* Begins a query. sql must be a string literal: its address identifies the prepared statement.
 * types names the values that follow, in order: t text (const char *, NULL for null), i integer
 * (int64_t), b bytes (const void *, int). Steps over the rows with db_step(); put the statement
 * back with db_done() (or DB_QUERY's cleanup). */
MUST_CHECK enum err db_query(struct db *db, sqlite3_stmt **ret_stmt, const char *sql,
                             const char *types, ...);

/* ERR_OK when there is a row, ERR_NOT_FOUND after the last one. */
MUST_CHECK enum err db_step(sqlite3_stmt *stmt);
void db_done(sqlite3_stmt *stmt);

/* Runs a statement that gives no rows. ERR_CONFLICT when a unique value is taken, ERR_INVALID when
 * another constraint fails. */
MUST_CHECK enum err db_run(struct db *db, const char *sql, const char *types, ...);

/* Number of rows that the last db_run() changed. */
int db_changes(struct db *db);

/* A transaction that takes the write lock at once, so that it cannot fail half way for want of it.
 * db_end() commits when *err is ERR_OK, otherwise (or when the commit fails, which then sets *err)
 * rolls back. */
MUST_CHECK enum err db_begin(struct db *db);
void db_end(struct db *db, enum err *err);

/* Column as text that lives until the next step; NULL for null. */
const char *db_text(sqlite3_stmt *stmt, int column);

static inline void cleanup_stmt(sqlite3_stmt **stmt)
{
    db_done(*stmt);
}

#define AUTO_STMT __attribute__((cleanup(cleanup_stmt)))

/* Connections to one database that threads borrow. */
struct db_pool;

MUST_CHECK enum err db_pool_open(const struct db_schema *schema, const char *path,
                                 struct db_pool **ret_pool, struct buf *problem);
void db_pool_close(struct db_pool *pool);

/* Has the pool's connections count how often they wait for a lock that others hold, and for how
 * many microseconds. */
struct metric;
void db_pool_count_waits(struct db_pool *pool, struct metric *waits, struct metric *waited);

/* Borrows a connection, opening one when all are out. */
MUST_CHECK enum err db_pool_take(struct db_pool *pool, struct db **ret_db);

/* Until it is given back, a lock that others hold is ERR_OVERLOADED at once, rather than after a
 * while. */
void db_never_wait(struct db *db);

/* Gives it back; NULL is fine. */
void db_pool_give(struct db_pool *pool, struct db *db);

enum { DB_FAILURE_SIZE = 200 };

/* A sentence about err for the operator: after ERR_DATABASE what SQLite said when a connection of
 * this pool last failed, which holds no values; it is written to text. Otherwise err_message(). */
const char *db_pool_message(struct db_pool *pool, enum err err, char text[static DB_FAILURE_SIZE]);

/* db_check_alive() on a borrowed connection; a database that others keep busy is alive. */
MUST_CHECK enum err db_pool_check(struct db_pool *pool);

/* The same, and db_check_writable() once every few seconds: in between what it said last. */
MUST_CHECK enum err db_pool_check_writable(struct db_pool *pool);

#endif
