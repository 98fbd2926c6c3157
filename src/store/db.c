#include "store/db.h"

#include "base/clock.h"
#include "base/metrics.h"
#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STATEMENTS_MAX = 64,
    BUSY_TIMEOUT_MS = 5000,
    WAL_RETRY_MS = 20,
    PATH_MAX_BYTES = 4096,
    WRITE_EVERY_MS = 5000,
};

/* What counts the waiting of all connections of a pool; NULL: nobody does. */
struct waits {
    struct metric *count;
    struct metric *microseconds;
};

struct db {
    sqlite3 *handle;
    struct waits waits;
    bool never_waits;
    struct db *next; /* in its pool */
    struct {
        const char *sql;
        sqlite3_stmt *stmt;
    } statements[STATEMENTS_MAX];
    size_t statement_count;
    char failure[DB_FAILURE_SIZE]; /* since it was last taken from its pool; "" when none */
};

static enum err err_of(int code)
{
    switch (code) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return ERR_OK;
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
        return ERR_CONFLICT;
    case SQLITE_NOMEM:
        return ERR_NOMEM;
    default:
        if ((code & 0xff) == SQLITE_CONSTRAINT)
            return ERR_INVALID;
        return (code & 0xff) == SQLITE_BUSY ? ERR_OVERLOADED : ERR_DATABASE;
    }
}

/* Keeps what SQLite says of its last call on this connection, when that failed. */
static void note_failure(struct db *db)
{
    int code = sqlite3_extended_errcode(db->handle);
    if (err_of(code) == ERR_DATABASE && !db->failure[0])
        snprintf(db->failure, sizeof db->failure, "SQLite: %s (%d)", sqlite3_errmsg(db->handle),
                 code);
}

/* SQLite would make the file with the umask's mode: make it first, empty, for nobody else. A file
 * that is there must not be opened here: closing it would end the locks (POSIX's belong to the
 * process) of the connections that this process has already. */
static enum err create_private(const char *path, struct buf *problem)
{
    if (access(path, R_OK | W_OK) == 0)
        return ERR_OK;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        buf_addf(problem, "cannot open %s: %s", path, strerror(errno));
        return ERR_DATABASE;
    }
    close(fd);
    return ERR_OK;
}

/* How long to sleep when a lock was found taken for the count-th time in a row; 0: no longer. The
 * steps are those of sqlite3_busy_timeout(). */
static int next_delay_ms(int count)
{
    static const int delays[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
    enum { STEPS = sizeof delays / sizeof delays[0] };
    int before = 0;
    for (int i = 0; i < count; i++)
        before += delays[i < STEPS ? i : STEPS - 1];
    int delay = delays[count < STEPS ? count : STEPS - 1];
    int left = BUSY_TIMEOUT_MS - before;
    return delay < left ? delay : left;
}

/* SQLite's busy handler: true to try again. */
static int wait_for_lock(void *context, int count)
{
    const struct db *db = context;
    if (db->never_waits)
        return 0;
    int delay_ms = next_delay_ms(count);
    if (count == 0)
        metric_add(db->waits.count, METRIC_ALONE, 1);
    if (delay_ms <= 0)
        return 0;
    sqlite3_sleep(delay_ms);
    metric_add(db->waits.microseconds, METRIC_ALONE, (uint64_t)delay_ms * 1000);
    return 1;
}

enum err db_examine_place(const char *path, struct buf *problem)
{
    struct stat status;
    char folder[PATH_MAX_BYTES];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode))
        buf_addf(problem, "%s is a folder", path);
    else if (exists && access(path, R_OK | W_OK) != 0)
        buf_addf(problem, "%s cannot be written: %s", path, strerror(errno));
    else if (access(folder, W_OK | X_OK) != 0) /* SQLite keeps its log beside the file */
        buf_addf(problem, "the folder %s cannot be written: %s", folder, strerror(errno));
    return problem->len ? ERR_IO : ERR_OK;
}

static enum err configure(struct db *db)
{
    static const char pragmas[] = "PRAGMA foreign_keys = ON;"
                                  "PRAGMA synchronous = FULL;"
                                  "PRAGMA trusted_schema = OFF;"
                                  "PRAGMA secure_delete = ON;"
                                  "PRAGMA cache_size = -256;";
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_handler(db->handle, wait_for_lock, db);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return err_of(sqlite3_exec(db->handle, pragmas, NULL, NULL, NULL));
}

/* Switching to WAL needs the file for itself for a moment, and SQLite does not wait for that as it
 * does for other locks. */
