#include "support_db.h"

#include "base/metrics.h"

#include <pthread.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void typed_values_go_in_and_out(void **state)
{
    struct test_db *test = *state;
    sqlite3_stmt *stmt = NULL;
    static const unsigned char bytes[] = {0, 1, 2};
    assert_int_equal(db_query(test->db, &stmt, "SELECT ?, ?, ?, ?", "titb", "a'b", INT64_MIN,
                              (const char *)NULL, bytes, 3),
                     ERR_OK);
    assert_int_equal(db_step(stmt), ERR_OK);
    assert_string_equal(db_text(stmt, 0), "a'b");
    assert_true(sqlite3_column_int64(stmt, 1) == INT64_MIN);
    assert_null(db_text(stmt, 2));
    assert_int_equal(sqlite3_column_bytes(stmt, 3), 3);
    assert_int_equal(db_step(stmt), ERR_NOT_FOUND);
    db_done(stmt);
    db_done(NULL);
}

static void statements_are_prepared_once(void **state)
{
    struct test_db *test = *state;
    sqlite3_stmt *first = NULL;
    sqlite3_stmt *second = NULL;
    static const char sql[] = "SELECT count(*) FROM users";
    assert_int_equal(db_query(test->db, &first, sql, ""), ERR_OK);
    db_done(first);
    assert_int_equal(db_query(test->db, &second, sql, ""), ERR_OK);
    db_done(second);
    assert_ptr_equal(first, second);
}

static void tells_constraints_apart(void **state)
{
    struct test_db *test = *state;
    test_user(test->db, 1, "ada", "ada@example.com");
    static const char insert[] = "INSERT INTO user_emails (address, user_id) VALUES (?, ?)";
    assert_int_equal(db_run(test->db, insert, "tt", "ada@example.com", "000000000000000000000001"),
                     ERR_CONFLICT);
    assert_int_equal(db_run(test->db, insert, "tt", "bob@example.com", "nobody"), ERR_INVALID);
    assert_int_equal(db_run(test->db, insert, "tt", (const char *)NULL, "nobody"), ERR_INVALID);
    assert_int_equal(db_run(test->db, "not SQL", ""), ERR_DATABASE);
    assert_int_equal(db_run(test->db, "UPDATE users SET first_name = ?", "t", "Ada"), ERR_OK);
    assert_int_equal(db_changes(test->db), 1);
}

static enum err end_with(struct db *db, enum err err)
{
    assert_int_equal(db_begin(db), ERR_OK);
    test_user(db, 1, "ada", "ada@example.com");
    db_end(db, &err);
    return err;
}

static void transactions_commit_or_roll_back(void **state)
{
    struct test_db *test = *state;
    struct user user;
    assert_int_equal(end_with(test->db, ERR_INVALID), ERR_INVALID);
    assert_int_equal(user_find_by_any(test->db, "ada", &user), ERR_NOT_FOUND);
    assert_int_equal(end_with(test->db, ERR_OK), ERR_OK);
    assert_int_equal(user_find_by_any(test->db, "ada", &user), ERR_OK);
}

static void says_when_another_connection_holds_the_lock(void **state)
{
    struct test_db *test = *state;
    BUF_AUTO(problem, 1024);
    struct db *other = NULL;
    assert_int_equal(db_open(&app_schema, test->path, &other, &problem), ERR_OK);
    sqlite3_busy_timeout(db_handle(other), 20);
    assert_int_equal(db_begin(test->db), ERR_OK);
    assert_int_equal(db_begin(other), ERR_OVERLOADED);
    struct user user;
    assert_int_equal(user_find(other, "000000000000000000000001", &user), ERR_NOT_FOUND);
    enum err err = ERR_OK;
    db_end(test->db, &err);
    assert_int_equal(db_begin(other), ERR_OK);
    db_end(other, &err);
    db_close(other);
}

/* Whether another process would find the lock that SQLite holds on a database in use (the format's
 * lock bytes, https://www.sqlite.org/fileformat2.html#the_lock_byte_page). */
static bool is_locked(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_start = 0x40000002, .l_len = 510};
        int fd = open(path, O_RDWR | O_CLOEXEC);
        bool asked = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0;
        _exit(asked && lock.l_type == F_UNLCK ? 1 : asked ? 0 : 2);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 0;
}

static void opening_once_more_keeps_the_locks(void **state)
{
    struct test_db *test = *state;
    BUF_AUTO(problem, 1024);
    struct db *other = NULL;
    test_user(test->db, 1, "ada", "ada@example.com");
    assert_true(is_locked(test->path));
    assert_int_equal(db_open(&app_schema, test->path, &other, &problem), ERR_OK);
    assert_true(is_locked(test->path));
    db_close(other);
    assert_true(is_locked(test->path));
}

