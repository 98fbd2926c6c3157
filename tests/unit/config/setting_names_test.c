#include "support.h"

#include "config/setting_names.h"

#include <sodium.h>

static void finds_what_was_meant(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *written;
        const char *meant; /* NULL: nothing is near */
    } rows[] = {
        {__LINE__, "CHAT_SINGUP", "CHAT_SIGNUP"},
        {__LINE__, "CHAT_SIGN_UP", "CHAT_SIGNUP"},
        {__LINE__, "BEHEST_BASEURL", "BEHEST_BASE_URL"},
        {__LINE__, "BEHEST_TENANT", NULL},
        {__LINE__, "BEHEST_TENANTID", "BEHEST_TENANT_ID"},
        {__LINE__, "BEHEST_KEYFILE", "BEHEST_KEY_FILE"},
        {__LINE__, "GATEWAY_ALLOWED_ORIGIN", "GATEWAY_ALLOWED_ORIGINS"},
        {__LINE__, "GATEWAY_TIER", "GATEWAY_TIERS"},
        {__LINE__, "CHAT_KEY", NULL},
        {__LINE__, "CHAT_", NULL},
        {__LINE__, "CHAT_THEME_OF_THE_PAGE", NULL},
        {__LINE__, "", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *nearest = setting_names_nearest(rows[i].written);
        assert_row(rows[i].line, rows[i].meant ? nearest && strcmp(nearest, rows[i].meant) == 0
                                               : nearest == NULL);
    }
    char longest[129];
    memset(longest, 'X', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(setting_names_nearest(longest));
}

static void warns_of_the_file_alone(void **state)
{
    (void)state;
    static const char content[] = "CHAT_SINGUP=open\nGATEWAY_NONSENSE=1\nMODELENCE_SERVICE=x\n"
                                  "CHAT_SIGNUP=open\nGATEWAY_TIERS=1:1,1,1\nchat_signup=open\n";
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
    struct problems problems = {.count = 0};
    test_folder_make(folder);
    test_path(path, folder, "env");
    test_write_file(path, content, sizeof content - 1);
    assert_int_equal(setenv("CHAT_OF_ANOTHER_PROGRAM", "1", 1), 0);
    struct settings *settings = settings_load(path, &problems);
    assert_non_null(settings);
    setting_names_check(settings, &problems);
    assert_int_equal(problems.count, 0);
    assert_string_equal(buf_str(&problems.warnings),
                        "GATEWAY_NONSENSE: is not a setting\n"
                        "CHAT_SINGUP: is not a setting; did you mean CHAT_SIGNUP?\n");
    problems_free(&problems);
    settings_free(settings);
    test_folder_remove(folder);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_meant),
        cmocka_unit_test(warns_of_the_file_alone),
    };
    return cmocka_run_group_tests_name("config/setting_names", tests, NULL, NULL);
}
