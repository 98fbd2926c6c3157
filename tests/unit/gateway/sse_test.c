#include "support.h"

#include "gateway/sse.h"

enum { LINES_MAX = 64 * 1024 };

static const char stream[] =
    ": a comment\n\n"
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
    "data: "
    "{\"choices\":[{\"delta\":{\"content\":\"Gr\xc3\xbc\xc3\x9f\"},\"finish_reason\":null}]}\n\n"
    "data:{\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\",\"tool_calls\":[{\"function\":"
    "{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\r\n\r\n"
    "event: other\ndata: not json\n\n"
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}\n\n"
    "data: [DONE]\n\n";

/* However the bytes are cut, all of them come through, and are counted once. */
static void passes_all_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t size = 1; size <= sizeof stream; size++) {
        struct sse sse;
        BUF_AUTO(lines, LINES_MAX);
        sse_init(&sse);
        for (size_t at = 0; at < sizeof stream - 1; at += size) {
            size_t rest = sizeof stream - 1 - at;
            assert_int_equal(sse_feed(&sse, stream + at, rest < size ? rest : size, &lines),
                             ERR_OK);
        }
        assert_string_equal(buf_str(&lines), stream);
        assert_int_equal(sse.content_bytes, 6 + 2 + 3);
        assert_true(sse.has_usage);
        assert_int_equal(sse.usage.input, 5);
        assert_int_equal(sse.usage.output, 7);
        assert_true(sse.finished && sse.done && sse_is_complete(&sse));
        assert_false(sse.inside_event);
        sse_free(&sse);
    }
}

static void feed(struct sse *sse, const char *text, struct buf *lines)
{
    buf_clear(lines);
    assert_int_equal(sse_feed(sse, text, strlen(text), lines), ERR_OK);
}

static void holds_back_a_line_that_is_not_whole(void **state)
{
    (void)state;
    struct sse sse;
    BUF_AUTO(lines, LINES_MAX);
    sse_init(&sse);
    feed(&sse, "data: {\"choices\":[{\"delta\":{\"content\":\"abcd\"}}]}\n\ndata: {\"cho", &lines);
    assert_string_equal(buf_str(&lines),
                        "data: {\"choices\":[{\"delta\":{\"content\":\"abcd\"}}]}\n\n");
    assert_int_equal(sse.content_bytes, 4);
    assert_false(sse.inside_event);
    assert_false(sse_is_complete(&sse));
    feed(&sse, "ices\":[]}\n", &lines);
    assert_string_equal(buf_str(&lines), "data: {\"choices\":[]}\n");
    assert_true(sse.inside_event);
    feed(&sse, "\n", &lines);
    assert_false(sse.inside_event);
    assert_false(sse.has_usage);
    sse_free(&sse);
}

static void believes_no_impossible_usage(void **state)
{
    (void)state;
    static const char *const chunks[] = {
        "data: {\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":7}}\n",
        "data: {\"usage\":{\"prompt_tokens\":5}}\n",
        "data: {\"usage\":{\"prompt_tokens\":\"5\",\"completion_tokens\":7}}\n",
        "data: {\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":99999999999999}}\n",
        "data: {\"usage\":[]}\n",
        "data: {\"choices\":{}}\n",
        "data: {\"choices\":[7,null,{\"delta\":7},{\"delta\":{\"content\":7}}]}\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[1]}}]}\n",
        "data: []\n",
        "data\n",
        "data:\n",
    };
    struct sse sse;
    BUF_AUTO(lines, LINES_MAX);
    sse_init(&sse);
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++)
        feed(&sse, chunks[i], &lines);
    assert_false(sse.has_usage);
    assert_int_equal(sse.content_bytes, 0);
    assert_false(sse_is_complete(&sse));
    sse_free(&sse);
}

static void refuses_an_endless_line(void **state)
{
    (void)state;
    struct sse sse;
    BUF_AUTO(lines, LINES_MAX);
    sse_init(&sse);
    static char block[64 * 1024];
    memset(block, 'x', sizeof block);
    enum err err = ERR_OK;
    for (size_t i = 0; i <= SSE_LINE_MAX_BYTES / sizeof block && !err; i++)
        err = sse_feed(&sse, block, sizeof block, &lines);
    assert_int_equal(err, ERR_TOO_LARGE);
    assert_int_equal(lines.len, 0);
    sse_free(&sse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_all_in_pieces_of_any_size),
        cmocka_unit_test(holds_back_a_line_that_is_not_whole),
        cmocka_unit_test(believes_no_impossible_usage),
        cmocka_unit_test(refuses_an_endless_line),
    };
    return cmocka_run_group_tests_name("gateway/sse", tests, NULL, NULL);
}
