/* behest-admin doctor: the database, which is opened as it is, without bringing it up to date. */
#include "admin/doctor.h"
#include "base/cleanup.h"
#include "store/schema.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, FINDINGS_MAX_BYTES = 4096, BUSY_MS = 5000 };

static const uint64_t mebibyte = 1 << 20;
static const uint64_t space_least = 16; /* MiB: below that, writing is about to fail */
static const uint64_t space_enough = 256;

static const char run_as[] = "run this as the user that behest-fcgi runs as; if it is, give that "
                             "user the file and its folder";

static void folder_of(const char *path, char ret_folder[static PATH_SIZE])
{
    char copy[PATH_SIZE];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(ret_folder, PATH_SIZE, "%s", dirname(copy));
}

static void check_missing(struct doctor *doctor, const char *folder)
{
    if (access(folder, W_OK | X_OK) == 0)
        doctor_say(doctor, DOCTOR_OK, "database", NULL,
                   "there is no %s yet; behest-fcgi makes it when it starts", doctor->database);
    else
        doctor_say(doctor, DOCTOR_PROBLEM, "database",
                   "make the folder, for the user that behest-fcgi runs as",
                   "%s cannot be made: %s: %s", doctor->database, folder, strerror(errno));
}

static void check_owner(struct doctor *doctor, const struct stat *file, const char *folder)
{
    struct stat of_folder;
    if (file->st_mode & S_IWOTH)
        doctor_say(doctor, DOCTOR_PROBLEM, "database", "chmod 600, also the files beside it",
                   "every user of this machine may change %s", doctor->database);
    else if (file->st_mode & S_IROTH)
        doctor_say(doctor, DOCTOR_WARNING, "database", "chmod 600, also the files beside it",
                   "every user of this machine may read %s", doctor->database);
    if (stat(folder, &of_folder) == 0 && of_folder.st_uid != file->st_uid && of_folder.st_uid != 0)
        doctor_say(doctor, DOCTOR_WARNING, "database", "chown it to the user of behest-fcgi",
                   "%s belongs to another user than its folder", doctor->database);
}

static void check_space(struct doctor *doctor, const char *folder)
{
    struct statvfs volume;
    if (statvfs(folder, &volume) != 0)
        return;
    uint64_t free_mib = (uint64_t)volume.f_bavail * volume.f_frsize / mebibyte;
    enum doctor_result result = free_mib < space_least    ? DOCTOR_PROBLEM
                                : free_mib < space_enough ? DOCTOR_WARNING
                                                          : DOCTOR_OK;
    doctor_say(doctor, result, "disk", result == DOCTOR_OK ? NULL : "make room",
               "%llu MiB are free in %s", (unsigned long long)free_mib, folder);
}

/* The one number that a pragma gives; -1 when there is none. */
static int64_t read_number(sqlite3 *handle, const char *pragma)
{
    sqlite3_stmt *stmt = NULL;
    int64_t number = -1;
    if (sqlite3_prepare_v2(handle, pragma, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return number;
}

static int add_finding(void *context, int columns, char **values, char **names)
{
    struct buf *findings = context;
    (void)columns, (void)names;
    if (values[0] && strcmp(values[0], "ok") != 0)
        buf_addf(findings, "%s%s", findings->len ? "; " : "", values[0]);
    return 0;
}

/* True when the content is worth looking at further. */
static bool check_identity(struct doctor *doctor, sqlite3 *handle)
{
    int64_t tables = read_number(handle, "SELECT count(*) FROM sqlite_schema");
    if (tables < 0) {
        doctor_say(doctor, DOCTOR_PROBLEM, "database", run_as, "%s cannot be read: %s",
                   doctor->database, sqlite3_errmsg(handle));
        return false;
    }
    if (tables > 0 && read_number(handle, "PRAGMA application_id") != app_schema.application_id) {
        doctor_say(doctor, DOCTOR_PROBLEM, "database", "name another file",
                   "%s belongs to another program", doctor->database);
        return false;
    }
    return true;
}

static void check_version(struct doctor *doctor, sqlite3 *handle)
{
    int64_t version = read_number(handle, "PRAGMA user_version");
    int known = schema_version(&app_schema);
    if (version > known)
        doctor_say(doctor, DOCTOR_PROBLEM, "database",
                   "install the newer version of the program, or restore a backup",
                   "the schema has version %lld, and this program knows up to %d",
                   (long long)version, known);
    else if (version < known)
        doctor_say(doctor, DOCTOR_WARNING, "database",
                   "it is brought up to date when behest-fcgi starts; make a backup before",
                   "the schema has version %lld of %d", (long long)version, known);
}

/* True when nothing is damaged. */
static bool check_damage(struct doctor *doctor, sqlite3 *handle)
{
    BUF_AUTO(findings, FINDINGS_MAX_BYTES);
    int code = sqlite3_exec(handle, "PRAGMA quick_check(5)", add_finding, &findings, NULL);
    if (code == SQLITE_OK && !findings.len)
        return true;
    doctor_say(doctor, DOCTOR_PROBLEM, "database",
               "stop behest-fcgi, keep a copy of the file, and restore the last backup",
               "%s is damaged: %s", doctor->database,
               findings.len ? buf_str(&findings) : sqlite3_errstr(code));
    return false;
}

static bool check_writing(struct doctor *doctor, sqlite3 *handle)
{
    int code = sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
        return true;
    }
    if ((code & 0xff) == SQLITE_BUSY)
        doctor_say(doctor, DOCTOR_WARNING, "database",
                   "see which program holds it, and whether that is stuck",
                   "%s has been locked for %d seconds", doctor->database, BUSY_MS / 1000);
    else
        doctor_say(doctor, DOCTOR_PROBLEM, "database", run_as, "%s cannot be written: %s",
                   doctor->database, sqlite3_errstr(code));
    return false;
}

static void check_content(struct doctor *doctor)
{
    sqlite3 *handle = NULL;
    int code = sqlite3_open_v2(doctor->database, &handle, SQLITE_OPEN_READWRITE, NULL);
    if (code != SQLITE_OK) {
        doctor_say(doctor, DOCTOR_PROBLEM, "database", run_as, "%s cannot be opened: %s",
                   doctor->database, sqlite3_errstr(code));
    } else {
        sqlite3_busy_timeout(handle, BUSY_MS);
        if (check_identity(doctor, handle)) {
            check_version(doctor, handle);
            if (check_damage(doctor, handle) && check_writing(doctor, handle))
                doctor_say(doctor, DOCTOR_OK, "database", NULL, "%s is sound and can be written",
                           doctor->database);
        }
    }
    sqlite3_close(handle);
}

void doctor_check_database(struct doctor *doctor)
{
    struct stat status;
    char folder[PATH_SIZE];
    if (!doctor->database)
        return; /* a problem of the settings, told already */
    doctor_progress(doctor, "Looking at the database");
    folder_of(doctor->database, folder);
    if (stat(doctor->database, &status) == 0) {
        check_owner(doctor, &status, folder);
        check_content(doctor);
    } else if (errno == ENOENT) {
        check_missing(doctor, folder);
    } else {
        doctor_say(doctor, DOCTOR_PROBLEM, "database", run_as, "%s cannot be opened: %s",
                   doctor->database, strerror(errno));
    }
    check_space(doctor, folder);
}