/* What a user without rights is told of path. */
static enum err examine_as_nobody(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        BUF_AUTO(problem, 1024);
        if (getuid() == 0 && setuid(65534) != 0)
            _exit(2);
        enum err err = db_examine_place(path, &problem);
        _exit(err == ERR_OK ? 0 : problem.len ? 1 : 2);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 0 ? ERR_OK : ERR_IO;
}

static void examines_where_a_database_shall_be(void **state)
{
    struct test_db *test = *state;
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
    BUF_AUTO(problem, 1024);
    test_folder_make(folder);
    test_path(path, folder, "chat.db");
    assert_int_equal(db_examine_place(test->path, &problem), ERR_OK);
    assert_int_equal(db_examine_place(path, &problem), ERR_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    assert_int_equal(examine_as_nobody(path), ERR_IO);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(examine_as_nobody(path), ERR_OK);
    test_write_file(path, "", 0);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(examine_as_nobody(path), ERR_IO);
    assert_int_equal(problem.len, 0);
    assert_int_equal(db_examine_place("/nowhere/chat.db", &problem), ERR_IO);
    assert_non_null(strstr(buf_str(&problem), "/nowhere/"));
    test_folder_remove(folder);
}

static void pools_lend_and_take_back(void **state)
{
    struct test_db *test = *state;
    BUF_AUTO(problem, 1024);
    struct db_pool *pool = NULL;
    struct db *first = NULL;
    struct db *second = NULL;
    struct db *third = NULL;
    assert_int_equal(db_pool_open(&app_schema, test->path, &pool, &problem), ERR_OK);
    assert_int_equal(db_pool_take(pool, &first), ERR_OK);
    assert_int_equal(db_pool_take(pool, &second), ERR_OK);
    assert_ptr_not_equal(first, second);
    db_pool_give(pool, first);
    db_pool_give(pool, NULL);
    assert_int_equal(db_pool_take(pool, &third), ERR_OK);
    assert_ptr_equal(first, third);
    test_user(third, 1, "ada", "ada@example.com");
    assert_int_equal(user_handle_lookup(second, "ada"), ERR_OK);
    db_pool_give(pool, second);
    db_pool_give(pool, third);
    db_pool_close(pool);
    db_pool_close(NULL);
}

enum { WAITS, WAITED, ROWS };

static const struct metric_row rows[ROWS] = {
    [WAITS] = {.name = "waits_total", .help = "How often.", .type = METRIC_COUNTER},
    [WAITED] = {.name = "waited_seconds_total",
                .help = "How long.",
                .type = METRIC_COUNTER,
                .unit = METRIC_MICROSECOND},
};

/* Another writer, which holds the lock until somebody waits. */
struct holder {
    struct db *db;
    struct metric *waited;
};

static void *hold_until_waited(void *context)
{
    const struct holder *holder = context;
    while (metric_read(holder->waited, 0, 0) < 8000)
        sqlite3_sleep(1);
    enum err err = ERR_OK;
    db_end(holder->db, &err);
    return NULL;
}

static void waiting_for_a_lock_is_counted(void **state)
{
    struct test_db *test = *state;
    BUF_AUTO(problem, 1024);
    struct db_pool *pool = NULL;
    struct db *first = NULL;
    struct db *second = NULL;
    pthread_t thread;
    struct metrics *metrics = metrics_new(rows, ROWS);
    struct holder holder = {.db = test->db, .waited = metrics_at(metrics, WAITED)};
    assert_int_equal(db_pool_open(&app_schema, test->path, &pool, &problem), ERR_OK);
    db_pool_count_waits(pool, metrics_at(metrics, WAITS), metrics_at(metrics, WAITED));
    assert_int_equal(db_pool_take(pool, &first), ERR_OK);
    assert_int_equal(db_pool_take(pool, &second), ERR_OK);
    struct db *const waiting[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        uint64_t before = metric_read(holder.waited, 0, 0);
        enum err err = ERR_OK;
        assert_int_equal(metric_read(metrics_at(metrics, WAITS), 0, 0), i);
        assert_int_equal(db_begin(test->db), ERR_OK);
        metric_subtract(holder.waited, METRIC_ALONE, before);
        assert_int_equal(pthread_create(&thread, NULL, hold_until_waited, &holder), 0);
        assert_int_equal(db_begin(waiting[i]), ERR_OK);
        pthread_join(thread, NULL);
        db_end(waiting[i], &err);
        assert_int_equal(metric_read(metrics_at(metrics, WAITS), 0, 0), i + 1);
        assert_true(metric_read(holder.waited, 0, 0) >= 8000);
    }
    db_pool_give(pool, first);
    db_pool_give(pool, second);
    db_pool_close(pool);
    metrics_free(metrics);
}

static void a_pool_keeps_what_sqlite_said_last(void **state)
{
    struct test_db *test = *state;
    BUF_AUTO(problem, 1024);
    struct db_pool *pool = NULL;
    struct db *db = NULL;
    char text[DB_FAILURE_SIZE];
    assert_int_equal(db_pool_open(&app_schema, test->path, &pool, &problem), ERR_OK);
    assert_string_equal(db_pool_message(pool, ERR_DATABASE, text), err_message(ERR_DATABASE));

    assert_int_equal(db_pool_take(pool, &db), ERR_OK);
    assert_int_equal(db_run(db, "SELECT ?1 FROM nowhere", "t", "secret"), ERR_DATABASE);
    db_pool_give(pool, db);
    assert_string_equal(db_pool_message(pool, ERR_DATABASE, text),
                        "SQLite: no such table: nowhere (1)");

    /* before the roll-back, which succeeds */
    assert_int_equal(db_pool_take(pool, &db), ERR_OK);
    assert_int_equal(db_begin(db), ERR_OK);
    enum err err = db_run(db, "SELECT 1 FROM elsewhere", "");
    assert_int_equal(err, ERR_DATABASE);
    db_end(db, &err);
    db_pool_give(pool, db);
    assert_string_equal(db_pool_message(pool, ERR_DATABASE, text),
                        "SQLite: no such table: elsewhere (1)");

    /* what is no failure of the database's */
    assert_int_equal(db_pool_take(pool, &db), ERR_OK);
    assert_int_equal(
        db_run(db, "INSERT INTO user_emails (address, user_id) VALUES (NULL, ?)", "t", "nobody"),
        ERR_INVALID);
    db_pool_give(pool, db);
    assert_string_equal(db_pool_message(pool, ERR_DATABASE, text),
                        "SQLite: no such table: elsewhere (1)");
    assert_string_equal(db_pool_message(pool, ERR_INVALID, text), err_message(ERR_INVALID));
    db_pool_close(pool);
}

static void says_whether_it_can_be_written(void **state)
{
    struct test_db *test = *state;
    int before = 0;
    int after = 0;
    assert_int_equal(db_version(test->db, &before), ERR_OK);
    assert_int_equal(db_check_writable(test->db), ERR_OK);
    assert_int_equal(db_version(test->db, &after), ERR_OK);
    assert_int_equal(before, after);
    assert_int_equal(db_run(test->db, "PRAGMA query_only = ON", ""), ERR_OK);
    assert_int_equal(db_check_alive(test->db), ERR_OK);
    assert_int_equal(db_check_writable(test->db), ERR_DATABASE);
    assert_int_equal(sqlite3_get_autocommit(db_handle(test->db)), 1);
}

/* As SQLite is where it was built without SQLITE_SECURE_DELETE. */
static int leave_deleted_text(sqlite3 *handle, char **ret_problem,
                              const struct sqlite3_api_routines *api)
{
    (void)ret_problem;
    (void)api;
    return sqlite3_exec(handle, "PRAGMA secure_delete = OFF", NULL, NULL, NULL);
}

static void overwrites_what_is_deleted(void **state)
{
    struct test_db *test = *state;
    struct db *db = NULL;
    sqlite3_stmt *stmt = NULL;
    BUF_AUTO(problem, 256);
    assert_int_equal(sqlite3_auto_extension((void (*)(void))leave_deleted_text), SQLITE_OK);
    assert_int_equal(db_open(&app_schema, test->path, &db, &problem), ERR_OK);
    sqlite3_reset_auto_extension();
    assert_int_equal(db_query(db, &stmt, "PRAGMA secure_delete", ""), ERR_OK);
    assert_int_equal(db_step(stmt), ERR_OK);
    assert_true(sqlite3_column_int64(stmt, 0) == 1);
    db_done(stmt);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(typed_values_go_in_and_out),
        DB_TEST(statements_are_prepared_once),
        DB_TEST(tells_constraints_apart),
        DB_TEST(transactions_commit_or_roll_back),
        DB_TEST(says_when_another_connection_holds_the_lock),
        DB_TEST(opening_once_more_keeps_the_locks),
        DB_TEST(waiting_for_a_lock_is_counted),
        DB_TEST(examines_where_a_database_shall_be),
        DB_TEST(a_pool_keeps_what_sqlite_said_last),
        DB_TEST(pools_lend_and_take_back),
        DB_TEST(says_whether_it_can_be_written),
        DB_TEST(overwrites_what_is_deleted),
    };
    return cmocka_run_group_tests_name("store/db", tests, NULL, NULL);
}
