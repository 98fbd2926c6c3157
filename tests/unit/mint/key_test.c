#include "support_keys.h"

#include "mint/key.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum form { PKCS8, PKCS1 };

static void add_pem(EVP_PKEY *key, enum form form, struct buf *pem)
{
    if (form == PKCS8)
        keys_pkcs8(key, NULL, pem);
    else
        keys_traditional(key, NULL, pem);
}

static enum err parse(const char *text, struct mint_key *key)
{
    const char *problem = NULL;
    enum err err = mint_key_parse(text, key, &problem);
    if (err == ERR_INVALID && !problem)
        fail_msg("no sentence for %s", text);
    return err;
}

/* Fails unless text is read as the signing key expected. */
static void assert_signing_key(int line, const char *text, const EVP_PKEY *expected)
{
    struct mint_key key = {0};
    assert_row(line, parse(text, &key) == ERR_OK);
    assert_row(line, key.rsa && !key.api_key);
    assert_row(line, EVP_PKEY_eq(key.rsa, expected) == 1);
    mint_key_free(&key);
    assert_row(line, !key.rsa);
}

static void an_api_key_mints_over_http(void **state)
{
    (void)state;
    static const char *const texts[] = {"behest_sk_live_a", "behest_sk_live_0123456789abcdef",
                                        "behest_sk_live_a-b_c.d~e+f/g="};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct mint_key key = {0};
        assert_int_equal(parse(texts[i], &key), ERR_OK);
        assert_string_equal(key.api_key, texts[i]);
        assert_null(key.rsa);
        mint_key_free(&key);
        assert_null(key.api_key);
    }
}

static void a_signing_key_has_many_forms(void **state)
{
    const struct keys *keys = *state;
    static const char *const prefixes[] = {"", "behest_pk_"};
    static const size_t line_lengths[] = {0, 64, 76, 4};
    for (int form = PKCS8; form <= PKCS1; form++) {
        BUF_AUTO(pem, PEM_MAX);
        add_pem(keys->rsa, (enum form)form, &pem);
        for (size_t i = 0; i < COUNT(prefixes); i++) {
            BUF_AUTO(text, PEM_MAX);
            buf_adds(&text, prefixes[i]);
            buf_adds(&text, buf_str(&pem));
            assert_signing_key(__LINE__, buf_str(&text), keys->rsa);
            for (size_t j = 0; j < COUNT(line_lengths); j++) {
                buf_clear(&text);
                buf_adds(&text, prefixes[i]);
                keys_base64(&pem, line_lengths[j], &text);
                assert_signing_key(__LINE__, buf_str(&text), keys->rsa);
            }
        }
    }
}

static void padding_and_white_space_around_base64_do_not_matter(void **state)
{
    const struct keys *keys = *state;
    BUF_AUTO(pem, PEM_MAX);
    BUF_AUTO(text, 2 * PEM_MAX);
    keys_pkcs8(keys->rsa, NULL, &pem);
    while (pem.len % 3 != 1) /* so that there are two signs of padding */
        buf_adds(&pem, "\n");
    buf_adds(&text, "behest_pk_");
    keys_base64(&pem, 0, &text);
    assert_string_equal(buf_str(&text) + text.len - 2, "==");
    buf_adds(&text, " \r\n");
    assert_signing_key(__LINE__, buf_str(&text), keys->rsa);
    text.data[text.len - 5] = '\0';
    assert_signing_key(__LINE__, buf_str(&text), keys->rsa);
}

static void a_pem_may_have_crlf_and_other_things_around_it(void **state)
{
    const struct keys *keys = *state;
    BUF_AUTO(pem, PEM_MAX);
    BUF_AUTO(crlf, PEM_MAX);
    keys_pkcs8(keys->rsa, NULL, &pem);
    for (const char *at = buf_str(&pem); *at; at++) {
        if (*at == '\n')
            buf_adds(&crlf, "\r");
        buf_add(&crlf, at, 1);
    }
    assert_signing_key(__LINE__, buf_str(&crlf), keys->rsa);
    while (pem.len && pem.data[pem.len - 1] == '\n')
        pem.data[--pem.len] = '\0';
    assert_signing_key(__LINE__, buf_str(&pem), keys->rsa);
    BUF_AUTO(with_public, PEM_MAX);
    keys_public(keys->rsa, &with_public);
    buf_adds(&with_public, buf_str(&pem));
    assert_signing_key(__LINE__, buf_str(&with_public), keys->rsa);
}

