#include "support.h"

#include "base/encode.h"

#include <sodium.h>

enum { OUT_MAX = 256 };

/* RFC 4648 section 10. */
static const struct {
    int line;
    const char *plain;
    const char *padded;
    const char *bare;
} vectors[] = {
    {__LINE__, "", "", ""},
    {__LINE__, "f", "Zg==", "Zg"},
    {__LINE__, "fo", "Zm8=", "Zm8"},
    {__LINE__, "foo", "Zm9v", "Zm9v"},
    {__LINE__, "foob", "Zm9vYg==", "Zm9vYg"},
    {__LINE__, "fooba", "Zm9vYmE=", "Zm9vYmE"},
    {__LINE__, "foobar", "Zm9vYmFy", "Zm9vYmFy"},
};

static void encodes_and_decodes_the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        BUF_AUTO(encoded, OUT_MAX);
        BUF_AUTO(decoded, OUT_MAX);
        BUF_AUTO(from_padded, OUT_MAX);
        const char *bare = vectors[i].bare;
        encode_base64url(&encoded, vectors[i].plain, strlen(vectors[i].plain));
        assert_row(vectors[i].line, strcmp(buf_str(&encoded), bare) == 0);
        assert_row(vectors[i].line, decode_base64url(bare, strlen(bare), &decoded) == ERR_OK);
        assert_row(vectors[i].line, strcmp(buf_str(&decoded), vectors[i].plain) == 0);
        assert_row(vectors[i].line, decode_base64(vectors[i].padded, &from_padded) == ERR_OK);
        assert_row(vectors[i].line, strcmp(buf_str(&from_padded), vectors[i].plain) == 0);
    }
}

static void base64url_uses_its_own_alphabet(void **state)
{
    (void)state;
    BUF_AUTO(out, OUT_MAX);
    BUF_AUTO(back, OUT_MAX);
    encode_base64url(&out, "\xfb\xff\xfe", 3);
    assert_string_equal(buf_str(&out), "-__-");
    assert_int_equal(decode_base64url("-__-", 4, &back), ERR_OK);
    assert_memory_equal(back.data, "\xfb\xff\xfe", 3);
}

static void decodes_what_it_encoded(void **state)
{
    (void)state;
    for (size_t len = 0; len < 100; len++) {
        unsigned char bytes[100];
        BUF_AUTO(out, OUT_MAX);
        BUF_AUTO(back, OUT_MAX);
        randombytes_buf(bytes, len);
        encode_base64url(&out, bytes, len);
        assert_int_equal(decode_base64url(buf_str(&out), out.len, &back), ERR_OK);
        assert_int_equal(back.len, len);
        if (len)
            assert_memory_equal(back.data, bytes, len);
    }
}

static void base64url_refuses(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
    } rows[] = {
        {__LINE__, "Zg=="},                                              /* padding */
        {__LINE__, "Zm8="},  {__LINE__, "="},           {__LINE__, "Z"}, /* not enough bits */
        {__LINE__, "Zm9vY"}, {__LINE__, "Zh"},                           /* stray bits at the end */
        {__LINE__, "Zm9"},   {__LINE__, "Zm 8"},        {__LINE__, "Zm8\n"},
        {__LINE__, "+/+/"}, /* the other alphabet */
        {__LINE__, "Zm.8"},  {__LINE__, "Zm8\xc3\xa9"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BUF_AUTO(out, OUT_MAX);
        size_t len = strlen(rows[i].text);
        assert_row(rows[i].line, decode_base64url(rows[i].text, len, &out) == ERR_INVALID);
        assert_row(rows[i].line, out.len == 0);
    }
    BUF_AUTO(out, OUT_MAX);
    assert_int_equal(decode_base64url("Zm\0v", 4, &out), ERR_INVALID);
}

