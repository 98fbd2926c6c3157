#include "support.h"

#include "base/buf.h"
#include "base/json.h"

static enum err parse(const char *text, size_t len)
{
    AUTO_JSON struct json_object *object = NULL;
    const char *problem = NULL;
    enum err err = json_parse_object(text, len, &object, &problem);
    assert_true(err == ERR_OK ? object != NULL : problem != NULL && object == NULL);
    return err;
}

/* Of what other servers say. */
static void takes_half_of_a_surrogate_pair_in_answers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *read; /* NULL where it is no JSON all the same */
    } rows[] = {
        {"{\"a\":\"\\ud83d\\ude00\"}", "\xf0\x9f\x98\x80"},
        {"{\"a\":\"x\\ud83d\"}", "x\xef\xbf\xbd"},
        {"{\"a\":\"\\ude00x\"}", "\xef\xbf\xbdx"},
        {"{\"a\":\"\\ud83dx\"}", "\xef\xbf\xbdx"},
        {"{\"a\":\"\\ud83", NULL},
        {"{\"a\":NaN}", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO_JSON struct json_object *object = NULL;
        const char *read = NULL;
        enum err err = json_parse_answer(rows[i].text, strlen(rows[i].text), &object);
        assert_int_equal(err, rows[i].read ? ERR_OK : ERR_INVALID);
        if (err)
            continue;
        assert_int_equal(json_get_string(object, "a", &read), ERR_OK);
        assert_string_equal(read, rows[i].read);
    }
}

static void accepts_objects_alone(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        bool valid;
    } rows[] = {
        {__LINE__, "{}", true},
        {__LINE__, " \t\r\n{ \"a\" : 1 } \n", true},
        {__LINE__, "{\"a\":{\"b\":[1,-2.5e3,true,false,null,\"x\"]}}", true},
        {__LINE__, "{\"a\":\"\\u00e9\\ud83d\\ude00\\n\"}", true},
        {__LINE__, "{\"a\":\"\xc3\xa9\"}", true},
        {__LINE__, "", false},
        {__LINE__, "   ", false},
        {__LINE__, "[]", false},
        {__LINE__, "\"text\"", false},
        {__LINE__, "1", false},
        {__LINE__, "null", false},
        {__LINE__, "{", false},
        {__LINE__, "{\"a\":1", false},
        {__LINE__, "{\"a\"", false},
        {__LINE__, "{\"a\":}", false},
        {__LINE__, "{\"a\":1,}", false},
        {__LINE__, "{,}", false},
        {__LINE__, "{a:1}", false},
        {__LINE__, "{'a':1}", false},
        {__LINE__, "{\"a\":1}{}", false},
        {__LINE__, "{\"a\":1}x", false},
        {__LINE__, "{\"a\":[1,]}", false},
        {__LINE__, "{\"a\":01}", false},
        {__LINE__, "{\"a\":+1}", false},
        {__LINE__, "{\"a\":1.}", false},
        {__LINE__, "{\"a\":.5}", false},
        {__LINE__, "{\"a\":0x10}", false},
        {__LINE__, "{\"a\":NaN}", false},
        {__LINE__, "{\"a\":Infinity}", false},
        {__LINE__, "{\"a\":-Infinity}", false},
        {__LINE__, "{\"a\":True}", false},
        {__LINE__, "{\"a\":undefined}", false},
        {__LINE__, "{/* c */}", false},
        {__LINE__, "{} // c", false},
        {__LINE__, "{\"a\":\"line\nbreak\"}", false},
        {__LINE__, "{\"a\":\"\\x41\"}", false},
        {__LINE__, "{\"a\":\"\\u12\"}", false},
        {__LINE__, "{\"a\":\"\xff\"}", false},
        {__LINE__, "{\"a\":\"\xc3\"}", false},
        {__LINE__, "{\"a\":\"\xc0\x80\"}", false},
        {__LINE__, "{\"\xff\":1}", false},
    };
    int wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if ((parse(rows[i].text, strlen(rows[i].text)) == ERR_OK) == rows[i].valid)
            continue;
        print_error("row of line %d: %s\n", rows[i].line, rows[i].text);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void refuses_nul_bytes(void **state)
{
    (void)state;
    assert_int_equal(parse("{}\0", 3), ERR_INVALID);
    assert_int_equal(parse("{}\0garbage", 10), ERR_INVALID);
    assert_int_equal(parse("{\"a\":\"x\0y\"}", 11), ERR_INVALID);
}

/* {"a":{"a":...}} with depth objects inside each other. */
static enum err parse_nested(int depth)
{
    BUF_AUTO(text, 100000);
    for (int i = 1; i < depth; i++)
        buf_adds(&text, "{\"a\":");
    buf_adds(&text, "{}");
    for (int i = 1; i < depth; i++)
        buf_adds(&text, "}");
    return parse(buf_str(&text), text.len);
}

