/* A folder for a Unix socket, as cmocka's setup and teardown. */
#ifndef BEHEST_TESTS_SUPPORT_PLACE_H
#define BEHEST_TESTS_SUPPORT_PLACE_H

#include "support.h"

#include <sys/socket.h>
#include <sys/un.h>

struct place {
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
    char address[TEST_PATH_SIZE + 8]; /* unix:path */
};

static inline int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    test_folder_make(place->folder);
    test_path(place->path, place->folder, "sock");
    snprintf(place->address, sizeof place->address, "unix:%s", place->path);
    *state = place;
    return 0;
}

static inline int free_place(void **state)
{
    struct place *place = *state;
    test_folder_remove(place->folder);
    free(place);
    return 0;
}

#define PLACE_TEST(function) cmocka_unit_test_setup_teardown(function, make_place, free_place)

static inline struct sockaddr_un unix_name(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof name.sun_path);
    memcpy(name.sun_path, path, strlen(path) + 1);
    return name;
}

/* A socket bound to the path; listening or not. */
static inline int bind_unix(const char *path, bool listening)
{
    const struct sockaddr_un name = unix_name(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
    if (listening)
        assert_int_equal(listen(fd, 8), 0);
    return fd;
}

#endif
