#include "gateway/sse.h"

#include "base/json.h"

#include <string.h>

void sse_init(struct sse *sse, struct reply *reply)
{
    *sse = (struct sse){.line = BUF_MAX(SSE_LINE_MAX_BYTES), .reply = reply};
}

void sse_free(struct sse *sse)
{
    buf_free(&sse->line);
}

static void look_at_data(struct sse *sse, const char *data, size_t len)
{
    AUTO_JSON struct json_object *chunk = NULL;
    const char *problem;
    if (len == 6 && memcmp(data, "[DONE]", 6) == 0)
        sse->done = true;
    else if (json_parse_object(data, len, &chunk, &problem) == ERR_OK) {
        sse->content_bytes += openai_content_bytes(chunk, "delta", &sse->finished);
        reply_add_chunk(sse->reply, chunk);
        if (openai_read_usage(chunk, &sse->usage))
            sse->has_usage = true;
    }
}

static void look_at_line(struct sse *sse)
{
    static const char field[] = "data:";
    const char *line = sse->line.data;
    size_t len = sse->line.len - 1;
    if (len && line[len - 1] == '\r')
        len--;
    sse->inside_event = len > 0;
    if (len < strlen(field) || memcmp(line, field, strlen(field)) != 0)
        return;
    line += strlen(field);
    len -= strlen(field);
    if (len && *line == ' ') {
        line++;
        len--;
    }
    look_at_data(sse, line, len);
}

enum err sse_feed(struct sse *sse, const char *data, size_t len, struct buf *lines)
{
    while (len) {
        const char *end = memchr(data, '\n', len);
        size_t step = end ? (size_t)(end - data) + 1 : len;
        buf_add(&sse->line, data, step);
        if (buf_err(&sse->line))
            return buf_err(&sse->line);
        if (end) {
            look_at_line(sse);
            buf_add(lines, sse->line.data, sse->line.len);
            buf_clear(&sse->line);
        }
        data += step;
        len -= step;
    }
    return buf_err(lines);
}

bool sse_is_complete(const struct sse *sse)
{
    return sse->done || sse->finished;
}
