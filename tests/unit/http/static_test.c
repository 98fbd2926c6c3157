#include "support_static.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void sends_a_file(void **state)
{
    FAKE_AUTO struct fake fake;
    char etag[1024];
    assert_int_equal(ask(*state, &fake, "/robots.txt", NULL), ERR_OK);
    assert_status(&fake, "200 OK");
    assert_header(&fake, "Content-Type", "text/plain; charset=utf-8");
    assert_header(&fake, "Content-Length", "14");
    assert_header(&fake, "Content-Encoding", NULL);
    assert_header(&fake, "Cache-Control", "no-cache");
    assert_int_equal(fake_header(&fake, "ETag", etag), 1);
    assert_true(etag[0] == '"' && etag[strlen(etag) - 1] == '"');
    assert_string_equal(fake_answer_body(&fake, NULL), "User-agent: *\n");
}

static void files_with_a_hash_in_their_name_are_cached_for_good(void **state)
{
    FAKE_AUTO struct fake fake;
    char value[1024];
    assert_int_equal(ask(*state, &fake, "/assets/app-1a2b.js", NULL), ERR_OK);
    assert_int_equal(fake_header(&fake, "Cache-Control", value), 1);
    assert_non_null(strstr(value, "immutable"));
    assert_non_null(strstr(value, "max-age=31536000"));
}

