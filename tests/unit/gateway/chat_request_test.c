#include "support.h"

#include "gateway/chat_request.h"

static enum err parse(const char *text, struct chat_request *chat, struct buf *problem)
{
    return chat_request_parse(text, strlen(text), chat, problem);
}

static void reads_what_it_needs(void **state)
{
    (void)state;
    struct chat_request chat;
    BUF_AUTO(problem, 256);
    BUF_AUTO(question, 1024);
    assert_int_equal(
        parse("{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
              "\"temperature\":0.70,\"messages\":["
              "{\"role\":\"system\",\"content\":\"be brief\"},"
              "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"what\"},"
              "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:xxxxxxxxxxxxxxxxxxx\"}},"
              "{\"type\":\"text\",\"text\":\"now\"}]},"
              "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[]}]}",
              &chat, &problem),
        ERR_OK);
    assert_string_equal(chat.model, "m");
    assert_true(chat.stream && chat.include_usage);
    assert_int_equal(json_object_array_length(chat.messages), 3);
    assert_int_equal(chat_request_last_question(&chat, &question), ERR_OK);
    assert_string_equal(question.data, "what\nnow");
    /* 15 bytes of text, 2 of calls, 64 of a picture */
    assert_int_equal(chat_request_tokens(&chat), 21);
    chat_request_free(&chat);
}

static void takes_an_empty_model_for_none(void **state)
{
    (void)state;
    static const char *const models[] = {"", "\"model\":\"\",", "\"model\":null,"};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct chat_request chat;
        BUF_AUTO(problem, 256);
        BUF_AUTO(text, 256);
        buf_addf(&text, "{%s\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}", models[i]);
        assert_int_equal(parse(text.data, &chat, &problem), ERR_OK);
        assert_null(chat.model);
        assert_false(chat.stream);
        chat_request_free(&chat);
    }
}

static void names_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        const char *said;
    } rows[] = {
        {__LINE__, "", "JSON"},
        {__LINE__, "[]", "object"},
        {__LINE__, "{}", "messages "},
        {__LINE__, "{\"messages\":{}}", "messages "},
        {__LINE__, "{\"messages\":[]}", "messages "},
        {__LINE__, "{\"messages\":[null]}", "messages[0]"},
        {__LINE__, "{\"messages\":[{\"content\":\"x\"}]}", "messages[0].role"},
        {__LINE__, "{\"messages\":[{\"role\":\"bot\",\"content\":\"x\"}]}", "messages[0].role"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\"}]}", "messages[0].content"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":7}]}", "messages[0].content"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":[]}]}", "messages[0].content"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":[7]}]}", "messages[0].content"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]}",
         "messages[0].content"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":\"\"},{\"role\":\"assistant\"}]}",
         "messages[1].content"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":\"\"}],\"stream\":1}", "stream"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":\"\"}],\"stream\":\"yes\"}",
         "stream"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":\"\"}],\"stream_options\":[]}",
         "stream_options"},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":\"\"}],\"n\":2}", "n "},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":\"\"}],\"n\":\"1\"}", "n "},
        {__LINE__, "{\"messages\":[{\"role\":\"user\",\"content\":\"\"}],\"model\":[]}", "model"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct chat_request chat;
        BUF_AUTO(problem, 256);
        assert_row(rows[i].line, parse(rows[i].text, &chat, &problem) == ERR_INVALID);
        assert_row(rows[i].line, strstr(buf_str(&problem), rows[i].said));
    }
}

static void estimates_upwards(void **state)
{
    (void)state;
    assert_int_equal(estimate_tokens(0), 0);
    assert_int_equal(estimate_tokens(1), 1);
    assert_int_equal(estimate_tokens(4), 1);
    assert_int_equal(estimate_tokens(5), 2);
}

/* {"type":"image","d":"AAA..."} counts as much as its JSON, up to a limit. */
static void a_picture_counts_only_so_much(void **state)
{
    (void)state;
    static const struct {
        int line;
        int bytes;
        int64_t tokens;
    } rows[] = {{__LINE__, 77, 25}, {__LINE__, 3977, 1000}, {__LINE__, 50000, 1000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BUF_AUTO(text, 1 << 20);
        BUF_AUTO(problem, 256);
        struct chat_request chat;
        buf_adds(&text,
                 "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"d\":\"");
        for (int n = 0; n < rows[i].bytes; n++)
            buf_adds(&text, "A");
        buf_adds(&text, "\"}]}]}");
        assert_int_equal(parse(text.data, &chat, &problem), ERR_OK);
        assert_row(rows[i].line, chat_request_tokens(&chat) == rows[i].tokens);
        int64_t over = rows[i].bytes + 23 - 4 * rows[i].tokens;
        struct json_object *message = json_object_array_get_idx(chat.messages, 0);
        assert_row(rows[i].line, chat_message_bytes(message, 60000) == 60000 - over);
        chat_request_free(&chat);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_needs),
        cmocka_unit_test(takes_an_empty_model_for_none),
        cmocka_unit_test(names_what_is_wrong),
        cmocka_unit_test(estimates_upwards),
        cmocka_unit_test(a_picture_counts_only_so_much),
    };
    return cmocka_run_group_tests_name("gateway/chat_request", tests, NULL, NULL);
}
