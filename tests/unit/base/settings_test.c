#include "support.h"

#include "base/settings.h"

#include "base/secret.h"

#include <sodium.h>

struct fixture {
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
    struct problems problems;
    struct settings *settings;
};

static const char *const names[] = {"T_TEXT", "T_NUMBER", "T_CHOICE", "T_URL", "T_SECRET", NULL};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    assert_true(sodium_init() >= 0);
    for (int i = 0; names[i]; i++)
        unsetenv(names[i]);
    test_folder_make(fixture->folder);
    test_path(fixture->path, fixture->folder, "env");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    settings_free(fixture->settings);
    problems_free(&fixture->problems);
    test_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static void load(struct fixture *fixture, const char *content)
{
    test_write_file(fixture->path, content, strlen(content));
    fixture->settings = settings_load(fixture->path, &fixture->problems);
    assert_non_null(fixture->settings);
}

static void environment_wins_over_the_file(void **state)
{
    struct fixture *fixture = *state;
    setenv("T_TEXT", "from the environment", 1);
    load(fixture, "T_TEXT=from the file\nT_URL=http://file");
    assert_string_equal(settings_get(fixture->settings, "T_TEXT"), "from the environment");
    assert_string_equal(settings_get(fixture->settings, "T_URL"), "http://file");
    assert_null(settings_get(fixture->settings, "T_NUMBER"));
    assert_int_equal(fixture->problems.count, 0);
}

static void later_lines_win_and_blanks_go(void **state)
{
    struct fixture *fixture = *state;
    setenv("T_CHOICE", " \t ", 1);
    load(fixture, "T_TEXT=one\nT_TEXT='  two \n'\nT_CHOICE=a");
    assert_string_equal(settings_get(fixture->settings, "T_TEXT"), "two");
    assert_null(settings_get(fixture->settings, "T_CHOICE"));
}

static void names_what_is_wrong_with_the_file(void **state)
{
    struct fixture *fixture = *state;
    load(fixture, "A=1\nsecret nonsense\n");
    assert_int_equal(fixture->problems.count, 1);
    assert_non_null(strstr(buf_str(&fixture->problems.lines), "line 2"));
    assert_null(strstr(buf_str(&fixture->problems.lines), "nonsense"));
}

static void names_a_missing_file(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings = settings_load("/nowhere/env", &fixture->problems);
    assert_non_null(fixture->settings);
    assert_int_equal(fixture->problems.count, 1);
    assert_non_null(strstr(buf_str(&fixture->problems.lines), "/nowhere/env"));
}

static void refuses_a_file_that_is_too_large(void **state)
{
    struct fixture *fixture = *state;
    char *content = calloc(1, 70000);
    assert_non_null(content);
    memset(content, '#', 69999);
    load(fixture, content);
    free(content);
    assert_int_equal(fixture->problems.count, 1);
}

static void reads_numbers(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int line;
        const char *text;
        int64_t number; /* -1: a problem */
    } rows[] = {
        {__LINE__, "60", 60},
        {__LINE__, " 100 ", 100},
        {__LINE__, "", 77},
        {__LINE__, "59", -1},
        {__LINE__, "101", -1},
        {__LINE__, "-60", -1},
        {__LINE__, "60.5", -1},
        {__LINE__, "60s", -1},
        {__LINE__, "sixty", -1},
        {__LINE__, "0x50", -1},
        {__LINE__, "99999999999999999999", -1},
    };
    load(fixture, "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        setenv("T_NUMBER", rows[i].text, 1);
        fixture->problems.count = 0;
        int64_t number =
            settings_number(fixture->settings, "T_NUMBER", 60, 100, 77, &fixture->problems);
        bool bad = rows[i].number < 0;
        assert_row(rows[i].line, fixture->problems.count == (bad ? 1 : 0));
        assert_row(rows[i].line, number == (bad ? 77 : rows[i].number));
    }
}

static void reads_choices(void **state)
{
    struct fixture *fixture = *state;
    static const char *const choices[] = {"open", "closed", NULL};
    load(fixture, "T_CHOICE=closed");
    assert_int_equal(settings_choice(fixture->settings, "T_CHOICE", choices, 0, &fixture->problems),
                     1);
    assert_int_equal(settings_choice(fixture->settings, "T_TEXT", choices, 1, &fixture->problems),
                     1);
    assert_int_equal(fixture->problems.count, 0);
    setenv("T_CHOICE", "Closed", 1);
    assert_int_equal(settings_choice(fixture->settings, "T_CHOICE", choices, 0, &fixture->problems),
                     0);
    assert_string_equal(buf_str(&fixture->problems.lines),
                        "T_CHOICE: must be one of: open, closed\n");
}

