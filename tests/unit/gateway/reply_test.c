#include "support.h"

#include "base/json.h"
#include "gateway/reply.h"

static int set_up(void **state)
{
    struct reply *reply = calloc(1, sizeof *reply);
    assert_non_null(reply);
    reply_init(reply);
    *state = reply;
    return 0;
}

static int tear_down(void **state)
{
    reply_free(*state);
    free(*state);
    return 0;
}

static struct json_object *parse(const char *text)
{
    struct json_object *json = NULL;
    const char *problem;
    assert_int_equal(json_parse_object(text, strlen(text), &json, &problem), ERR_OK);
    return json;
}

static void add_chunk(struct reply *reply, const char *text)
{
    AUTO_JSON struct json_object *chunk = parse(text);
    reply_add_chunk(reply, chunk);
}

static void add_delta(struct reply *reply, const char *delta)
{
    BUF_AUTO(text, 2 * REPLY_MAX_BYTES);
    buf_addf(&text, "{\"choices\":[{\"delta\":%s}]}", delta);
    add_chunk(reply, buf_str(&text));
}

static void assert_message(const struct reply *reply, const char *expected)
{
    AUTO_JSON struct json_object *message = reply_message(reply);
    assert_string_equal(json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN), expected);
}

static void collects_the_pieces_of_a_text(void **state)
{
    struct reply *reply = *state;
    assert_true(reply_is_empty(reply));
    add_delta(reply, "{\"role\":\"assistant\",\"content\":\"\"}");
    assert_true(reply_is_empty(reply));
    add_delta(reply, "{\"content\":\"Gr\\u00fc\"}");
    add_delta(reply, "{\"content\":\"\\u00df \\\"x\\\"\",\"reasoning_content\":\"hm\"}");
    assert_false(reply_is_empty(reply));
    assert_message(reply, "{\"role\":\"assistant\",\"content\":\"Grüß \\\"x\\\"\"}");
}

static void joins_the_pieces_of_tool_calls(void **state)
{
    struct reply *reply = *state;
    add_delta(reply,
              "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":"
              "{\"name\":\"now\",\"arguments\":\"\"}}]}");
    add_delta(reply,
              "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"x\\\":\"}}]}");
    add_delta(reply,
              "{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"type\":\"function\",\"function\":"
              "{\"name\":\"then\",\"arguments\":\"{}\"}}]}");
    add_delta(reply, "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]}");
    assert_message(reply,
                   "{\"role\":\"assistant\",\"tool_calls\":["
                   "{\"function\":{\"name\":\"now\",\"arguments\":\"{\\\"x\\\":1}\"},\"id\":\"a\","
                   "\"type\":\"function\"},"
                   "{\"function\":{\"name\":\"then\",\"arguments\":\"{}\"},\"id\":\"b\","
                   "\"type\":\"function\"}]}");
}

/* With each piece copying what came before, this would copy a terabyte. */
static void joins_a_million_pieces(void **state)
{
    enum { PIECES = 1000000 };
    struct reply *reply = *state;
    AUTO_JSON struct json_object *chunk =
        parse("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\","
              "\"function\":{\"arguments\":\"x\"}}]}}]}");
    for (int i = 0; i < PIECES; i++)
        reply_add_chunk(reply, chunk);
    AUTO_JSON struct json_object *message = reply_message(reply);
    size_t len = strlen(json_object_to_json_string(message));
    assert_in_range(len, PIECES, PIECES + 200);
    assert_false(reply_is_cut(reply));
}

static void passes_over_what_makes_no_sense(void **state)
{
    static const char *const chunks[] = {
        "{}",
        "{\"choices\":{}}",
        "{\"choices\":[]}",
        "{\"choices\":[null]}",
        "{\"choices\":[7]}",
        "{\"choices\":[{\"delta\":7}]}",
        "{\"choices\":[{\"delta\":{\"content\":7}}]}",
        "{\"choices\":[{\"delta\":{\"tool_calls\":7}}]}",
        "{\"choices\":[{\"delta\":{\"tool_calls\":[null,7,{}]}}]}",
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":-1}]}}]}",
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1}]}}]}", /* there is no 0 */
    };
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++)
        add_chunk(*state, chunks[i]);
    assert_true(reply_is_empty(*state));
}

