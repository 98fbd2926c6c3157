/* What the unit tests share: cmocka, and temporary folders with real files in them. */
#ifndef BEHEST_TESTS_SUPPORT_H
#define BEHEST_TESTS_SUPPORT_H

/* cmocka wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEST_PATH_SIZE = 512 };

/* Fails the test unless a row of a table holds, and names the row by the line that it is on. */
#define assert_row(line, condition)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("row of line %d: %s", (line), #condition);                                    \
    } while (0)

/* A new folder, for the caller to remove with test_folder_remove(). */
static inline void test_folder_make(char path[static TEST_PATH_SIZE])
{
    const char *base = getenv("TMPDIR");
    snprintf(path, TEST_PATH_SIZE, "%s/behest-unit-XXXXXX", base && *base ? base : "/tmp");
    assert_non_null(mkdtemp(path));
}

static inline int test_remove_entry(const char *path, const struct stat *status, int type,
                                    struct FTW *position)
{
    (void)status, (void)type, (void)position;
    return remove(path);
}

static inline void test_folder_remove(const char *path)
{
    nftw(path, test_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Writes folder/name into path. */
static inline void test_path(char path[static TEST_PATH_SIZE], const char *folder, const char *name)
{
    int len = snprintf(path, TEST_PATH_SIZE, "%s/%s", folder, name);
    assert_true(len > 0 && len < TEST_PATH_SIZE);
}

static inline void test_write_file(const char *path, const char *content, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

#endif