static void reads_urls(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int line;
        const char *text;
        const char *url; /* NULL: a problem */
    } rows[] = {
        {__LINE__, "https://api.example.com", "https://api.example.com"},
        {__LINE__, "https://api.example.com//", "https://api.example.com"},
        {__LINE__, "http://localhost:8080/a/b/", "http://localhost:8080/a/b"},
        {__LINE__, "http://[::1]:3000", "http://[::1]:3000"},
        {__LINE__, "https://Chat.Example.com:443/Chat", "https://chat.example.com/Chat"},
        {__LINE__, "http://a.example:80", "http://a.example"},
        {__LINE__, "http://[::1]:80/", "http://[::1]"},
        {__LINE__, "http://a.example:443", "http://a.example:443"},
        {__LINE__, "https://a.example:80", "https://a.example:80"},
        {__LINE__, "http://a.example:8080", "http://a.example:8080"},
        {__LINE__, "https://a.example:4430", "https://a.example:4430"},
        {__LINE__, "https://a.example/x:443", "https://a.example/x:443"},
        {__LINE__, "https://", NULL},
        {__LINE__, "https:///path", NULL},
        {__LINE__, "ftp://example.com", NULL},
        {__LINE__, "example.com", NULL},
        {__LINE__, "javascript:alert(1)", NULL},
        {__LINE__, "https://user@example.com", NULL},
        {__LINE__, "https://example.com/?a=b", NULL},
        {__LINE__, "https://example.com/#a", NULL},
        {__LINE__, "https://exa mple.com", NULL},
        {__LINE__, "https://example.com/\x01", NULL},
        {__LINE__, "https://example.com/;script-src *", NULL},
    };
    load(fixture, "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        setenv("T_URL", rows[i].text, 1);
        fixture->problems.count = 0;
        char *url = settings_url(fixture->settings, "T_URL", "http://fallback", &fixture->problems);
        assert_row(rows[i].line, fixture->problems.count == (rows[i].url ? 0 : 1));
        assert_row(rows[i].line, rows[i].url ? url && strcmp(url, rows[i].url) == 0 : !url);
        free(url);
    }
}

static void gives_copies_and_fallbacks(void **state)
{
    struct fixture *fixture = *state;
    load(fixture, "T_TEXT=value");
    char *text = settings_text(fixture->settings, "T_TEXT", NULL);
    char *fallback = settings_text(fixture->settings, "T_SECRET", "other");
    char *url = settings_url(fixture->settings, "T_URL", "http://fallback", &fixture->problems);
    assert_string_equal(text, "value");
    assert_string_equal(fallback, "other");
    assert_string_equal(url, "http://fallback");
    assert_null(settings_text(fixture->settings, "T_SECRET", NULL));
    assert_int_equal(url_origin_length("https://a.example:8443/b/c"), 22);
    assert_int_equal(url_origin_length("http://a"), 8);
    free(text);
    free(fallback);
    free(url);
}

static void secrets_leave_where_they_were(void **state)
{
    struct fixture *fixture = *state;
    setenv("T_SECRET", " from-environment ", 1);
    const char *where = getenv("T_SECRET");
    load(fixture, "T_SECRET=from-file\nT_TEXT=file-alone");
    char *secret = settings_take_secret(fixture->settings, "T_SECRET");
    assert_string_equal(secret, "from-environment");
    assert_null(getenv("T_SECRET"));
    assert_null(strstr(where, "environment"));
    assert_null(settings_get(fixture->settings, "T_SECRET"));
    secret_free(secret);
    secret = settings_take_secret(fixture->settings, "T_TEXT");
    assert_string_equal(secret, "file-alone");
    assert_null(settings_get(fixture->settings, "T_TEXT"));
    assert_null(settings_take_secret(fixture->settings, "T_TEXT"));
    secret_free(secret);
}

static void write_settings(const struct fixture *fixture, const char *text)
{
    test_write_file(fixture->path, text, strlen(text));
}