/* Each as another server streams two calls. */
static void knows_calls_of_tools_by_what_there_is(void **state)
{
    static const struct {
        const char *first, *more, *second;
    } servers[] = {
        {"\"index\":1,\"id\":\"a\",", "\"index\":1,", "\"index\":2,\"id\":\"b\","},
        {"\"index\":1,\"id\":\"a\",", "\"index\":1,\"id\":\"a\",", "\"index\":0,\"id\":\"b\","},
        {"\"id\":\"a\",", "\"id\":\"a\",", "\"id\":\"b\","},
        {"\"id\":\"a\",", "", "\"id\":\"b\","},
        {"\"index\":null,\"id\":\"a\",", "\"index\":-1,", "\"id\":\"b\","},
    };
    (void)state;
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        struct reply reply;
        BUF_AUTO(delta, 1000);
        reply_init(&reply);
        buf_addf(&delta,
                 "{\"tool_calls\":[{%s\"function\":{\"name\":\"f\",\"arguments\":\"{\"}},"
                 "{%s\"function\":{\"arguments\":\"}\"}},"
                 "{%s\"function\":{\"name\":\"g\",\"arguments\":\"[]\"}}]}",
                 servers[i].first, servers[i].more, servers[i].second);
        add_delta(&reply, buf_str(&delta));
        assert_message(&reply,
                       "{\"role\":\"assistant\",\"tool_calls\":["
                       "{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"},\"id\":\"a\"},"
                       "{\"function\":{\"name\":\"g\",\"arguments\":\"[]\"},\"id\":\"b\"}]}");
        reply_free(&reply);
    }
}

static void knows_calls_without_index_and_id_by_their_names(void **state)
{
    add_delta(*state, "{\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}");
    add_delta(*state, "{\"tool_calls\":[{\"function\":{\"arguments\":\"}\"}}]}");
    add_delta(*state, "{\"tool_calls\":[{\"function\":{\"name\":\"g\",\"arguments\":\"[]\"}}]}");
    assert_message(*state, "{\"role\":\"assistant\",\"tool_calls\":["
                           "{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
                           "{\"function\":{\"name\":\"g\",\"arguments\":\"[]\"}}]}");
}

static void takes_the_texts_of_a_list_of_parts(void **state)
{
    add_delta(*state, "{\"content\":[{\"type\":\"thinking\",\"thinking\":[]},"
                      "{\"type\":\"text\",\"text\":\"The answer \"}]}");
    add_delta(*state, "{\"content\":[{\"type\":\"text\",\"text\":\"is 42.\"},7,null]}");
    assert_message(*state, "{\"role\":\"assistant\",\"content\":\"The answer is 42.\"}");
}

static void goes_on_behind_a_gap(void **state)
{
    add_delta(*state, "{\"content\":\"before\"}");
    reply_note_gap(*state);
    add_delta(*state, "{\"content\":\" behind\"}");
    assert_true(reply_is_cut(*state));
    assert_message(*state, "{\"role\":\"assistant\",\"content\":\"before behind\"}");
}

static void takes_a_whole_answer(void **state)
{
    AUTO_JSON struct json_object *answer =
        parse("{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"no\"}}]}");
    reply_add_answer(*state, answer);
    assert_false(reply_is_empty(*state));
    assert_message(*state, "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":\"no\"}");
}

static void says_when_a_text_was_cut(void **state)
{
    struct reply *reply = *state;
    char *block = malloc(REPLY_MAX_BYTES);
    memset(block, 'x', REPLY_MAX_BYTES);
    reply_add_text(reply, block, REPLY_MAX_BYTES);
    assert_false(reply_is_cut(reply));
    reply_add_text(reply, "y", 1);
    assert_true(reply_is_cut(reply));
    assert_int_equal(reply->content.len, REPLY_MAX_BYTES);
    free(block);
}

/* {"NAME":"xxx..."} */
static char *long_member(const char *name, size_t len, const char *end)
{
    char *json = malloc(len + 200);
    int at = sprintf(json, "{\"%s\":\"", name);
    memset(json + at, 'x', len);
    sprintf(json + at + len, "%s\"}", end);
    return json;
}

static void says_when_a_refusal_was_cut(void **state)
{
    struct reply *reply = *state;
    char *json = long_member("refusal", REPLY_MAX_BYTES - 1, "\xc3\xbc");
    add_delta(reply, json);
    assert_true(reply_is_cut(reply));
    assert_int_equal(reply->refusal.len, REPLY_MAX_BYTES - 1);
    add_delta(reply, "{\"refusal\":\"y\"}");
    assert_int_equal(reply->refusal.len, REPLY_MAX_BYTES - 1);
    free(json);
}

static void says_when_a_whole_answer_was_cut(void **state)
{
    struct reply *reply = *state;
    char *message = long_member("content", REPLY_MAX_BYTES + 1, "");
    char *json = malloc(strlen(message) + 100);
    sprintf(json, "{\"choices\":[{\"message\":%s}]}", message);
    AUTO_JSON struct json_object *answer = parse(json);
    reply_add_answer(reply, answer);
    assert_true(reply_is_cut(reply));
    assert_int_equal(reply->content.len, REPLY_MAX_BYTES);
    free(message);
    free(json);
}