static enum err enable_wal(struct db *db)
{
    int code = SQLITE_BUSY;
    for (int waited_ms = 0; waited_ms < BUSY_TIMEOUT_MS; waited_ms += WAL_RETRY_MS) {
        code = sqlite3_exec(db->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if ((code & 0xff) != SQLITE_BUSY)
            break;
        sqlite3_sleep(WAL_RETRY_MS);
    }
    return err_of(code);
}

/* failure gets what SQLite says when it fails. */
static enum err open_connection(const char *path, struct db **ret_db,
                                char failure[static DB_FAILURE_SIZE])
{
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        return ERR_NOMEM;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    BUF_AUTO(plain, PATH_MAX_BYTES); /* so that :memory: and file:... are names like others */
    buf_addf(&plain, "%s%s", *path == '/' ? "" : "./", path);
    enum err err = buf_err(&plain);
    if (!err)
        err = err_of(sqlite3_open_v2(plain.data, &db->handle, flags, NULL));
    if (!err)
        err = configure(db);
    if (err) {
        note_failure(db);
        memcpy(failure, db->failure, sizeof db->failure);
        db_close(db);
        return err;
    }
    *ret_db = db;
    return ERR_OK;
}

enum err db_open(const struct db_schema *schema, const char *path, struct db **ret_db,
                 struct buf *problem)
{
    struct db *db = NULL;
    char failure[DB_FAILURE_SIZE];
    enum err err = create_private(path, problem);
    if (err)
        return err;
    err = open_connection(path, &db, failure);
    if (err) {
        buf_addf(problem, "cannot open %s: %s", path,
                 err == ERR_OVERLOADED ? "another process holds its lock"
                                       : "it is not a SQLite database, or cannot be written");
        return err;
    }
    err = migrate(db, schema, problem);
    if (!err) /* not before it is known to be ours */
        err = enable_wal(db);
    if (err) {
        if (problem->len == 0)
            buf_addf(problem, "cannot prepare %s: %s", path, err_message(err));
        db_close(db);
        return err;
    }
    *ret_db = db;
    return ERR_OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->statement_count; i++)
        sqlite3_finalize(db->statements[i].stmt);
    sqlite3_close(db->handle);
    free(db);
}

void db_never_wait(struct db *db)
{
    db->never_waits = true;
}

sqlite3 *db_handle(struct db *db)
{
    return db->handle;
}

enum err db_version(struct db *db, int *ret_version)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt, "PRAGMA user_version", "");
    if (!err)
        err = db_step(stmt);
    if (!err)
        *ret_version = sqlite3_column_int(stmt, 0);
    return err;
}

enum err db_check_alive(struct db *db)
{
    int version;
    int moved = 0;
    enum err err = db_version(db, &version);
    if (!err)
        err = err_of(sqlite3_file_control(db->handle, NULL, SQLITE_FCNTL_HAS_MOVED, &moved));
    if (!err && moved) {
        snprintf(db->failure, sizeof db->failure, "the database's file was removed or replaced");
        err = ERR_DATABASE;
    }
    return err;
}

/* The version of the schema is in every database; the transaction keeps others from changing it
 * meanwhile. */
enum err db_check_writable(struct db *db)
{
    char sql[48];
    int version = 0;
    enum err err = db_begin(db);
    if (err)
        return err;
    err = db_version(db, &version);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", version);
    if (!err)
        err = err_of(sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
    db_end(db, &err);
    return err;
}

static enum err prepare(struct db *db, const char *sql, sqlite3_stmt **ret_stmt)
{
    for (size_t i = 0; i < db->statement_count; i++) {
        if (db->statements[i].sql == sql) {
            *ret_stmt = db->statements[i].stmt;
            return ERR_OK;
        }
    }
    if (db->statement_count == STATEMENTS_MAX)
        return ERR_DATABASE;
    sqlite3_stmt *stmt = NULL;
    enum err err =
        err_of(sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL));
    if (err)
        return err;
    db->statements[db->statement_count].sql = sql;
    db->statements[db->statement_count++].stmt = stmt;
    *ret_stmt = stmt;
    return ERR_OK;
}

static enum err bind(sqlite3_stmt *stmt, const char *types, va_list values)
{
    int code = SQLITE_OK;
    for (int i = 1; *types && code == SQLITE_OK; types++, i++) {
        if (*types == 't')
            code = sqlite3_bind_text(stmt, i, va_arg(values, const char *), -1, SQLITE_STATIC);
        else if (*types == 'i')
            code = sqlite3_bind_int64(stmt, i, va_arg(values, int64_t));
        else if (*types == 'b') {
            const void *bytes = va_arg(values, const void *);
            code = sqlite3_bind_blob(stmt, i, bytes, va_arg(values, int), SQLITE_STATIC);
        } else
            code = SQLITE_MISUSE;
    }
    return err_of(code);
}

static enum err query(struct db *db, sqlite3_stmt **ret_stmt, const char *sql, const char *types,
                      va_list values)
{
    enum err err = prepare(db, sql, ret_stmt);
    return err ? err : bind(*ret_stmt, types, values);
}

enum err db_query(struct db *db, sqlite3_stmt **ret_stmt, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    enum err err = query(db, ret_stmt, sql, types, values);
    va_end(values);
    return err;
}

enum err db_step(sqlite3_stmt *stmt)
{
    int code = sqlite3_step(stmt);
    return code == SQLITE_DONE ? ERR_NOT_FOUND : err_of(code);
}

void db_done(sqlite3_stmt *stmt)
{
    if (!stmt)
        return;
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
}

