#include "support_http.h"

#include "http/path.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static enum err read_path(struct fake *fake, struct http_request *request, const char *site_path)
{
    *request = (struct http_request){
        .transport = &fake->transport,
        .path = BUF_MAX(HTTP_PATH_MAX_BYTES),
        .mount = BUF_MAX(HTTP_PATH_MAX_BYTES),
    };
    return http_path_read(request, site_path);
}

static const struct {
    int line;
    const char *uri;
    const char *path;
} good[] = {
    {__LINE__, "/", "/"},
    {__LINE__, "/a/b", "/a/b"},
    {__LINE__, "/a/", "/a/"},
    {__LINE__, "/?", "/"},
    {__LINE__, "/a/b?x=/y", "/a/b"},
    {__LINE__, "/a#/../b", "/a"},
    {__LINE__, "/a?/../b", "/a"},
    {__LINE__, "/a?%00%zz\\", "/a"},
    {__LINE__, "/a%20b", "/a b"},
    {__LINE__, "/%61%62%5A", "/abZ"},
    {__LINE__, "/a%3Fb%23c", "/a?b#c"},
    {__LINE__, "/a+b", "/a+b"},
    {__LINE__, "/100%25", "/100%"},
    /* decoded once, not until nothing is left to decode */
    {__LINE__, "/%2561", "/%61"},
    {__LINE__, "/%252e%252e/x", "/%2e%2e/x"},
    {__LINE__, "/%252f", "/%2f"},
    /* dots that are no dot segments */
    {__LINE__, "/...", "/..."},
    {__LINE__, "/.well-known/jwks.json", "/.well-known/jwks.json"},
    {__LINE__, "/a/..b/c../.d", "/a/..b/c../.d"},
    /* UTF-8, encoded or as it is */
    {__LINE__, "/%c3%a9", "/\xc3\xa9"},
    {__LINE__, "/\xc3\xa9", "/\xc3\xa9"},
    {__LINE__, "/%E2%82%AC/%F0%9F%98%80", "/\xe2\x82\xac/\xf0\x9f\x98\x80"},
    /* absolute form */
    {__LINE__, "http://example.com/x?y", "/x"},
    {__LINE__, "HTTPS://example.com:8443/x/y", "/x/y"},
    {__LINE__, "http://example.com", "/"},
    {__LINE__, "http://example.com/", "/"},
};

static void reads_the_path_of_a_uri(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        FAKE_AUTO struct fake fake;
        struct http_request request;
        fake_get(&fake, good[i].uri);
        assert_row(good[i].line, read_path(&fake, &request, NULL) == ERR_OK);
        assert_row(good[i].line, strcmp(buf_str(&request.path), good[i].path) == 0);
        assert_row(good[i].line, strcmp(buf_str(&request.mount), "") == 0);
        http_request_free(&request);
    }
}

/* RFC 9112 section 3.2.2: the slash belongs to the query. */
static void absolute_form_without_a_path_is_the_root(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    struct http_request request;
    fake_get(&fake, "http://example.com?next=/admin");
    assert_int_equal(read_path(&fake, &request, NULL), ERR_OK);
    assert_string_equal(buf_str(&request.path), "/");
    http_request_free(&request);
}

static const struct {
    int line;
    const char *uri;
} bad[] = {
    {__LINE__, NULL},
    {__LINE__, ""},
    {__LINE__, "*"},
    {__LINE__, "?x"},
    {__LINE__, "a/b"},
    {__LINE__, " /a"},
    {__LINE__, "ftp://example.com/"},
    {__LINE__, "example.com:443"},
    /* out of the site */
    {__LINE__, "/.."},
    {__LINE__, "/."},
    {__LINE__, "/../etc/passwd"},
    {__LINE__, "/a/../b"},
    {__LINE__, "/a/./b"},
    {__LINE__, "/a/.."},
    {__LINE__, "/a/.?x"},
    {__LINE__, "//../b"},
    {__LINE__, "/%2e%2e/b"},
    {__LINE__, "/.%2E/b"},
    {__LINE__, "/%2e/b"},
    {__LINE__, "/a/%2e%2e"},
    {__LINE__, "http://example.com/../x"},
    /* hidden separators */
    {__LINE__, "/a%2fb"},
    {__LINE__, "/a%2F"},
    {__LINE__, "/%2f%2fexample.com"},
    {__LINE__, "/..%2fb"},
    {__LINE__, "/a%5cb"},
    {__LINE__, "/a%5C"},
    {__LINE__, "/a\\b"},
    /* control characters */
    {__LINE__, "/%00"},
    {__LINE__, "/a%00.html"},
    {__LINE__, "/a%0d%0aX-Header:%20y"},
    {__LINE__, "/%0a"},
    {__LINE__, "/%09"},
    {__LINE__, "/%1f"},
    {__LINE__, "/%7F"},
    {__LINE__, "/\x01"},
    /* escapes that are none */
    {__LINE__, "/%"},
    {__LINE__, "/%2"},
    {__LINE__, "/%?2f"},
    {__LINE__, "/%zz"},
    {__LINE__, "/%2g"},
    {__LINE__, "/%%20"},
    {__LINE__, "/%u002e"},
    /* not UTF-8: a lone byte, overlong, a surrogate, beyond the last code point, cut off */
    {__LINE__, "/%ff"},
    {__LINE__, "/\xe9"},
    {__LINE__, "/%c0%af"},
    {__LINE__, "/%c0%ae%c0%ae/b"},
    {__LINE__, "/%ed%a0%80"},
    {__LINE__, "/%f4%90%80%80"},
    {__LINE__, "/%e2%82"},
};