static void base64_takes_white_space_and_missing_padding(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        const char *plain; /* NULL: refused */
    } rows[] = {
        {__LINE__, "Zm9v\nYmFy\n", "foobar"},
        {__LINE__, " Zm 9v\r\n", "foo"},
        {__LINE__, "Zg", "f"},
        {__LINE__, "Zg==\n", "f"},
        {__LINE__, "Zg=\n=", "f"},
        {__LINE__, " \n", ""},
        {__LINE__, "Zg==Zg==", NULL},
        {__LINE__, "Z", NULL},
        {__LINE__, "-__-", NULL},
        {__LINE__, "Zm9v!", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BUF_AUTO(out, OUT_MAX);
        enum err err = decode_base64(rows[i].text, &out);
        assert_row(rows[i].line, err == (rows[i].plain ? ERR_OK : ERR_INVALID));
        assert_row(rows[i].line, err || strcmp(buf_str(&out), rows[i].plain) == 0);
    }
}

static void decoding_respects_the_maximum(void **state)
{
    (void)state;
    BUF_AUTO(out, 2);
    assert_int_equal(decode_base64url("Zm9v", 4, &out), ERR_TOO_LARGE);
    BUF_AUTO(percent, 2);
    assert_int_equal(decode_percent("%41%42%43", 9, &percent), ERR_TOO_LARGE);
}

static void undoes_percent_encoding(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        const char *plain; /* NULL: refused */
    } rows[] = {
        {__LINE__, "", ""},
        {__LINE__, "/a+b", "/a+b"},
        {__LINE__, "%2F%2f", "//"},
        {__LINE__, "%c3%A9", "\xc3\xa9"},
        {__LINE__, "%25%32%35", "%25"},
        {__LINE__, "%", NULL},
        {__LINE__, "%4", NULL},
        {__LINE__, "a%", NULL},
        {__LINE__, "%4g", NULL},
        {__LINE__, "%g4", NULL},
        {__LINE__, "%00", NULL},
        {__LINE__, "% 4", NULL},
        {__LINE__, "%41%", NULL},
        {__LINE__, "%+4", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BUF_AUTO(out, OUT_MAX);
        enum err err = decode_percent(rows[i].text, strlen(rows[i].text), &out);
        assert_row(rows[i].line, err == (rows[i].plain ? ERR_OK : ERR_INVALID));
        assert_row(rows[i].line, err || strcmp(buf_str(&out), rows[i].plain) == 0);
    }
}