static void limits_the_depth(void **state)
{
    (void)state;
    assert_int_equal(parse_nested(1), ERR_OK);
    assert_int_equal(parse_nested(JSON_DEPTH_MAX - 1), ERR_OK);
    assert_int_equal(parse_nested(JSON_DEPTH_MAX), ERR_OK);
    assert_int_equal(parse_nested(JSON_DEPTH_MAX + 1), ERR_INVALID);
    assert_int_equal(parse_nested(5000), ERR_INVALID);
}

/* {"a":[ITEM,ITEM...]} */
static void add_list(struct buf *text, const char *item, int count)
{
    buf_adds(text, "{\"a\":[");
    for (int i = 0; i < count; i++) {
        buf_adds(text, i ? "," : "");
        buf_adds(text, item);
    }
    buf_adds(text, "]}");
}

static void limits_the_weight(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        int most; /* so many are taken */
    } rows[] = {{"0", JSON_WEIGHT_MAX - 16},
                {"{}", (JSON_WEIGHT_MAX - 16) / 9},
                {"[]", (JSON_WEIGHT_MAX - 16) / 9},
                {"\"{[,:\\\"[\"", JSON_WEIGHT_MAX - 16},
                {"{\"a\":1}", (JSON_WEIGHT_MAX - 16) / 10}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int more = 0; more < 2; more++) {
            BUF_AUTO(text, 8 << 20);
            AUTO_JSON struct json_object *answer = NULL;
            add_list(&text, rows[i].item, rows[i].most + more);
            assert_int_equal(parse(buf_str(&text), text.len), more ? ERR_INVALID : ERR_OK);
            assert_int_equal(json_parse_answer(buf_str(&text), text.len, &answer), ERR_OK);
        }
}

static void weighs_what_is_outside_of_strings(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,{\"b,:[{\":\"\\\"{\"}]}";
    assert_int_equal(json_weight(text, strlen(text)), 3 * 8 + 3);
    assert_int_equal(json_weight("", 0), 0);
    assert_int_equal(json_weight("\"{", 2), 8);
}

static void reads_members(void **state)
{
    (void)state;
    static const char text[] = "{\"s\":\"x\",\"empty\":\"\",\"nul\":\"a\\u0000b\",\"n\":42,"
                               "\"f\":1.5,\"big\":9007199254740993,\"z\":null,\"b\":true,\"o\":{}}";
    AUTO_JSON struct json_object *object = NULL;
    const char *problem = NULL;
    const char *string = "untouched";
    int64_t number = -7;
    assert_int_equal(json_parse_object(text, strlen(text), &object, &problem), ERR_OK);
    assert_int_equal(json_get_string(object, "absent", &string), ERR_NOT_FOUND);
    assert_int_equal(json_get_string(object, "z", &string), ERR_NOT_FOUND);
    assert_int_equal(json_get_string(object, "n", &string), ERR_INVALID);
    assert_int_equal(json_get_string(object, "o", &string), ERR_INVALID);
    assert_int_equal(json_get_string(object, "nul", &string), ERR_INVALID);
    assert_string_equal(string, "untouched");
    assert_int_equal(json_get_string(object, "s", &string), ERR_OK);
    assert_string_equal(string, "x");
    assert_int_equal(json_get_string(object, "empty", &string), ERR_OK);
    assert_string_equal(string, "");
    assert_int_equal(json_get_integer(object, "s", &number), ERR_INVALID);
    assert_int_equal(json_get_integer(object, "f", &number), ERR_INVALID);
    assert_int_equal(json_get_integer(object, "b", &number), ERR_INVALID);
    assert_int_equal(json_get_integer(object, "absent", &number), ERR_NOT_FOUND);
    assert_int_equal(number, -7);
    assert_int_equal(json_get_integer(object, "n", &number), ERR_OK);
    assert_int_equal(number, 42);
    assert_int_equal(json_get_integer(object, "big", &number), ERR_OK);
    assert_true(number == INT64_C(9007199254740993));
}

static void adds_strings(void **state)
{
    (void)state;
    AUTO_JSON struct json_object *object = json_object_new_object();
    json_add_string(object, "a", "x");
    json_add_string(object, "b", NULL);
    assert_string_equal(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN),
                        "{\"a\":\"x\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_objects_alone),
        cmocka_unit_test(takes_half_of_a_surrogate_pair_in_answers),
        cmocka_unit_test(refuses_nul_bytes),
        cmocka_unit_test(limits_the_depth),
        cmocka_unit_test(limits_the_weight),
        cmocka_unit_test(weighs_what_is_outside_of_strings),
        cmocka_unit_test(reads_members),
        cmocka_unit_test(adds_strings),
    };
    return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