enum err db_run(struct db *db, const char *sql, const char *types, ...)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    va_list values;
    va_start(values, types);
    enum err err = query(db, &stmt, sql, types, values);
    va_end(values);
    return err ? err : err_of(sqlite3_step(stmt));
}

int db_changes(struct db *db)
{
    return sqlite3_changes(db->handle);
}

enum err db_begin(struct db *db)
{
    return db_run(db, "BEGIN IMMEDIATE", "");
}

void db_end(struct db *db, enum err *err)
{
    if (!*err)
        *err = db_run(db, "COMMIT", "");
    if (*err)
        note_failure(db);
    if (*err && !sqlite3_get_autocommit(db->handle)) {
        enum err ignored = db_run(db, "ROLLBACK", "");
        (void)ignored;
    }
}

const char *db_text(sqlite3_stmt *stmt, int column)
{
    return (const char *)sqlite3_column_text(stmt, column);
}

struct db_pool {
    pthread_mutex_t mutex;
    struct db *idle;
    char *path;
    struct waits waits;
    char failure[DB_FAILURE_SIZE]; /* of the connection that failed last */
    int64_t written_ms;            /* when db_check_writable() was last called */
    enum err written;              /* what it said */
};

enum err db_pool_open(const struct db_schema *schema, const char *path, struct db_pool **ret_pool,
                      struct buf *problem)
{
    struct db *first = NULL;
    enum err err = db_open(schema, path, &first, problem);
    if (err)
        return err;
    struct db_pool *pool = calloc(1, sizeof *pool);
    char *copy = strdup(path);
    if (!pool || !copy) {
        db_close(first);
        free(pool);
        free(copy);
        return ERR_NOMEM;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pool->idle = first;
    pool->path = copy;
    *ret_pool = pool;
    return ERR_OK;
}

void db_pool_close(struct db_pool *pool)
{
    if (!pool)
        return;
    while (pool->idle) {
        struct db *next = pool->idle->next;
        db_close(pool->idle);
        pool->idle = next;
    }
    pthread_mutex_destroy(&pool->mutex);
    free(pool->path);
    free(pool);
}

void db_pool_count_waits(struct db_pool *pool, struct metric *waits, struct metric *waited)
{
    pool->waits = (struct waits){.count = waits, .microseconds = waited};
}

static void keep_failure(struct db_pool *pool, const char failure[static DB_FAILURE_SIZE])
{
    pthread_mutex_lock(&pool->mutex);
    memcpy(pool->failure, failure, sizeof pool->failure);
    pthread_mutex_unlock(&pool->mutex);
}

const char *db_pool_message(struct db_pool *pool, enum err err, char text[static DB_FAILURE_SIZE])
{
    if (err != ERR_DATABASE)
        return err_message(err);
    pthread_mutex_lock(&pool->mutex);
    memcpy(text, pool->failure, sizeof pool->failure);
    pthread_mutex_unlock(&pool->mutex);
    return *text ? text : err_message(err);
}

enum err db_pool_take(struct db_pool *pool, struct db **ret_db)
{
    pthread_mutex_lock(&pool->mutex);
    struct db *db = pool->idle;
    if (db)
        pool->idle = db->next;
    pthread_mutex_unlock(&pool->mutex);
    if (!db) {
        char failure[DB_FAILURE_SIZE];
        enum err err = open_connection(pool->path, &db, failure);
        if (err) {
            keep_failure(pool, failure);
            return err;
        }
    }
    db->waits = pool->waits;
    db->never_waits = false;
    *ret_db = db;
    return ERR_OK;
}

void db_pool_give(struct db_pool *pool, struct db *db)
{
    if (!db)
        return;
    note_failure(db);
    if (db->failure[0])
        keep_failure(pool, db->failure);
    db->failure[0] = '\0';
    pthread_mutex_lock(&pool->mutex);
    db->next = pool->idle;
    pool->idle = db;
    pthread_mutex_unlock(&pool->mutex);
}

enum err db_pool_check(struct db_pool *pool)
{
    struct db *db = NULL;
    enum err err = db_pool_take(pool, &db);
    if (!err)
        err = db_check_alive(db);
    db_pool_give(pool, db);
    return err == ERR_OVERLOADED ? ERR_OK : err;
}

static enum err write_now(struct db_pool *pool)
{
    struct db *db = NULL;
    enum err err = db_pool_take(pool, &db);
    if (!err) {
        db_never_wait(db);
        err = db_check_writable(db);
    }
    db_pool_give(pool, db);
    return err == ERR_OVERLOADED ? ERR_OK : err;
}

enum err db_pool_check_writable(struct db_pool *pool)
{
    enum err err = db_pool_check(pool);
    if (err)
        return err;
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&pool->mutex);
    bool is_due = !pool->written_ms || now_ms - pool->written_ms >= WRITE_EVERY_MS;
    if (is_due)
        pool->written_ms = now_ms;
    err = pool->written;
    pthread_mutex_unlock(&pool->mutex);
    if (!is_due)
        return err;
    err = write_now(pool);
    pthread_mutex_lock(&pool->mutex);
    pool->written = err;
    pthread_mutex_unlock(&pool->mutex);
    return err;
}