static void counts_characters_of_utf8(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        long count; /* -1: malformed */
    } rows[] = {
        {__LINE__, "", 0},
        {__LINE__, "plain", 5},
        {__LINE__, "\x7f", 1},
        {__LINE__, "\xc2\x80", 1},         /* U+0080, the first of two bytes */
        {__LINE__, "\xdf\xbf", 1},         /* U+07FF */
        {__LINE__, "\xe0\xa0\x80", 1},     /* U+0800 */
        {__LINE__, "\xed\x9f\xbf", 1},     /* U+D7FF, the last before the surrogates */
        {__LINE__, "\xee\x80\x80", 1},     /* U+E000, the first behind them */
        {__LINE__, "\xef\xbf\xbf", 1},     /* U+FFFF */
        {__LINE__, "\xf0\x90\x80\x80", 1}, /* U+10000 */
        {__LINE__, "\xf4\x8f\xbf\xbf", 1}, /* U+10FFFF, the last */
        {__LINE__, "a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80z", 5},
        {__LINE__, "\x80", -1}, /* continuation alone */
        {__LINE__, "\xc3", -1}, /* cut off */
        {__LINE__, "\xe2\x82", -1},
        {__LINE__, "\xf0\x9f\x98", -1},
        {__LINE__, "\xc0\x80", -1}, /* overlong NUL */
        {__LINE__, "\xc1\xbf", -1}, /* overlong */
        {__LINE__, "\xe0\x9f\xbf", -1},
        {__LINE__, "\xf0\x8f\xbf\xbf", -1},
        {__LINE__, "\xed\xa0\x80", -1},     /* surrogate U+D800 */
        {__LINE__, "\xed\xbf\xbf", -1},     /* surrogate U+DFFF */
        {__LINE__, "\xf4\x90\x80\x80", -1}, /* U+110000 */
        {__LINE__, "\xf5\x80\x80\x80", -1},
        {__LINE__, "\xff", -1},
        {__LINE__, "\xc3\x28", -1}, /* no continuation */
        {__LINE__, "ok\xe2\x28\xa1", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_row(rows[i].line, utf8_length(rows[i].text, strlen(rows[i].text)) == rows[i].count);
    assert_int_equal(utf8_length("a\0b", 3), 3);
}

static void finds_control_characters(void **state)
{
    (void)state;
    assert_false(has_control_characters("plain \xc3\xa9", 8));
    assert_true(has_control_characters("tab\t", 4));
    assert_true(has_control_characters("\x7f", 1));
    assert_true(has_control_characters("a\0b", 3));
    assert_false(has_control_characters("line\n", 4));
    assert_false(has_control_characters("", 0));
}

static void makes_uuids_of_version_4(void **state)
{
    (void)state;
    char first[UUID_SIZE];
    char second[UUID_SIZE];
    for (int i = 0; i < 100; i++) {
        uuid_v4(first);
        uuid_v4(second);
        assert_true(is_uuid(first));
        assert_int_equal(first[14], '4');
        assert_non_null(strchr("89ab", first[19]));
        assert_string_not_equal(first, second);
    }
}

static void recognises_uuids(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        bool valid;
    } rows[] = {
        {__LINE__, "123e4567-e89b-42d3-a456-426614174000", true},
        {__LINE__, "123E4567-E89B-42D3-A456-426614174000", true},
        {__LINE__, "", false},
        {__LINE__, "123e4567-e89b-42d3-a456-42661417400", false},
        {__LINE__, "123e4567-e89b-42d3-a456-4266141740000", false},
        {__LINE__, "123e4567e-89b-42d3-a456-426614174000", false},
        {__LINE__, "123e4567-e89b-42d3-a456-42661417400g", false},
        {__LINE__, "{23e4567-e89b-42d3-a456-42661417400}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_row(rows[i].line, is_uuid(rows[i].text) == rows[i].valid);
}

static void ids_are_hexadecimal_and_sort_by_time(void **state)
{
    (void)state;
    char before[HEX_ID_SIZE];
    char after[HEX_ID_SIZE];
    hex_id(INT64_C(1800000000000), before);
    hex_id(INT64_C(1800000001000), after);
    assert_true(is_hex_id(before));
    assert_memory_equal(before, "6b49d200", 8);
    assert_true(strcmp(before, after) < 0);
    assert_true(is_hex_id("0123456789abcdef01234567"));
    assert_false(is_hex_id("0123456789ABCDEF01234567"));
    assert_false(is_hex_id("0123456789abcdef0123456"));
    assert_false(is_hex_id("0123456789abcdef012345678"));
    assert_false(is_hex_id("0123456789abcdef0123456g"));
}

static int start_sodium(void **state)
{
    (void)state;
    return sodium_init() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_and_decodes_the_vectors_of_rfc_4648),
        cmocka_unit_test(base64url_uses_its_own_alphabet),
        cmocka_unit_test(decodes_what_it_encoded),
        cmocka_unit_test(base64url_refuses),
        cmocka_unit_test(base64_takes_white_space_and_missing_padding),
        cmocka_unit_test(decoding_respects_the_maximum),
        cmocka_unit_test(undoes_percent_encoding),
        cmocka_unit_test(counts_characters_of_utf8),
        cmocka_unit_test(finds_control_characters),
        cmocka_unit_test(makes_uuids_of_version_4),
        cmocka_unit_test(recognises_uuids),
        cmocka_unit_test(ids_are_hexadecimal_and_sort_by_time),
    };
    return cmocka_run_group_tests_name("base/encode", tests, start_sodium, NULL);
}
