#include "support.h"

#include "gateway/sse.h"

enum { LINES_MAX = 64 * 1024 };

struct stream {
    struct sse sse;
    struct reply reply;
};

static void begin(struct stream *stream)
{
    reply_init(&stream->reply);
    sse_init(&stream->sse, &stream->reply, false);
}

static void end(struct stream *stream)
{
    sse_free(&stream->sse);
    reply_free(&stream->reply);
}

static const char whole[] =
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
    for (size_t size = 1; size <= sizeof whole; size++) {
        struct stream stream;
        BUF_AUTO(lines, LINES_MAX);
        begin(&stream);
        for (size_t at = 0; at < sizeof whole - 1; at += size) {
            size_t rest = sizeof whole - 1 - at;
            assert_int_equal(sse_feed(&stream.sse, whole + at, rest < size ? rest : size, &lines),
                             ERR_OK);
        }
        assert_string_equal(buf_str(&lines), whole);
        assert_int_equal(stream.sse.content_bytes, 6 + 2 + 3);
        assert_true(stream.sse.has_usage);
        assert_int_equal(stream.sse.usage.input, 5);
        assert_int_equal(stream.sse.usage.output, 7);
        assert_true(stream.sse.finished && stream.sse.done && sse_is_complete(&stream.sse));
        assert_false(stream.sse.inside_event);
        assert_string_equal(buf_str(&stream.reply.content), "Gr\xc3\xbc\xc3\x9f");
        end(&stream);
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
    struct stream stream;
    BUF_AUTO(lines, LINES_MAX);
    begin(&stream);
    feed(&stream.sse, "data: {\"choices\":[{\"delta\":{\"content\":\"abcd\"}}]}\n\ndata: {\"cho",
         &lines);
    assert_string_equal(buf_str(&lines),
                        "data: {\"choices\":[{\"delta\":{\"content\":\"abcd\"}}]}\n\n");
    assert_int_equal(stream.sse.content_bytes, 4);
    assert_false(stream.sse.inside_event);
    assert_false(sse_is_complete(&stream.sse));
    feed(&stream.sse, "ices\":[]}\n", &lines);
    assert_string_equal(buf_str(&lines), "data: {\"choices\":[]}\n");
    assert_true(stream.sse.inside_event);
    feed(&stream.sse, "\n", &lines);
    assert_false(stream.sse.inside_event);
    assert_false(stream.sse.has_usage);
    end(&stream);
}

static void believes_no_impossible_usage(void **state)
{
    (void)state;
    static const char *const chunks[] = {
        "data: {\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":7}}\n",
        "data: {\"usage\":{\"prompt_tokens\":5}}\n",
        "data: {\"usage\":{\"prompt_tokens\":\"5\",\"completion_tokens\":7}}\n",
        "data: {\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":99999999999999}}\n",
        "data: {\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}\n",
        "data: {\"usage\":[]}\n",
        "data: {\"choices\":{}}\n",
        "data: {\"choices\":[7,null,{\"delta\":7},{\"delta\":{\"content\":7}}]}\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[1]}}]}\n",
        "data: []\n",
        "data\n",
        "data:\n",
    };
    struct stream stream;
    BUF_AUTO(lines, LINES_MAX);
    begin(&stream);
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++)
        feed(&stream.sse, chunks[i], &lines);
    assert_false(stream.sse.has_usage);
    assert_int_equal(stream.sse.content_bytes, 0);
    assert_false(sse_is_complete(&stream.sse));
    end(&stream);
}

/* What a stream of these chunks comes to. */
static void assert_end(const char *const *chunks, size_t count, bool is_complete, bool failed)
{
    struct stream stream;
    BUF_AUTO(lines, LINES_MAX);
    begin(&stream);
    for (size_t i = 0; i < count; i++)
        feed(&stream.sse, chunks[i], &lines);
    assert_int_equal(sse_is_complete(&stream.sse), is_complete);
    assert_int_equal(stream.sse.failed, failed);
    end(&stream);
}

static void takes_an_empty_reason_for_none(void **state)
{
    (void)state;
    static const char *const begun[] = {
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"\"}]}\n\n"};
    static const char *const whole_reply[] = {
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"\"}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"};
    assert_end(begun, 1, false, false);
    assert_end(whole_reply, 2, true, false);
}

