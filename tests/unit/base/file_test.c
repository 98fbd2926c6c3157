#include "support.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { PROCESSES = 8 };

struct fixture {
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    test_folder_make(fixture->folder);
    test_path(fixture->path, fixture->folder, "file");
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

static int entries_of(const char *folder)
{
    int count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void assert_content(const char *path, const char *content)
{
    BUF_AUTO(read, 4096);
    assert_int_equal(file_read(path, &read), ERR_OK);
    assert_string_equal(buf_str(&read), content);
}

/* As <(command) is in a shell: what it holds comes a little later. */
static void reads_pipes_to_their_end(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(mkfifo(fixture->path, 0600), 0);
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        FILE *pipe = fopen(fixture->path, "w");
        bool written = pipe && fputs("one ", pipe) >= 0 && fflush(pipe) == 0 &&
                       usleep(20000) == 0 && fputs("two", pipe) >= 0 && fclose(pipe) == 0;
        _exit(written ? 0 : 1);
    }
    assert_content(fixture->path, "one two");
    int status = -1;
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
}

static void makes_private_files(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    mode_t before = umask(0);
    assert_int_equal(file_create(fixture->path, "secret", 6), ERR_OK);
    umask(before);
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_content(fixture->path, "secret");
    assert_int_equal(entries_of(fixture->folder), 1);
}

static void leaves_existing_files_alone(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(file_create(fixture->path, "first", 5), ERR_OK);
    assert_int_equal(file_create(fixture->path, "second", 6), ERR_CONFLICT);
    assert_content(fixture->path, "first");
    assert_int_equal(entries_of(fixture->folder), 1);
}

static void does_not_follow_links(void **state)
{
    struct fixture *fixture = *state;
    char target[TEST_PATH_SIZE];
    test_path(target, fixture->folder, "target");
    assert_int_equal(symlink(target, fixture->path), 0);
    assert_int_equal(file_create(fixture->path, "x", 1), ERR_CONFLICT);
    assert_int_not_equal(access(target, F_OK), 0);
}

static void writes_empty_files(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(file_create(fixture->path, "", 0), ERR_OK);
    assert_content(fixture->path, "");
}

static void says_why_it_cannot(void **state)
{
    (void)state;
    errno = 0;
    assert_int_equal(file_create("/nowhere/at/all", "x", 1), ERR_IO);
    assert_int_equal(errno, ENOENT);
    BUF_AUTO(content, 16);
    errno = 0;
    assert_int_equal(file_read("/nowhere/at/all", &content), ERR_IO);
    assert_int_equal(errno, ENOENT);
}

/* Whoever finds the file finds all of it. */
static int race(const char *path, int number)
{
    char content[2000];
    memset(content, 'a' + number, sizeof content);
    enum err err = file_create(path, content, sizeof content);
    BUF_AUTO(seen, 4096);
    if ((err && err != ERR_CONFLICT) || file_read(path, &seen) != ERR_OK || seen.len != 2000)
        return 2;
    for (size_t i = 1; i < seen.len; i++)
        if (seen.data[i] != seen.data[0])
            return 2;
    return err == ERR_OK ? 0 : 1;
}

static void of_several_processes_one_wins(void **state)
{
    struct fixture *fixture = *state;
    int won = 0;
    for (int i = 0; i < PROCESSES; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(race(fixture->path, i));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
        won += WEXITSTATUS(status) == 0;
    }
    assert_int_equal(won, 1);
    assert_int_equal(entries_of(fixture->folder), 1);
}

static void reads_no_more_than_the_maximum(void **state)
{
    struct fixture *fixture = *state;
    test_write_file(fixture->path, "12345678", 8);
    BUF_AUTO(exact, 8);
    BUF_AUTO(small, 7);
    assert_int_equal(file_read(fixture->path, &exact), ERR_OK);
    assert_string_equal(buf_str(&exact), "12345678");
    assert_int_equal(file_read(fixture->path, &small), ERR_TOO_LARGE);
}

static void reads_files_longer_than_a_chunk(void **state)
{
    struct fixture *fixture = *state;
    char content[10000];
    memset(content, 'x', sizeof content);
    test_write_file(fixture->path, content, sizeof content);
    BUF_AUTO(read, 20000);
    assert_int_equal(file_read(fixture->path, &read), ERR_OK);
    assert_int_equal(read.len, sizeof content);
    assert_memory_equal(read.data, content, sizeof content);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_pipes_to_their_end),
        TEST(makes_private_files),
        TEST(leaves_existing_files_alone),
        TEST(does_not_follow_links),
        TEST(writes_empty_files),
        TEST(says_why_it_cannot),
        TEST(of_several_processes_one_wins),
        TEST(reads_no_more_than_the_maximum),
        TEST(reads_files_longer_than_a_chunk),
    };
    return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