static void refuses_what_is_malformed_and_can_be_answered_even_then(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        FAKE_AUTO struct fake fake;
        struct http_request request;
        fake_init(&fake);
        fake_param(&fake, "REQUEST_URI", bad[i].uri);
        assert_row(bad[i].line, read_path(&fake, &request, "/chat") == ERR_INVALID);
        assert_row(bad[i].line, strcmp(buf_str(&request.path), "/") == 0);
        assert_row(bad[i].line, strcmp(buf_str(&request.mount), "") == 0);
        http_request_free(&request);
    }
}

static void other_variables_do_not_make_up_for_request_uri(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    struct http_request request;
    fake_init(&fake);
    fake_param(&fake, "SCRIPT_NAME", "");
    fake_param(&fake, "PATH_INFO", "/x");
    fake_param(&fake, "DOCUMENT_URI", "/x");
    assert_int_equal(read_path(&fake, &request, NULL), ERR_INVALID);
    http_request_free(&request);
}

static void length_counts_without_the_query(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *begin;
        size_t filled_to;
        const char *end;
        enum err err;
    } rows[] = {
        {__LINE__, "/", HTTP_PATH_MAX_BYTES, "", ERR_OK},
        {__LINE__, "/", HTTP_PATH_MAX_BYTES, "?and=more", ERR_OK},
        {__LINE__, "/?", 5 * HTTP_PATH_MAX_BYTES, "", ERR_OK},
        {__LINE__, "/", HTTP_PATH_MAX_BYTES + 1, "", ERR_TOO_LARGE},
        {__LINE__, "/%41", HTTP_PATH_MAX_BYTES + 1, "", ERR_TOO_LARGE},
        {__LINE__, "/", 30000, "/..", ERR_TOO_LARGE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        BUF_AUTO(uri, 65536);
        buf_adds(&uri, rows[i].begin);
        while (uri.len < rows[i].filled_to)
            buf_adds(&uri, "a");
        buf_adds(&uri, rows[i].end);
        FAKE_AUTO struct fake fake;
        struct http_request request;
        fake_get(&fake, buf_str(&uri));
        assert_row(rows[i].line, read_path(&fake, &request, NULL) == rows[i].err);
        assert_row(rows[i].line, buf_str(&request.path)[0] == '/');
        http_request_free(&request);
    }
}