static void sees_an_error_in_the_stream(void **state)
{
    (void)state;
    static const char *const errors[] = {
        "data: {\"error\":{\"message\":\"out of memory\"}}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\n",
        "data: "
        "{\"choices\":[{\"delta\":{},\"error\":{\"code\":502},\"finish_reason\":\"stop\"}]}\n\n",
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        const char *const stream[] = {errors[i], "data: [DONE]\n\n"};
        assert_end(stream, 2, false, true);
    }
    static const char *const well[] = {
        "data: "
        "{\"error\":null,\"choices\":[{\"delta\":{},\"error\":null,\"finish_reason\":\"stop\"}]}"
        "\n\n"};
    assert_end(well, 1, true, false);
}

static void notes_a_gap_where_a_chunk_cannot_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool is_gap;
    } rows[] = {
        {"data: {\"choices\":[{\"delta\":{\"content\":\"half \\ud83d\"}}]}\n", false},
        {"data: {\"choices\":[{\"delta\":{\"content\":\"broken}}]}\n", true},
        {"data: {\"choices\":[{\"logprob\":NaN}]}\n", true},
        {"data:\n", false},
        {"data: ping\n", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stream stream;
        BUF_AUTO(lines, LINES_MAX);
        begin(&stream);
        feed(&stream.sse, rows[i].line, &lines);
        assert_string_equal(buf_str(&lines), rows[i].line);
        assert_int_equal(reply_is_cut(&stream.reply), rows[i].is_gap);
        end(&stream);
    }
}

static void refuses_an_endless_line(void **state)
{
    (void)state;
    struct stream stream;
    BUF_AUTO(lines, LINES_MAX);
    begin(&stream);
    static char block[64 * 1024];
    memset(block, 'x', sizeof block);
    enum err err = ERR_OK;
    for (size_t i = 0; i <= SSE_LINE_MAX_BYTES / sizeof block && !err; i++)
        err = sse_feed(&stream.sse, block, sizeof block, &lines);
    assert_int_equal(err, ERR_TOO_LARGE);
    assert_int_equal(lines.len, 0);
    end(&stream);
}

/* What a reader who did not ask for the usage sees of a stream, cut into pieces of that size. */
static void assert_seen(const char *sent, size_t size, const char *seen)
{
    struct stream stream;
    BUF_AUTO(lines, LINES_MAX);
    reply_init(&stream.reply);
    sse_init(&stream.sse, &stream.reply, true);
    for (const char *at = sent; *at; at += strnlen(at, size))
        assert_int_equal(sse_feed(&stream.sse, at, strnlen(at, size), &lines), ERR_OK);
    assert_string_equal(buf_str(&lines), seen);
    assert_true(stream.sse.has_usage);
    assert_int_equal(stream.sse.usage.output, 7);
    assert_false(stream.sse.inside_event);
    end(&stream);
}

#define USAGE "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}"

static void hides_what_says_only_what_was_used(void **state)
{
    (void)state;
    static const struct {
        const char *sent;
        const char *seen;
    } rows[] = {
        {"data: {\"a\":1}\n\ndata: {\"choices\":[]," USAGE "}\n\ndata: [DONE]\n\n",
         "data: {\"a\":1}\n\ndata: [DONE]\n\n"},
        {"data:{\"choices\":[]," USAGE "}\r\n\r\ndata: [DONE]\r\n\r\n", "data: [DONE]\r\n\r\n"},
        {"data: {\"choices\":[]," USAGE "}\n\n: pulse\n\n", ": pulse\n\n"},
        {"event: x\ndata: {\"choices\":[]," USAGE "}\nid: 1\n\n", "event: x\nid: 1\n\n"},
        {"data: {\"choices\":[{\"delta\":{}}]," USAGE "}\n\n",
         "data: {\"choices\":[{\"delta\":{}}]," USAGE "}\n\n"},
        {"data: {" USAGE "}\n\n", "data: {" USAGE "}\n\n"},
        {"data: {" USAGE "}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":0}}\n\n",
         "data: {" USAGE "}\n\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t size = 1; size <= strlen(rows[i].sent); size++)
            assert_seen(rows[i].sent, size, rows[i].seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_all_in_pieces_of_any_size),
        cmocka_unit_test(hides_what_says_only_what_was_used),
        cmocka_unit_test(holds_back_a_line_that_is_not_whole),
        cmocka_unit_test(believes_no_impossible_usage),
        cmocka_unit_test(takes_an_empty_reason_for_none),
        cmocka_unit_test(sees_an_error_in_the_stream),
        cmocka_unit_test(notes_a_gap_where_a_chunk_cannot_be_read),
        cmocka_unit_test(refuses_an_endless_line),
    };
    return cmocka_run_group_tests_name("gateway/sse", tests, NULL, NULL);
}
