#include "support.h"

#include "base/file.h"
#include "store/schema.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { PROCESSES = 8, PROBLEM_MAX_BYTES = 1024 };

#define FILE_OF(name, text)                                                                        \
    {                                                                                              \
        (name), (text), sizeof(text) - 1                                                           \
    }

static const struct embedded_file two_steps[] = {
    FILE_OF("0001-a.sql", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);"),
    FILE_OF("0002-b.sql", "CREATE TABLE b (y INTEGER) STRICT; UPDATE a SET x = x + 1;"),
    {NULL, NULL, 0},
};
static const struct embedded_file one_step[] = {
    FILE_OF("0001-a.sql", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);"),
    {NULL, NULL, 0},
};
static const struct embedded_file broken[] = {
    FILE_OF("0001-a.sql", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);"),
    FILE_OF("0002-bad.sql", "CREATE TABLE b (y INTEGER) STRICT; DROP TABLE a; SELECT nonsense;"),
    {NULL, NULL, 0},
};

static const struct db_schema schema_1 = {one_step, 1234};
static const struct db_schema schema_2 = {two_steps, 1234};
static const struct db_schema schema_broken = {broken, 1234};
static const struct db_schema schema_foreign = {two_steps, 99};

struct fixture {
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    test_folder_make(fixture->folder);
    test_path(fixture->path, fixture->folder, "test.db");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    test_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static enum err open_once(const struct db_schema *schema, const char *path)
{
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    struct db *db = NULL;
    enum err err = db_open(schema, path, &db, &problem);
    db_close(db);
    return err;
}

/* The one number that a query of a plain connection gives; -1 when it fails. */
static int ask(const char *path, const char *sql)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *stmt = NULL;
    int number = -1;
    if (sqlite3_open(path, &handle) == SQLITE_OK &&
        sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        number = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(handle);
    return number;
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

static void makes_a_private_database(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    mode_t before = umask(0);
    assert_int_equal(open_once(&app_schema, fixture->path), ERR_OK);
    umask(before);
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_true(ask(fixture->path, "PRAGMA user_version") >= 1);
    assert_int_equal(ask(fixture->path, "SELECT count(*) FROM users"), 0);
}

static void runs_what_is_missing_and_nothing_twice(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(open_once(&schema_1, fixture->path), ERR_OK);
    assert_int_equal(ask(fixture->path, "PRAGMA user_version"), 1);
    assert_int_equal(open_once(&schema_2, fixture->path), ERR_OK);
    assert_int_equal(open_once(&schema_2, fixture->path), ERR_OK);
    assert_int_equal(ask(fixture->path, "PRAGMA user_version"), 2);
    assert_int_equal(ask(fixture->path, "PRAGMA application_id"), 1234);
    assert_int_equal(ask(fixture->path, "SELECT sum(x) FROM a"), 2);
}

static void refuses_a_newer_database(void **state)
{
    struct fixture *fixture = *state;
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    struct db *db = NULL;
    assert_int_equal(open_once(&schema_2, fixture->path), ERR_OK);
    assert_int_equal(db_open(&schema_1, fixture->path, &db, &problem), ERR_DATABASE_NEWER);
    assert_null(db);
    assert_non_null(strstr(buf_str(&problem), "version 2"));
    assert_int_equal(ask(fixture->path, "PRAGMA user_version"), 2);
}

static void refuses_a_database_of_another_kind(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(open_once(&schema_2, fixture->path), ERR_OK);
    assert_int_equal(open_once(&schema_foreign, fixture->path), ERR_CONFLICT);
    assert_int_equal(ask(fixture->path, "PRAGMA application_id"), 1234);
}

static void leaves_a_foreign_database_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    BUF_AUTO(before, 100000);
    BUF_AUTO(after, 100000);
    execute(fixture->path, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    assert_int_equal(file_read(fixture->path, &before), ERR_OK);
    assert_int_equal(open_once(&schema_2, fixture->path), ERR_CONFLICT);
    assert_int_equal(file_read(fixture->path, &after), ERR_OK);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.data, after.data, before.len);
}

static void refuses_what_is_not_a_database(void **state)
{
    struct fixture *fixture = *state;
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    BUF_AUTO(after, 100000);
    struct db *db = NULL;
    char text[5000];
    memset(text, 'x', sizeof text);
    test_write_file(fixture->path, text, sizeof text);
    assert_int_equal(db_open(&schema_2, fixture->path, &db, &problem), ERR_DATABASE);
    assert_true(problem.len > 0);
    assert_int_equal(file_read(fixture->path, &after), ERR_OK);
    assert_int_equal(after.len, sizeof text);
    assert_memory_equal(after.data, text, sizeof text);
    assert_int_equal(open_once(&schema_2, fixture->folder), ERR_DATABASE);
    assert_int_equal(open_once(&schema_2, "/nowhere/at/all.db"), ERR_DATABASE);
}

static void a_failing_migration_leaves_the_old_state(void **state)
{
    struct fixture *fixture = *state;
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    struct db *db = NULL;
    assert_int_equal(open_once(&schema_1, fixture->path), ERR_OK);
    assert_int_equal(db_open(&schema_broken, fixture->path, &db, &problem), ERR_DATABASE);
    assert_non_null(strstr(buf_str(&problem), "0002-bad.sql"));
    assert_int_equal(ask(fixture->path, "PRAGMA user_version"), 1);
    assert_int_equal(ask(fixture->path, "SELECT x FROM a"), 1);
    assert_int_equal(ask(fixture->path, "SELECT count(*) FROM b"), -1);
    assert_int_equal(open_once(&schema_2, fixture->path), ERR_OK);
    assert_int_equal(ask(fixture->path, "PRAGMA user_version"), 2);
}

/* Killed while the second migration counts to a number that it would need hours for. */
static void killed_in_the_middle_leaves_the_old_state(void **state)
{
    struct fixture *fixture = *state;
    static const struct embedded_file slow[] = {
        FILE_OF("0001-a.sql", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);"),
        FILE_OF("0002-slow.sql",
                "CREATE TABLE b (y INTEGER) STRICT; UPDATE a SET x = 100;"
                "INSERT INTO b WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                "SELECT max(i) FROM n;"),
        {NULL, NULL, 0},
    };
    static const struct db_schema schema_slow = {slow, 1234};
    assert_int_equal(open_once(&schema_1, fixture->path), ERR_OK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(open_once(&schema_slow, fixture->path) == ERR_OK ? 0 : 1);
    usleep(300000);
    assert_int_equal(ask(fixture->path, "PRAGMA user_version"), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(ask(fixture->path, "PRAGMA user_version"), 1);
    assert_int_equal(ask(fixture->path, "SELECT x FROM a"), 1);
    assert_int_equal(open_once(&schema_2, fixture->path), ERR_OK);
    assert_int_equal(ask(fixture->path, "SELECT x FROM a"), 2);
}

static void several_processes_may_start_at_once(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < PROCESSES; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(open_once(&schema_2, fixture->path) == ERR_OK ? 0 : 1);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_int_equal(ask(fixture->path, "PRAGMA user_version"), 2);
    assert_int_equal(ask(fixture->path, "SELECT sum(x) FROM a"), 2);
}

static void connections_have_the_agreed_settings(void **state)
{
    struct fixture *fixture = *state;
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    struct db *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(db_open(&app_schema, fixture->path, &db, &problem), ERR_OK);
    assert_int_equal(db_query(db, &stmt, "SELECT * FROM pragma_foreign_keys", ""), ERR_OK);
    assert_int_equal(db_step(stmt), ERR_OK);
    assert_int_equal(sqlite3_column_int(stmt, 0), 1);
    db_done(stmt);
    assert_int_equal(db_query(db, &stmt, "SELECT * FROM pragma_journal_mode", ""), ERR_OK);
    assert_int_equal(db_step(stmt), ERR_OK);
    assert_string_equal(db_text(stmt, 0), "wal");
    db_done(stmt);
    db_close(db);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_a_private_database),
        TEST(runs_what_is_missing_and_nothing_twice),
        TEST(refuses_a_newer_database),
        TEST(refuses_a_database_of_another_kind),
        TEST(leaves_a_foreign_database_as_it_is),
        TEST(refuses_what_is_not_a_database),
        TEST(a_failing_migration_leaves_the_old_state),
        TEST(killed_in_the_middle_leaves_the_old_state),
        TEST(several_processes_may_start_at_once),
        TEST(connections_have_the_agreed_settings),
    };
    return cmocka_run_group_tests_name("store/migrate", tests, NULL, NULL);
}
