/* A folder with a built page in it, and what http/static answers from there. */
#ifndef BEHEST_TESTS_SUPPORT_STATIC_H
#define BEHEST_TESTS_SUPPORT_STATIC_H

#include "support_http.h"

#include "http/static.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

struct folder {
    char path[TEST_PATH_SIZE];
    int fd;
};

static inline void write_file(const struct folder *folder, const char *name, const char *content)
{
    char path[TEST_PATH_SIZE];
    test_path(path, folder->path, name);
    test_write_file(path, content, strlen(content));
}

static inline int make_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    assert_non_null(folder);
    test_folder_make(folder->path);
    folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(folder->fd >= 0);
    assert_int_equal(mkdirat(folder->fd, "assets", 0755), 0);
    assert_int_equal(mkdirat(folder->fd, ".git", 0755), 0);
    write_file(folder, "index.html", "<head><base href=\"/\"></head>");
    write_file(folder, "assets/app-1a2b.js", "let a;");
    write_file(folder, "assets/app-1a2b.js.gz", "zipped");
    write_file(folder, "robots.txt", "User-agent: *\n");
    write_file(folder, ".env", "KEY=1");
    write_file(folder, ".git/config", "secret");
    *state = folder;
    return 0;
}

static inline int free_folder(void **state)
{
    struct folder *folder = *state;
    close(folder->fd);
    test_folder_remove(folder->path);
    free(folder);
    return 0;
}

#define FOLDER_TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, free_folder)

struct question {
    const char *verb; /* NULL: GET */
    const char *accept_encoding;
    const char *if_none_match;
    const char *mount;
    bool page; /* http_static_send_page() */
};

/* What the library returns; the answer, if there is one, is in fake. */
static inline enum err ask(const struct folder *folder, struct fake *fake, const char *path,
                           const struct question *question)
{
    static const struct question plain = {0};
    struct http_exchange exchange = {0};
    if (!question)
        question = &plain;
    fake_init(fake);
    fake_param(fake, "REQUEST_METHOD", question->verb ? question->verb : "GET");
    fake_param(fake, "REQUEST_URI", "/");
    fake_param(fake, "HTTP_ACCEPT_ENCODING", question->accept_encoding);
    fake_param(fake, "HTTP_IF_NONE_MATCH", question->if_none_match);
    http_response_init(&exchange.response, &fake->transport);
    assert_int_equal(http_request_init(&exchange.request, &fake->transport, NULL, NULL), ERR_OK);
    if (question->mount)
        buf_adds(&exchange.request.mount, question->mount);
    exchange.response.omit_body = exchange.request.verb == HTTP_HEAD;
    enum err err = question->page ? http_static_send_page(&exchange, folder->fd, path)
                                  : http_static_send(&exchange, folder->fd, path);
    if (!err && !exchange.response.started)
        err = http_response_send(&exchange.response);
    http_response_free(&exchange.response);
    http_request_free(&exchange.request);
    return err;
}

static inline int start_sodium(void **state)
{
    (void)state;
    return sodium_init() < 0;
}

#endif