static const struct {
    int line;
    const char *site_path;
    const char *uri;
    const char *script_name;
    const char *path_info;
    const char *mount;
    const char *path;
} mounts[] = {
    /* at the root: nginx, lighttpd with fix-root-scriptname, mod_fcgid, Caddy */
    {__LINE__, NULL, "/x", "/x", NULL, "", "/x"},
    {__LINE__, NULL, "/x", "", "/x", "", "/x"},
    {__LINE__, NULL, "/", "", "/", "", "/"},
    {__LINE__, NULL, "/x", "/x", "", "", "/x"},
    {__LINE__, "", "/x", "/x", NULL, "", "/x"},
    {__LINE__, "", "/", "", "/", "", "/"},
    {__LINE__, "", "/x", NULL, NULL, "", "/x"},
    /* below /chat: nginx without and with fastcgi_split_path_info */
    {__LINE__, "/chat", "/chat/x?q", "/chat/x", NULL, "/chat", "/x"},
    {__LINE__, "/chat", "/chat/x?q", "/chat", "/x", "/chat", "/x"},
    {__LINE__, "/chat", "/chat/a%20b", "/chat", "/a b", "/chat", "/a b"},
    /* lighttpd; mod_fcgid has no PATH_INFO at the mount point itself */
    {__LINE__, "/chat", "/chat/", "/chat", "/", "/chat", "/"},
    {__LINE__, "/chat", "/chat", "/chat", NULL, "/chat", "/"},
    /* Caddy: handle_path takes the prefix off everywhere but in REQUEST_URI */
    {__LINE__, "/chat", "/chat/x", "/x", "", "/chat", "/x"},
    /* slashes that a server merged, a path that it split elsewhere */
    {__LINE__, "/chat", "/chat//x", "/chat", "/x", "/chat", "//x"},
    {__LINE__, "/a", "/a/b/x", "/a/b", "/x", "/a", "/b/x"},
    {__LINE__, "", "/chat/x", "/chat", "/x", "", "/chat/x"},
    {__LINE__, NULL, "/chat/x", "/chat", "/x", "", "/chat/x"},
    {__LINE__, NULL, "/chat.fcgi/x", "/chat.fcgi", "/x", "", "/chat.fcgi/x"},
    /* the mount point as the client writes it */
    {__LINE__, "/chat", "/chat?x", NULL, NULL, "/chat", "/"},
    {__LINE__, "/chat", "/%63hat/x", NULL, NULL, "/chat", "/x"},
    {__LINE__, "/a/b", "/a/b/c/d", NULL, NULL, "/a/b", "/c/d"},
    {__LINE__, "/chat", "http://example.com/chat/x", NULL, NULL, "/chat", "/x"},
    /* not below it */
    {__LINE__, "/chat", "/chatter/x", NULL, NULL, "", "/chatter/x"},
    {__LINE__, "/chat", "/other", NULL, NULL, "", "/other"},
    {__LINE__, "/chat", "/Chat/x", NULL, NULL, "", "/Chat/x"},
    {__LINE__, "/chat", "//chat/x", NULL, NULL, "", "//chat/x"},
    {__LINE__, "/chat", "/", "/chat", "/", "", "/"},
};

static void takes_the_mount_point_off_the_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mounts); i++) {
        FAKE_AUTO struct fake fake;
        struct http_request request;
        fake_get(&fake, mounts[i].uri);
        fake_param(&fake, "SCRIPT_NAME", mounts[i].script_name);
        fake_param(&fake, "PATH_INFO", mounts[i].path_info);
        assert_row(mounts[i].line, read_path(&fake, &request, mounts[i].site_path) == ERR_OK);
        assert_row(mounts[i].line, strcmp(buf_str(&request.mount), mounts[i].mount) == 0);
        assert_row(mounts[i].line, strcmp(buf_str(&request.path), mounts[i].path) == 0);
        http_request_free(&request);
    }
}

/* A page with <base href="//evil.example/"> would fetch its scripts from there. */
static void a_mount_point_never_reads_as_a_host(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *uri;
        const char *script_name;
        const char *path_info;
    } rows[] = {
        {__LINE__, "//evil.example/x", "//evil.example", "/x"},
        {__LINE__, "//evil.example/chat.fcgi/x", "//evil.example/chat.fcgi", "/x"},
        {__LINE__, "//evil.example/x", "/", "/evil.example/x"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        FAKE_AUTO struct fake fake;
        struct http_request request;
        fake_get(&fake, rows[i].uri);
        fake_param(&fake, "SCRIPT_NAME", rows[i].script_name);
        fake_param(&fake, "PATH_INFO", rows[i].path_info);
        if (read_path(&fake, &request, NULL) == ERR_OK) {
            const char *mount = buf_str(&request.mount);
            assert_row(rows[i].line, strncmp(mount, "//", 2) != 0 && strcmp(mount, "/") != 0);
        }
        http_request_free(&request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_path_of_a_uri),
        cmocka_unit_test(absolute_form_without_a_path_is_the_root),
        cmocka_unit_test(refuses_what_is_malformed_and_can_be_answered_even_then),
        cmocka_unit_test(other_variables_do_not_make_up_for_request_uri),
        cmocka_unit_test(length_counts_without_the_query),
        cmocka_unit_test(takes_the_mount_point_off_the_path),
        cmocka_unit_test(a_mount_point_never_reads_as_a_host),
    };
    return cmocka_run_group_tests_name("http/path", tests, NULL, NULL);
}