static const struct {
    int line;
    const char *text;
} wrong[] = {
    {__LINE__, ""},
    {__LINE__, " "},
    {__LINE__, "SeCrEt"},
    {__LINE__, "sk-SeCrEt"},
    {__LINE__, "behest_sk_live"},
    {__LINE__, "behest_sk_live_"},
    {__LINE__, "behest_sk_test_SeCrEt"},
    {__LINE__, "BEHEST_SK_LIVE_SeCrEt"},
    {__LINE__, "\"behest_sk_live_SeCrEt\""},
    {__LINE__, "Bearer behest_sk_live_SeCrEt"},
    {__LINE__, "behest_sk_live_SeCrEt and more"},
    {__LINE__, "behest_sk_live_SeCrEt\nX-Header: 1"},
    {__LINE__, "behest_sk_live_SeCrEt\t"},
    {__LINE__, "behest_sk_live_SeCr\xc3\xa9t"},
    {__LINE__, "behest_sk_live_SeCrEt\x7f"},
    {__LINE__, "behest_pk_"},
    {__LINE__, "behest_pk_SeCrEt"},
    {__LINE__, "behest_pk_behest_pk_SeCrEt"},
    {__LINE__, "behest_pk_====SeCrEt"},
    {__LINE__, "U2VDckV0"},
    {__LINE__, "-----BEGIN"},
    {__LINE__, "-----BEGIN SeCrEt-----"},
    {__LINE__, "-----BEGIN PRIVATE KEY-----\nSeCrEtSeCrEt\n-----END PRIVATE KEY-----\n"},
    {__LINE__, "-----BEGIN PRIVATE KEY-----\nSeCrEt"},
    {__LINE__, "-----BEGIN RSA PRIVATE KEY-----\nMAMCAQA=\n-----END RSA PRIVATE KEY-----\n"},
    {__LINE__, "/etc/behest/SeCrEt.pem"},
};

static void anything_else_is_refused_without_repeating_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct mint_key key = {0};
        const char *problem = NULL;
        assert_row(wrong[i].line, mint_key_parse(wrong[i].text, &key, &problem) == ERR_INVALID);
        assert_row(wrong[i].line, !key.api_key && !key.rsa);
        assert_row(wrong[i].line, problem && strstr(problem, "behest_sk_live_"));
        assert_row(wrong[i].line, !strstr(problem, "SeCr"));
    }
}

/* Asserts that neither the PEM nor its base64 passes for a key. */
static void assert_no_key(int line, const struct buf *pem)
{
    struct mint_key key = {0};
    EVP_PKEY *rsa = NULL;
    BUF_AUTO(base64, 2 * PEM_MAX);
    buf_adds(&base64, "behest_pk_");
    keys_base64(pem, 0, &base64);
    assert_row(line, parse(buf_str(pem), &key) == ERR_INVALID);
    assert_row(line, parse(buf_str(&base64), &key) == ERR_INVALID);
    assert_row(line, parse(buf_str(&base64) + strlen("behest_pk_"), &key) == ERR_INVALID);
    assert_row(line, mint_key_from_pem(buf_str(pem), pem->len, &rsa) == ERR_INVALID);
    assert_row(line, !key.rsa && !rsa);
}