static void reads_the_file_again(void **state)
{
    struct fixture *fixture = *state;
    setenv("T_SECRET", "from-environment", 1);
    load(fixture, "T_TEXT=old\nT_NUMBER=1\nT_SECRET=from-file");
    char *secret = settings_take_secret(fixture->settings, "T_SECRET");
    secret_free(secret);
    write_settings(fixture, "T_TEXT=new\nT_SECRET=another");
    settings_reload(fixture->settings, &fixture->problems);
    assert_int_equal(fixture->problems.count, 0);
    assert_string_equal(settings_get(fixture->settings, "T_TEXT"), "new");
    assert_null(settings_get(fixture->settings, "T_NUMBER"));
    secret = settings_take_secret(fixture->settings, "T_SECRET");
    assert_string_equal(secret, "from-environment");
    assert_null(settings_get(fixture->settings, "T_SECRET"));
    secret_free(secret);
}

static void secrets_of_the_file_are_back_after_a_reload(void **state)
{
    struct fixture *fixture = *state;
    load(fixture, "T_SECRET=one");
    secret_free(settings_take_secret(fixture->settings, "T_SECRET"));
    settings_reload(fixture->settings, &fixture->problems);
    char *secret = settings_take_secret(fixture->settings, "T_SECRET");
    assert_string_equal(secret, "one");
    secret_free(secret);
    write_settings(fixture, "T_SECRET=two");
    settings_reload(fixture->settings, &fixture->problems);
    secret = settings_take_secret(fixture->settings, "T_SECRET");
    assert_string_equal(secret, "two");
    secret_free(secret);
}

static void forgets_the_file_until_then(void **state)
{
    struct fixture *fixture = *state;
    setenv("T_URL", "http://environment", 1);
    load(fixture, "T_TEXT=text\nT_SECRET=secret");
    settings_forget_file(fixture->settings);
    assert_null(settings_get(fixture->settings, "T_TEXT"));
    assert_null(settings_take_secret(fixture->settings, "T_SECRET"));
    assert_string_equal(settings_get(fixture->settings, "T_URL"), "http://environment");
    settings_reload(fixture->settings, &fixture->problems);
    assert_string_equal(settings_get(fixture->settings, "T_TEXT"), "text");
}

static void names_what_is_wrong_at_a_reload(void **state)
{
    struct fixture *fixture = *state;
    load(fixture, "T_TEXT=old");
    assert_int_equal(unlink(fixture->path), 0);
    settings_reload(fixture->settings, &fixture->problems);
    assert_int_equal(fixture->problems.count, 1);
    assert_non_null(strstr(buf_str(&fixture->problems.lines), fixture->path));
    assert_null(settings_get(fixture->settings, "T_TEXT"));
}

static void warnings_are_no_problems(void **state)
{
    struct fixture *fixture = *state;
    warning_add(&fixture->problems, "T_TEXT", "is %s", "odd");
    warning_add(&fixture->problems, "T_NUMBER", "too");
    assert_int_equal(fixture->problems.count, 0);
    assert_int_equal(fixture->problems.lines.len, 0);
    assert_string_equal(buf_str(&fixture->problems.warnings), "T_TEXT: is odd\nT_NUMBER: too\n");
}

static void secrets_compare(void **state)
{
    (void)state;
    assert_true(secret_equal("", ""));
    assert_true(secret_equal("abc", "abc"));
    assert_false(secret_equal("abc", "abd"));
    assert_false(secret_equal("abc", "abcd"));
    secret_free(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(environment_wins_over_the_file),
        TEST(later_lines_win_and_blanks_go),
        TEST(names_what_is_wrong_with_the_file),
        TEST(names_a_missing_file),
        TEST(refuses_a_file_that_is_too_large),
        TEST(reads_numbers),
        TEST(reads_choices),
        TEST(reads_urls),
        TEST(gives_copies_and_fallbacks),
        TEST(secrets_leave_where_they_were),
        TEST(reads_the_file_again),
        TEST(secrets_of_the_file_are_back_after_a_reload),
        TEST(forgets_the_file_until_then),
        TEST(names_what_is_wrong_at_a_reload),
        TEST(warnings_are_no_problems),
        TEST(secrets_compare),
    };
    return cmocka_run_group_tests_name("base/settings", tests, NULL, NULL);
}
