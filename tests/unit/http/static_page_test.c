#include "support_static.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    int line;
    const char *accept_encoding;
    bool gzip;
} encodings[] = {
    {__LINE__, NULL, false},
    {__LINE__, "", false},
    {__LINE__, "gzip", true},
    {__LINE__, "GZIP", true},
    {__LINE__, "gzip, deflate, br", true},
    {__LINE__, "br;q=1.0,gzip;q=0.5", true},
    {__LINE__, "br, gzip ; q=0.5", true},
    {__LINE__, "deflate,\tgzip;q=1", true},
    {__LINE__, "gzip;q=0.001", true},
    {__LINE__, "gzip;q=0", false},
    {__LINE__, "gzip;Q=0", false},
    {__LINE__, "gzip; q=0.000", false},
    {__LINE__, "br, gzip;q=0, deflate", false},
    {__LINE__, "identity", false},
    {__LINE__, "br", false},
    {__LINE__, "x-gzip", false},
    {__LINE__, "gzipped", false},
    {__LINE__, "deflate;x=gzip", false},
    {__LINE__, ",;,", false},
};

static void sends_the_compressed_file_to_whoever_accepts_it(void **state)
{
    for (size_t i = 0; i < COUNT(encodings); i++) {
        FAKE_AUTO struct fake fake;
        char value[1024];
        const struct question question = {.accept_encoding = encodings[i].accept_encoding};
        assert_row(encodings[i].line,
                   ask(*state, &fake, "/assets/app-1a2b.js", &question) == ERR_OK);
        int count = fake_header(&fake, "Content-Encoding", value);
        assert_row(encodings[i].line, count == encodings[i].gzip);
        assert_row(encodings[i].line, !count || strcmp(value, "gzip") == 0);
        assert_row(encodings[i].line, strcmp(fake_answer_body(&fake, NULL),
                                             encodings[i].gzip ? "zipped" : "let a;") == 0);
        assert_header(&fake, "Vary", "Accept-Encoding");
        assert_header(&fake, "Content-Type", "text/javascript; charset=utf-8");
        assert_header(&fake, "Content-Length", "6");
    }
}

static void without_a_compressed_file_sends_the_plain_one(void **state)
{
    const struct folder *folder = *state;
    const struct question gzip = {.accept_encoding = "gzip"};
    FAKE_AUTO struct fake fake;
    FAKE_AUTO struct fake linked;
    assert_int_equal(ask(folder, &fake, "/robots.txt", &gzip), ERR_OK);
    assert_header(&fake, "Content-Encoding", NULL);
    assert_int_equal(symlinkat("assets/app-1a2b.js.gz", folder->fd, "robots.txt.gz"), 0);
    assert_int_equal(ask(folder, &linked, "/robots.txt", &gzip), ERR_OK);
    assert_header(&linked, "Content-Encoding", NULL);
}

static void a_compressed_file_alone_is_no_page(void **state)
{
    const struct question gzip = {.accept_encoding = "gzip"};
    FAKE_AUTO struct fake fake;
    write_file(*state, "alone.js.gz", "zipped");
    assert_int_equal(ask(*state, &fake, "/alone.js", &gzip), ERR_NOT_FOUND);
}

static void read_etag(const struct folder *folder, const char *path,
                      const struct question *question, char etag[static 1024])
{
    FAKE_AUTO struct fake fake;
    assert_int_equal(ask(folder, &fake, path, question), ERR_OK);
    assert_int_equal(fake_header(&fake, "ETag", etag), 1);
}

static void whoever_has_the_file_gets_a_304(void **state)
{
    static const struct {
        int line;
        const char *format; /* of If-None-Match, from the ETag */
        bool has;
    } rows[] = {
        {__LINE__, "%s", true},
        {__LINE__, "W/%s", true},
        {__LINE__, "\"other\", %s", true},
        {__LINE__, "%s,\"other\"", true},
        {__LINE__, "*", true},
        {__LINE__, "\"other\"", false},
        {__LINE__, "", false},
    };
    char etag[1024];
    read_etag(*state, "/robots.txt", NULL, etag);
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        char value[1024];
        char known[2048];
        const char *mark = strstr(rows[i].format, "%s");
        int before = mark ? (int)(mark - rows[i].format) : (int)strlen(rows[i].format);
        snprintf(known, sizeof known, "%.*s%s%s", before, rows[i].format, mark ? etag : "",
                 mark ? mark + 2 : "");
        const struct question question = {.if_none_match = known};
        assert_row(rows[i].line, ask(*state, &fake, "/robots.txt", &question) == ERR_OK);
        fake_header(&fake, "Status", value);
        assert_row(rows[i].line, strcmp(value, rows[i].has ? "304 Not Modified" : "200 OK") == 0);
        assert_row(rows[i].line, !*fake_answer_body(&fake, NULL) == rows[i].has);
        assert_header(&fake, "ETag", etag);
        assert_header(&fake, "Cache-Control", "no-cache");
        assert_header(&fake, "Vary", "Accept-Encoding");
    }
}