static void keeps_calls_without_arguments(void **state)
{
    add_delta(*state, "{\"tool_calls\":[{\"index\":0,\"id\":\"a\","
                      "\"function\":{\"name\":\"now\",\"arguments\":\"\"}}]}");
    assert_message(*state, "{\"role\":\"assistant\",\"tool_calls\":["
                           "{\"function\":{\"name\":\"now\",\"arguments\":\"\"},\"id\":\"a\"}]}");
}

/* The arguments of all calls count together. */
static void says_when_calls_of_tools_were_cut(void **state)
{
    struct reply *reply = *state;
    char *arguments = long_member("arguments", REPLY_MAX_BYTES / 2, "");
    char *json = malloc(strlen(arguments) + 200);
    for (int i = 0; i < 2; i++) {
        sprintf(json, "{\"tool_calls\":[{\"index\":%d,\"function\":%s}]}", i, arguments);
        assert_false(reply_is_cut(reply));
        add_delta(reply, json);
    }
    assert_false(reply_is_cut(reply));
    add_delta(reply, "{\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"}\"}}]}");
    assert_true(reply_is_cut(reply));
    free(arguments);
    free(json);
}

static void says_when_there_were_too_many_calls_of_tools(void **state)
{
    struct reply *reply = *state;
    BUF_AUTO(delta, 200);
    for (int i = 0; i <= REPLY_TOOL_CALLS_MAX; i++) {
        assert_false(reply_is_cut(reply));
        buf_clear(&delta);
        buf_addf(&delta, "{\"tool_calls\":[{\"index\":%d,\"id\":\"%d\"}]}", i, i);
        add_delta(reply, buf_str(&delta));
    }
    assert_true(reply_is_cut(reply));
    assert_false(reply_is_empty(reply));
}

static void keeps_no_whole_calls_of_tools_over_the_limit(void **state)
{
    struct reply *reply = *state;
    char *arguments = long_member("arguments", REPLY_MAX_BYTES, "");
    char *json = malloc(strlen(arguments) + 200);
    sprintf(json,
            "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"function\":%s}]}}]}",
            arguments);
    AUTO_JSON struct json_object *answer = parse(json);
    reply_add_answer(reply, answer);
    assert_true(reply_is_cut(reply));
    assert_false(reply_is_empty(reply));
    assert_message(reply, "{\"role\":\"assistant\",\"content\":\"\"}");
    free(arguments);
    free(json);
}

/* What is kept has to be read again by json_parse_object(). */
static void keeps_no_whole_calls_of_tools_of_too_many_values(void **state)
{
    struct reply *reply = *state;
    AUTO_JSON struct json_object *answer = NULL;
    BUF_AUTO(text, REPLY_MAX_BYTES);
    buf_adds(&text, "{\"choices\":[{\"message\":{\"tool_calls\":[{\"x\":[{}");
    for (int i = 0; i < JSON_WEIGHT_MAX / 8; i++)
        buf_adds(&text, ",{}");
    buf_adds(&text, "]}]}}]}");
    assert_int_equal(json_parse_answer(buf_str(&text), text.len, &answer), ERR_OK);
    reply_add_answer(reply, answer);
    assert_true(reply_is_cut(reply));
    assert_message(reply, "{\"role\":\"assistant\",\"content\":\"\"}");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(collects_the_pieces_of_a_text),
        TEST(joins_the_pieces_of_tool_calls),
        TEST(joins_a_million_pieces),
        TEST(keeps_calls_without_arguments),
        TEST(passes_over_what_makes_no_sense),
        TEST(knows_calls_of_tools_by_what_there_is),
        TEST(knows_calls_without_index_and_id_by_their_names),
        TEST(takes_the_texts_of_a_list_of_parts),
        TEST(goes_on_behind_a_gap),
        TEST(takes_a_whole_answer),
        TEST(says_when_a_text_was_cut),
        TEST(says_when_a_refusal_was_cut),
        TEST(says_when_a_whole_answer_was_cut),
        TEST(says_when_calls_of_tools_were_cut),
        TEST(says_when_there_were_too_many_calls_of_tools),
        TEST(keeps_no_whole_calls_of_tools_over_the_limit),
        TEST(keeps_no_whole_calls_of_tools_of_too_many_values),
    };
    return cmocka_run_group_tests_name("gateway/reply", tests, NULL, NULL);
}