static void sends_a_type_for_each_name(void **state)
{
    static const struct {
        int line;
        const char *name;
        const char *type;
    } rows[] = {
        {__LINE__, "a.html", "text/html; charset=utf-8"},
        {__LINE__, "a.js", "text/javascript; charset=utf-8"},
        {__LINE__, "a.css", "text/css; charset=utf-8"},
        {__LINE__, "a.json", "application/json"},
        {__LINE__, "a.webmanifest", "application/manifest+json"},
        {__LINE__, "a.svg", "image/svg+xml"},
        {__LINE__, "a.png", "image/png"},
        {__LINE__, "a.ico", "image/x-icon"},
        {__LINE__, "a.woff2", "font/woff2"},
        {__LINE__, "a.min.js", "text/javascript; charset=utf-8"},
        {__LINE__, "a.js.exe", "application/octet-stream"},
        {__LINE__, "a.", "application/octet-stream"},
        {__LINE__, "html", "application/octet-stream"},
        {__LINE__, "a.xhtml", "application/octet-stream"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        char path[64];
        char value[1024];
        write_file(*state, rows[i].name, "x");
        snprintf(path, sizeof path, "/%s", rows[i].name);
        assert_row(rows[i].line, ask(*state, &fake, path, NULL) == ERR_OK);
        assert_row(rows[i].line, fake_header(&fake, "Content-Type", value) == 1);
        assert_row(rows[i].line, strcmp(value, rows[i].type) == 0);
    }
}

static void serves_neither_folders_nor_dot_files_nor_what_is_not_there(void **state)
{
    static const struct {
        int line;
        const char *path;
    } rows[] = {
        {__LINE__, "/"},
        {__LINE__, ""},
        {__LINE__, "//"},
        {__LINE__, "/nothing"},
        {__LINE__, "/robots"},
        {__LINE__, "/ROBOTS.TXT"},
        {__LINE__, "/robots.txt/"},
        {__LINE__, "/robots.txt/x"},
        {__LINE__, "/assets"},
        {__LINE__, "/assets/"},
        {__LINE__, "/assets/nothing.js"},
        {__LINE__, "/.env"},
        {__LINE__, "/.git/config"},
        {__LINE__, "/."},
        {__LINE__, "/.."},
        {__LINE__, "/../etc/passwd"},
        {__LINE__, "/assets/../robots.txt"},
        {__LINE__, "/assets/.."},
        {__LINE__, "/assets/./app-1a2b.js"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        FAKE_AUTO struct fake fake_page;
        const struct question page = {.page = true, .mount = "/chat"};
        assert_row(rows[i].line, ask(*state, &fake, rows[i].path, NULL) == ERR_NOT_FOUND);
        assert_row(rows[i].line, fake.out.len == 0);
        assert_row(rows[i].line, ask(*state, &fake_page, rows[i].path, &page) == ERR_NOT_FOUND);
    }
}

static void names_of_every_length_are_fine(void **state)
{
    static const struct {
        int line;
        size_t len;
        bool exists;
    } rows[] = {{__LINE__, 1, true},
                {__LINE__, 255, true},
                {__LINE__, 256, false},
                {__LINE__, 300, false},
                {__LINE__, 2000, false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        char name[2002] = "/";
        memset(name + 1, 'n', rows[i].len);
        name[1 + rows[i].len] = '\0';
        if (rows[i].exists)
            write_file(*state, name + 1, "x");
        enum err expected = rows[i].exists ? ERR_OK : ERR_NOT_FOUND;
        assert_row(rows[i].line, ask(*state, &fake, name, NULL) == expected);
    }
}

static void follows_no_symbolic_link(void **state)
{
    const struct folder *folder = *state;
    static const char *const paths[] = {"/link.txt", "/linked/app-1a2b.js", "/assets/passwd",
                                        "/broken"};
    assert_int_equal(symlinkat("robots.txt", folder->fd, "link.txt"), 0);
    assert_int_equal(symlinkat("assets", folder->fd, "linked"), 0);
    assert_int_equal(symlinkat("/etc/passwd", folder->fd, "assets/passwd"), 0);
    assert_int_equal(symlinkat("nowhere", folder->fd, "broken"), 0);
    for (size_t i = 0; i < COUNT(paths); i++) {
        FAKE_AUTO struct fake fake;
        assert_int_equal(ask(folder, &fake, paths[i], NULL), ERR_NOT_FOUND);
    }
}

static void is_not_held_up_by_a_fifo(void **state)
{
    const struct folder *folder = *state;
    FAKE_AUTO struct fake fake;
    assert_int_equal(mkfifoat(folder->fd, "fifo", 0644), 0);
    assert_int_equal(ask(folder, &fake, "/fifo", NULL), ERR_NOT_FOUND);
}

static void sends_a_file_up_to_its_maximum(void **state)
{
    const struct folder *folder = *state;
    FAKE_AUTO struct fake fake;
    FAKE_AUTO struct fake too_large;
    size_t len;
    int fd = openat(folder->fd, "big.bin", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_int_equal(ftruncate(fd, STATIC_FILE_MAX_BYTES), 0);
    assert_int_equal(ask(folder, &fake, "/big.bin", NULL), ERR_OK);
    fake_answer_body(&fake, &len);
    assert_int_equal(len, STATIC_FILE_MAX_BYTES);
    assert_int_equal(ftruncate(fd, STATIC_FILE_MAX_BYTES + 1), 0);
    assert_int_equal(ask(folder, &too_large, "/big.bin", NULL), ERR_NOT_FOUND);
    close(fd);
}

static void sends_an_empty_file(void **state)
{
    FAKE_AUTO struct fake fake;
    write_file(*state, "empty.txt", "");
    assert_int_equal(ask(*state, &fake, "/empty.txt", NULL), ERR_OK);
    assert_header(&fake, "Content-Length", "0");
    assert_string_equal(fake_answer_body(&fake, NULL), "");
}

static void the_answer_to_head_has_everything_but_the_body(void **state)
{
    FAKE_AUTO struct fake fake;
    const struct question head = {.verb = "HEAD"};
    assert_int_equal(ask(*state, &fake, "/robots.txt", &head), ERR_OK);
    assert_header(&fake, "Content-Length", "14");
    assert_header(&fake, "Content-Type", "text/plain; charset=utf-8");
    assert_string_equal(fake_answer_body(&fake, NULL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(sends_a_file),
        FOLDER_TEST(files_with_a_hash_in_their_name_are_cached_for_good),
        FOLDER_TEST(sends_a_type_for_each_name),
        FOLDER_TEST(serves_neither_folders_nor_dot_files_nor_what_is_not_there),
        FOLDER_TEST(names_of_every_length_are_fine),
        FOLDER_TEST(follows_no_symbolic_link),
        FOLDER_TEST(is_not_held_up_by_a_fifo),
        FOLDER_TEST(sends_a_file_up_to_its_maximum),
        FOLDER_TEST(sends_an_empty_file),
        FOLDER_TEST(the_answer_to_head_has_everything_but_the_body),
    };
    return cmocka_run_group_tests_name("http/static", tests, start_sodium, NULL);
}
