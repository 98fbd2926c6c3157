#include "admin/backup.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 4096, STEP_PAGES = 256, BUSY_WAIT_MS = 20, BUSY_TRIES = 500 };

static enum err io_problem(struct buf *problem, const char *what, const char *path)
{
    buf_addf(problem, "cannot %s %s: %s", what, path, strerror(errno));
    return ERR_IO;
}

static void print_progress(sqlite3_backup *backup)
{
    int total = sqlite3_backup_pagecount(backup);
    int done = total - sqlite3_backup_remaining(backup);
    fprintf(stderr, "\rCopying: %3d %%", total ? (int)(100LL * done / total) : 100);
}

static int copy_steps(sqlite3_backup *backup, bool show_progress)
{
    int code = SQLITE_OK;
    for (int tries = 0; code != SQLITE_DONE && tries < BUSY_TRIES;) {
        code = sqlite3_backup_step(backup, STEP_PAGES);
        if (show_progress)
            print_progress(backup);
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
            tries++;
            sqlite3_sleep(BUSY_WAIT_MS);
        } else if (code != SQLITE_OK) {
            break;
        }
    }
    if (show_progress)
        fputs("\n", stderr);
    return code;
}

static enum err copy_into(struct db *db, sqlite3 *target, bool show_progress, struct buf *problem)
{
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", db_handle(db), "main");
    int code = backup ? copy_steps(backup, show_progress) : sqlite3_errcode(target);
    sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE)
        return ERR_OK;
    buf_addf(problem, "the copy could not be written: %s", sqlite3_errstr(code));
    return ERR_DATABASE;
}

/* Holds a read transaction all the while: without it, each write by the server would make SQLite
 * begin again, and a busy server's backup would never end. */
static enum err copy(struct db *db, const char *path, bool show_progress, struct buf *problem)
{
    AUTO_STMT sqlite3_stmt *snapshot = NULL;
    enum err err = db_query(db, &snapshot, "SELECT name FROM sqlite_schema", "");
    if (!err)
        err = db_step(snapshot);
    if (err)
        return err;
    sqlite3 *target = NULL;
    if (sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        /* No journal: a copy that fails is thrown away. */
        sqlite3_exec(target, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL,
                     NULL);
        err = copy_into(db, target, show_progress, problem);
    } else {
        buf_addf(problem, "cannot open %s", path);
        err = ERR_DATABASE;
    }
    sqlite3_close(target);
    return err;
}

/* SQLite puts several lines into one finding. */
static int add_finding(void *context, int columns, char **values, char **names)
{
    (void)names;
    struct buf *problem = context;
    if (columns > 0 && values[0] && strcmp(values[0], "ok") != 0)
        for (const char *line = values[0]; *line; line += strspn(line, "\n")) {
            size_t len = strcspn(line, "\n");
            buf_addf(problem, "%s%.*s", problem->len ? "; " : "", (int)len, line);
            line += len;
        }
    return 0;
}

enum err backup_check_integrity(sqlite3 *handle, struct buf *problem)
{
    int code = sqlite3_exec(handle, "PRAGMA integrity_check(10)", add_finding, problem, NULL);
    if (code != SQLITE_OK)
        buf_addf(problem, "%s%s", problem->len ? "; " : "", sqlite3_errstr(code));
    return (code & 0xff) == SQLITE_BUSY ? ERR_OVERLOADED : ERR_OK;
}

/* The copy becomes a database of one file, without a write-ahead log beside it. */
static enum err verify(const char *path, struct buf *problem)
{
    sqlite3 *target = NULL;
    int code = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(target, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    enum err err = ERR_OK;
    BUF_AUTO(findings, PATH_MAX_BYTES);
    if (code == SQLITE_OK)
        err = backup_check_integrity(target, &findings);
    else
        buf_adds(&findings, sqlite3_errstr(code));
    sqlite3_close(target);
    if (findings.len == 0)
        return err;
    buf_addf(problem, "the copy is damaged (%s); is the database? see behest-admin db check",
             buf_str(&findings));
    return ERR_DATABASE;
}

static enum err sync_folder(const char *path)
{
    char copy_of_path[PATH_MAX_BYTES];
    snprintf(copy_of_path, sizeof copy_of_path, "%s", path);
    AUTO_CLOSE int fd = open(dirname(copy_of_path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? ERR_OK : ERR_IO;
}

/* Gives the finished file its name, unless somebody else has taken it meanwhile. */
static enum err publish(int fd, const char *partial, const char *path, int64_t *ret_bytes,
                        struct buf *problem)
{
    struct stat status;
    if (fsync(fd) != 0 || fstat(fd, &status) != 0)
        return io_problem(problem, "write", partial);
    if (renameat2(AT_FDCWD, partial, AT_FDCWD, path, RENAME_NOREPLACE) != 0) {
        io_problem(problem, "make", path);
        return errno == EEXIST ? ERR_CONFLICT : ERR_IO;
    }
    *ret_bytes = status.st_size;
    return sync_folder(path) == ERR_OK ? ERR_OK : io_problem(problem, "write the folder of", path);
}

enum err backup_create(struct db *db, const char *path, bool show_progress, int64_t *ret_bytes,
                       struct buf *problem)
{
    if (access(path, F_OK) == 0) {
        buf_addf(problem, "%s exists already; name a new file", path);
        return ERR_CONFLICT;
    }
    BUF_AUTO(partial, PATH_MAX_BYTES - 1);
    buf_addf(&partial, "%s.partial-XXXXXX", path);
    if (buf_err(&partial))
        return buf_err(&partial);
    AUTO_CLOSE int fd = mkostemp(partial.data, O_CLOEXEC);
    if (fd < 0)
        return io_problem(problem, "make", path);
    enum err err = copy(db, partial.data, show_progress, problem);
    if (!err)
        err = verify(partial.data, problem);
    if (!err)
        err = publish(fd, partial.data, path, ret_bytes, problem);
    if (err)
        unlink(partial.data);
    return err;
}
