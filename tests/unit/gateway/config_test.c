#include "gateway/keys.h"

#include "gateway/config.h"
#include "gateway/signing_key.h"

#include <sodium.h>
#include <sys/stat.h>

static void knows_origins(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        bool valid;
    } rows[] = {
        {__LINE__, "https://chat.example.com", true},
        {__LINE__, "http://localhost:3000", true},
        {__LINE__, "http://127.0.0.1:3000", true},
        {__LINE__, "http://[::1]:3000", true},
        {__LINE__, "https://xn--bcher-kva.example:8443", true},
        {__LINE__, "http://example.com:443", true},
        {__LINE__, "", false},
        {__LINE__, "*", false},
        {__LINE__, "null", false},
        {__LINE__, "chat.example.com", false},
        {__LINE__, "ftp://chat.example.com", false},
        {__LINE__, "https://", false},
        {__LINE__, "https://Chat.example.com", false},
        {__LINE__, "https://chat.example.com/", false},
        {__LINE__, "https://chat.example.com/x", false},
        {__LINE__, "https://chat.example.com:443", false},
        {__LINE__, "http://chat.example.com:80", false},
        {__LINE__, "http://chat.example.com:", false},
        {__LINE__, "http://chat.example.com:0", false},
        {__LINE__, "http://chat.example.com:65536", false},
        {__LINE__, "http://chat.example.com:80a", false},
        {__LINE__, "http://user@chat.example.com", false},
        {__LINE__, "https://*.example.com", false},
        {__LINE__, "http://[::1", false},
        {__LINE__, "http://.example.com", false},
        {__LINE__, "https://a b", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_row(rows[i].line, is_origin(rows[i].text) == rows[i].valid);
}

static void set(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void clear_environment(void)
{
    static const char *const names[] = {
        "GATEWAY_DATABASE", "GATEWAY_API_KEY", "GATEWAY_ALLOWED_ORIGINS", "GATEWAY_SIGNING_KEY",
        "GATEWAY_JWKS",     "GATEWAY_ISSUER",  "GATEWAY_AUDIENCE",        "GATEWAY_UPSTREAM_URL",
        "GATEWAY_MODEL",    "GATEWAY_TIERS",   "GATEWAY_UPSTREAM_KEY",    "GATEWAY_LOG_LEVEL",
        "GATEWAY_SITE_URL",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        set(names[i], NULL);
}

/* Reads the environment; what is wrong is left in problems. */
static struct gateway_config read_config(struct problems *problems)
{
    struct gateway_config config;
    struct settings *settings = settings_load(NULL, problems);
    assert_non_null(settings);
    gateway_config_read(settings, problems, &config);
    settings_free(settings);
    return config;
}

static void has_defaults(void **state)
{
    (void)state;
    clear_environment();
    set("GATEWAY_DATABASE", "/nowhere/gateway.db");
    set("GATEWAY_API_KEY", "behest_sk_live_0123456789abcdef01234567");
    set("GATEWAY_ALLOWED_ORIGINS", " http://localhost:3000 ,https://chat.example.com,");
    set("GATEWAY_UPSTREAM_URL", "http://127.0.0.1:11434/v1/");
    struct problems problems = {.count = 0};
    struct gateway_config config = read_config(&problems);
    assert_int_equal(problems.count, 0);
    assert_string_equal(config.origins[0], "http://localhost:3000");
    assert_string_equal(config.origins[1], "https://chat.example.com");
    assert_null(config.origins[2]);
    assert_string_equal(config.site_path, "");
    assert_string_equal(config.signing_key, "/nowhere/gateway.db.key.pem");
    assert_string_equal(config.issuer, "https://api.behest.ai");
    assert_string_equal(config.audience, "behest");
    assert_string_equal(config.upstream_url, "http://127.0.0.1:11434/v1");
    assert_null(config.model);
    assert_int_equal(config.tiers.count, 3);
    assert_true(config.user_bytes == INT64_C(1024) << 20);
    assert_null(getenv("GATEWAY_API_KEY"));
    gateway_config_free(&config);
    problems_free(&problems);
}

static void takes_the_path_from_the_address(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *url;
        const char *path; /* NULL: a problem */
    } rows[] = {
        {__LINE__, "https://gateway.example.com", ""},
        {__LINE__, "https://gateway.example.com/", ""},
        {__LINE__, "https://chat.example.com/gateway", "/gateway"},
        {__LINE__, "https://chat.example.com:8443/a/gateway//", "/a/gateway"},
        {__LINE__, "http://[::1]:3000/gateway", "/gateway"},
        {__LINE__, "", ""},
        {__LINE__, "/gateway", NULL},
        {__LINE__, "chat.example.com/gateway", NULL},
        {__LINE__, "https://chat.example.com/gateway?x", NULL},
    };
    clear_environment();
    set("GATEWAY_DATABASE", "/nowhere/gateway.db");
    set("GATEWAY_JWKS", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set("GATEWAY_API_KEY", "behest_sk_live_0123456789abcdef01234567");
        set("GATEWAY_SITE_URL", rows[i].url);
        struct problems problems = {.count = 0};
        struct gateway_config config = read_config(&problems);
        assert_row(rows[i].line, problems.count == (rows[i].path ? 0 : 1));
        assert_row(rows[i].line, !rows[i].path || strcmp(config.site_path, rows[i].path) == 0);
        gateway_config_free(&config);
        problems_free(&problems);
    }
    clear_environment();
}

static void names_all_that_is_wrong_at_once(void **state)
{
    (void)state;
    clear_environment();
    set("GATEWAY_API_KEY", "behest_sk_live_short");
    set("GATEWAY_ALLOWED_ORIGINS", "http://localhost:3000,*");
    set("GATEWAY_JWKS", "/nowhere/jwks.json");
    set("GATEWAY_TIERS", "1:1");
    set("GATEWAY_UPSTREAM_KEY", "sk-somewhat-secret");
    set("GATEWAY_LOG_LEVEL", "loud");
    struct problems problems = {.count = 0};
    struct gateway_config config = read_config(&problems);
    static const char *const said[] = {
        "GATEWAY_DATABASE: ",        "GATEWAY_API_KEY: ", "GATEWAY_ALLOWED_ORIGINS: * is",
        "GATEWAY_JWKS: /nowhere/jw", "GATEWAY_TIERS: ",   "GATEWAY_UPSTREAM_URL: ",
        "GATEWAY_LOG_LEVEL: ",
    };
    assert_int_equal(problems.count, sizeof said / sizeof *said);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        assert_non_null(strstr(buf_str(&problems.lines), said[i]));
    assert_null(strstr(buf_str(&problems.lines), "short"));
    assert_null(strstr(buf_str(&problems.lines), "somewhat-secret"));
    gateway_config_free(&config);
    problems_free(&problems);
    clear_environment();
}

static void makes_the_signing_key_once(void **state)
{
    (void)state;
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
    test_folder_make(folder);
    test_path(path, folder, "key.pem");
    EVP_PKEY *first = NULL;
    EVP_PKEY *second = NULL;
    assert_int_equal(signing_key_read(path, &first), ERR_NOT_FOUND);
    assert_int_equal(signing_key_open(path, &first), ERR_OK);
    assert_int_equal(signing_key_open(path, &second), ERR_OK);
    assert_int_equal(EVP_PKEY_eq(first, second), 1);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    EVP_PKEY_free(first);
    EVP_PKEY_free(second);
    test_write_file(path, "nonsense", 8);
    assert_int_equal(signing_key_open(path, &first), ERR_INVALID);
    test_folder_remove(folder);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_origins),
        cmocka_unit_test(has_defaults),
        cmocka_unit_test(takes_the_path_from_the_address),
        cmocka_unit_test(names_all_that_is_wrong_at_once),
        cmocka_unit_test(makes_the_signing_key_once),
    };
    return cmocka_run_group_tests_name("gateway/config", tests, NULL, NULL);
}
