#include "admin/database.h"

#include "base/settings.h"
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PROBLEM_MAX_BYTES = 4096, PEEK_TIMEOUT_MS = 5000 };

static const char unnamed[] =
    "no database is named: set CHAT_DATABASE in the environment or in the file of --env-file, "
    "or use --database FILE";

static int copy_path(const char *path, char ret_path[static DATABASE_PATH_SIZE])
{
    if (!path || !*path)
        return admin_config_error("%s", unnamed);
    if (strlen(path) >= DATABASE_PATH_SIZE)
        return admin_config_error("the path of the database is too long");
    memcpy(ret_path, path, strlen(path) + 1);
    return ADMIN_OK;
}

static int report_problems(struct problems *problems)
{
    int code = ADMIN_CONFIG;
    for (char *rest = NULL, *line = strtok_r(problems->lines.data, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
        code = admin_config_error("%s", line);
    return code;
}

static int path_from_settings(const char *env_file, char ret_path[static DATABASE_PATH_SIZE])
{
    struct problems problems = {0};
    struct settings *settings = settings_load(env_file, &problems);
    int code;
    if (!settings)
        code = admin_fail_err(ERR_NOMEM);
    else if (problems.count)
        code = report_problems(&problems);
    else
        code = copy_path(settings_get(settings, "CHAT_DATABASE"), ret_path);
    settings_free(settings);
    problems_free(&problems);
    return code;
}

int database_path(const struct admin *admin, char ret_path[static DATABASE_PATH_SIZE])
{
    const char *named = admin->arguments.options[OPTION_DATABASE];
    if (named)
        return copy_path(named, ret_path);
    return path_from_settings(admin->arguments.options[OPTION_ENV_FILE], ret_path);
}

/* ADMIN_OK when there is a file that can be opened without making one. */
static int require_file(const char *path)
{
    if (access(path, F_OK) == 0)
        return ADMIN_OK;
    if (errno == ENOENT)
        return admin_fail("there is no database %s; behest-admin db migrate makes one", path);
    return admin_fail("cannot open %s: %s", path, strerror(errno));
}

int database_open(struct admin *admin, enum database_use use)
{
    char path[DATABASE_PATH_SIZE];
    int code = database_path(admin, path);
    if (!code && use != DATABASE_MAKE)
        code = require_file(path);
    if (code)
        return code;
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    enum err err = db_open(&app_schema, path, &admin->db, &problem);
    if (err == ERR_CONFLICT && use == DATABASE_EITHER) {
        buf_clear(&problem);
        err = db_open(&gateway_schema, path, &admin->db, &problem);
    }
    if (err == ERR_OVERLOADED || (err && problem.len == 0))
        return admin_fail_err(err);
    return err ? admin_fail("%s", buf_str(&problem)) : ADMIN_OK;
}

static enum err read_version(sqlite3 *handle, int *ret_version)
{
    sqlite3_stmt *stmt = NULL;
    enum err err = ERR_DATABASE;
    if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        *ret_version = sqlite3_column_int(stmt, 0);
        err = ERR_OK;
    }
    sqlite3_finalize(stmt);
    return err;
}

enum err database_peek_version(const char *path, int *ret_version)
{
    if (access(path, F_OK) != 0) {
        *ret_version = 0;
        return ERR_OK;
    }
    sqlite3 *handle = NULL;
    enum err err = ERR_DATABASE;
    if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(handle, PEEK_TIMEOUT_MS);
        err = read_version(handle, ret_version);
    }
    sqlite3_close(handle);
    return err;
}
