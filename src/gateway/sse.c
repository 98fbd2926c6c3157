#include "gateway/sse.h"

#include "base/json.h"

#include <string.h>

void sse_init(struct sse *sse, struct reply *reply, bool hides_usage)
{
    *sse = (struct sse){
        .line = BUF_MAX(SSE_LINE_MAX_BYTES), .reply = reply, .hides_usage = hides_usage};
}

void sse_free(struct sse *sse)
{
    buf_free(&sse->line);
}

/* The chunk that only says what was used. */
static bool is_usage_alone(struct json_object *chunk)
{
    struct json_object *choices = NULL;
    struct json_object *usage = NULL;
    json_object_object_get_ex(chunk, "choices", &choices);
    json_object_object_get_ex(chunk, "usage", &usage);
    return json_object_is_type(usage, json_type_object) &&
           json_object_is_type(choices, json_type_array) && json_object_array_length(choices) == 0;
}

static void look_at_chunk(struct sse *sse, struct json_object *chunk)
{
    sse->content_bytes += openai_content_bytes(chunk, "delta");
    sse->finished = sse->finished || openai_is_finished(chunk);
    sse->failed = sse->failed || openai_is_error(chunk);
    reply_add_chunk(sse->reply, chunk);
    bool has_usage = openai_read_usage(chunk, &sse->usage);
    sse->has_usage = sse->has_usage || has_usage;
}

/* False when the reader is not to see it. */
static bool look_at_data(struct sse *sse, const char *data, size_t len)
{
    AUTO_JSON struct json_object *chunk = NULL;
    if (len == 6 && memcmp(data, "[DONE]", 6) == 0) {
        sse->done = true;
        return true;
    }
    if (json_parse_answer(data, len, &chunk) != ERR_OK) {
        if (len && *data == '{')
            reply_note_gap(sse->reply);
        return true;
    }
    look_at_chunk(sse, chunk);
    return !(sse->hides_usage && is_usage_alone(chunk));
}

/* False as for look_at_data(). */
static bool look_at_line(struct sse *sse)
{
    static const char field[] = "data:";
    const char *line = sse->line.data;
    size_t len = sse->line.len - 1;
    if (len && line[len - 1] == '\r')
        len--;
    if (len < strlen(field) || memcmp(line, field, strlen(field)) != 0)
        return len > 0 || !sse->hid_line;
    line += strlen(field);
    len -= strlen(field);
    if (len && *line == ' ') {
        line++;
        len--;
    }
    return look_at_data(sse, line, len);
}

static void pass_line(struct sse *sse, struct buf *lines)
{
    bool is_blank = sse->line.data[0] == '\n' || sse->line.data[0] == '\r';
    bool is_seen = look_at_line(sse);
    sse->hid_line = !is_seen && !is_blank;
    if (is_seen) {
        buf_add(lines, sse->line.data, sse->line.len);
        sse->inside_event = !is_blank;
    }
    buf_clear(&sse->line);
}

enum err sse_feed(struct sse *sse, const char *data, size_t len, struct buf *lines)
{
    while (len) {
        const char *end = memchr(data, '\n', len);
        size_t step = end ? (size_t)(end - data) + 1 : len;
        buf_add(&sse->line, data, step);
        if (buf_err(&sse->line))
            return buf_err(&sse->line);
        if (end)
            pass_line(sse, lines);
        data += step;
        len -= step;
    }
    return buf_err(lines);
}

bool sse_is_complete(const struct sse *sse)
{
    return (sse->done || sse->finished) && !sse->failed;
}