static void another_file_has_another_etag(void **state)
{
    const struct folder *folder = *state;
    const struct question gzip = {.accept_encoding = "gzip"};
    const struct question mounted = {.page = true, .mount = "/chat"};
    const struct question page = {.page = true};
    char old[1024];
    char other[1024];
    const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    read_etag(folder, "/robots.txt", NULL, old);
    write_file(folder, "robots.txt", "User-agent: +\n");
    assert_int_equal(utimensat(folder->fd, "robots.txt", times, 0), 0);
    read_etag(folder, "/robots.txt", NULL, other);
    assert_string_not_equal(old, other);
    /* the same file in two forms */
    read_etag(folder, "/assets/app-1a2b.js", NULL, old);
    read_etag(folder, "/assets/app-1a2b.js", &gzip, other);
    assert_string_not_equal(old, other);
    read_etag(folder, "/index.html", &page, old);
    read_etag(folder, "/index.html", &mounted, other);
    assert_string_not_equal(old, other);
}

static const struct {
    int line;
    const char *mount;
    const char *page;
    const char *sent;
} pages[] = {
    {__LINE__, "", "<base href=\"/\">", "<base href=\"/\">"},
    {__LINE__, "/chat", "<base href=\"/\">", "<base href=\"/chat/\">"},
    {__LINE__, "/a/b", "<a><base href=\"/\"><b>", "<a><base href=\"/a/b/\"><b>"},
    {__LINE__, "/a\"><script>", "<base href=\"/\">", "<base href=\"/a&quot;>&lt;script>/\">"},
    {__LINE__, "/a&b", "<base href=\"/\">", "<base href=\"/a&amp;b/\">"},
    {__LINE__, "/chat", "no base", "no base"},
    {__LINE__, "/chat", "<base href=\"/x\">", "<base href=\"/x\">"},
    {__LINE__, "/chat", "", ""},
};

static void a_page_gets_the_mount_point_for_its_base(void **state)
{
    for (size_t i = 0; i < COUNT(pages); i++) {
        FAKE_AUTO struct fake fake;
        const struct question question = {.page = true, .mount = pages[i].mount};
        write_file(*state, "page.html", pages[i].page);
        assert_row(pages[i].line, ask(*state, &fake, "/page.html", &question) == ERR_OK);
        assert_row(pages[i].line, strcmp(fake_answer_body(&fake, NULL), pages[i].sent) == 0);
        assert_header(&fake, "Content-Type", "text/html; charset=utf-8");
        char length[24];
        snprintf(length, sizeof length, "%zu", strlen(pages[i].sent));
        assert_header(&fake, "Content-Length", length);
    }
}

static void a_mounted_page_is_asked_for_again_and_can_be_304(void **state)
{
    struct question question = {.page = true, .mount = "/chat", .accept_encoding = "gzip"};
    char etag[1024];
    FAKE_AUTO struct fake fake;
    FAKE_AUTO struct fake head;
    read_etag(*state, "/index.html", &question, etag);
    question.if_none_match = etag;
    assert_int_equal(ask(*state, &fake, "/index.html", &question), ERR_OK);
    assert_status(&fake, "304 Not Modified");
    assert_header(&fake, "Cache-Control", "no-cache");
    assert_string_equal(fake_answer_body(&fake, NULL), "");
    question.if_none_match = NULL;
    question.verb = "HEAD";
    assert_int_equal(ask(*state, &head, "/index.html", &question), ERR_OK);
    assert_header(&head, "Content-Length", "33");
    assert_string_equal(fake_answer_body(&head, NULL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(sends_the_compressed_file_to_whoever_accepts_it),
        FOLDER_TEST(without_a_compressed_file_sends_the_plain_one),
        FOLDER_TEST(a_compressed_file_alone_is_no_page),
        FOLDER_TEST(whoever_has_the_file_gets_a_304),
        FOLDER_TEST(another_file_has_another_etag),
        FOLDER_TEST(a_page_gets_the_mount_point_for_its_base),
        FOLDER_TEST(a_mounted_page_is_asked_for_again_and_can_be_304),
    };
    return cmocka_run_group_tests_name("http/static-page", tests, start_sodium, NULL);
}