static void other_kinds_of_keys_are_refused(void **state)
{
    const struct keys *keys = *state;
    BUF_AUTO(ec, PEM_MAX);
    BUF_AUTO(sec1, PEM_MAX);
    BUF_AUTO(public, PEM_MAX);
    BUF_AUTO(pss, PEM_MAX);
    BUF_AUTO(ed, PEM_MAX);
    keys_pkcs8(keys->ec, NULL, &ec);
    assert_no_key(__LINE__, &ec);
    keys_traditional(keys->ec, NULL, &sec1);
    assert_no_key(__LINE__, &sec1);
    keys_public(keys->rsa, &public);
    assert_no_key(__LINE__, &public);
    EVP_PKEY *pss_key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA-PSS", (size_t)2048);
    EVP_PKEY *ed_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (pss_key) {
        keys_pkcs8(pss_key, NULL, &pss);
        assert_no_key(__LINE__, &pss);
    }
    keys_pkcs8(ed_key, NULL, &ed);
    assert_no_key(__LINE__, &ed);
    EVP_PKEY_free(pss_key);
    EVP_PKEY_free(ed_key);
}

static void short_keys_are_refused(void **state)
{
    (void)state;
    static const unsigned bits[] = {1024, 2040};
    for (size_t i = 0; i < COUNT(bits); i++) {
        for (int form = PKCS8; form <= PKCS1; form++) {
            EVP_PKEY *key = EVP_RSA_gen(bits[i]);
            assert_non_null(key);
            BUF_AUTO(pem, PEM_MAX);
            add_pem(key, (enum form)form, &pem);
            assert_no_key((int)bits[i], &pem);
            EVP_PKEY_free(key);
        }
    }
}

static void encrypted_keys_are_refused_without_asking_for_a_pass_phrase(void **state)
{
    const struct keys *keys = *state;
    static const char *const phrases[] = {"SeCrEt", ""};
    for (size_t i = 0; i < COUNT(phrases); i++) {
        BUF_AUTO(pkcs8, PEM_MAX);
        keys_pkcs8(keys->rsa, phrases[i], &pkcs8);
        assert_non_null(strstr(buf_str(&pkcs8), "ENCRYPTED"));
        assert_no_key(__LINE__, &pkcs8);
    }
    BUF_AUTO(pkcs1, PEM_MAX);
    keys_traditional(keys->rsa, "SeCrEt", &pkcs1);
    assert_non_null(strstr(buf_str(&pkcs1), "ENCRYPTED"));
    assert_no_key(__LINE__, &pkcs1);
}

static void a_key_that_was_cut_off_is_refused(void **state)
{
    const struct keys *keys = *state;
    BUF_AUTO(pem, PEM_MAX);
    keys_pkcs8(keys->rsa, NULL, &pem);
    for (size_t len = pem.len - 30; len > 40; len -= 97) {
        pem.len = len;
        pem.data[len] = '\0';
        assert_no_key((int)len, &pem);
    }
}

static void endless_text_is_refused(void **state)
{
    (void)state;
    struct mint_key key = {0};
    size_t len = 1 << 20;
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, 'A', len);
    text[len] = '\0';
    assert_int_equal(parse(text, &key), ERR_INVALID);
    free(text);
}

static void leaves_no_openssl_errors_behind(void **state)
{
    (void)state;
    struct mint_key key = {0};
    assert_int_equal(parse("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", &key),
                     ERR_INVALID);
    assert_int_equal(ERR_peek_error(), 0);
}

static void freeing_an_empty_key_is_fine(void **state)
{
    (void)state;
    struct mint_key key = {0};
    mint_key_free(&key);
    mint_key_free(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_api_key_mints_over_http),
        cmocka_unit_test(a_signing_key_has_many_forms),
        cmocka_unit_test(padding_and_white_space_around_base64_do_not_matter),
        cmocka_unit_test(a_pem_may_have_crlf_and_other_things_around_it),
        cmocka_unit_test(anything_else_is_refused_without_repeating_it),
        cmocka_unit_test(other_kinds_of_keys_are_refused),
        cmocka_unit_test(short_keys_are_refused),
        cmocka_unit_test(encrypted_keys_are_refused_without_asking_for_a_pass_phrase),
        cmocka_unit_test(a_key_that_was_cut_off_is_refused),
        cmocka_unit_test(endless_text_is_refused),
        cmocka_unit_test(leaves_no_openssl_errors_behind),
        cmocka_unit_test(freeing_an_empty_key_is_fine),
    };
    return cmocka_run_group_tests_name("mint/key", tests, keys_make, keys_free);
}
