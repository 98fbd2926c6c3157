#include "gateway/sections.h"

#include <stdbool.h>
#include <string.h>

enum { HEADING_MAX_BYTES = 256, FENCE_MIN = 3, INDENT_MAX = 3 };

struct splitter {
    section_visitor *visit;
    void *context;
    struct buf heading;
    struct buf body;
    char fence; /* the character of the open fence, 0 outside */
    size_t fence_len;
};

static size_t run_length(const char *text, size_t len, char c)
{
    size_t run = 0;
    while (run < len && text[run] == c)
        run++;
    return run;
}

/* Opens or closes a fenced code block; true when the line is a fence or within a block. */
static bool follow_fence(struct splitter *splitter, const char *line, size_t len)
{
    size_t indent = run_length(line, len, ' ');
    if (indent > INDENT_MAX || indent == len)
        return splitter->fence != 0;
    line += indent;
    len -= indent;
    char c = *line;
    if (splitter->fence)
        c = splitter->fence;
    size_t run = c == '`' || c == '~' ? run_length(line, len, c) : 0;
    if (splitter->fence) {
        bool closes =
            run >= splitter->fence_len && run_length(line + run, len - run, ' ') + run == len;
        if (closes)
            splitter->fence = 0;
        return true;
    }
    if (run < FENCE_MIN)
        return false;
    splitter->fence = c;
    splitter->fence_len = run;
    return true;
}

/* The level of an ATX heading, 0 for any other line. */
static size_t heading_level(const char *line, size_t len)
{
    size_t level = run_length(line, len, '#');
    return level <= 6 && level < len && line[level] == ' ' ? level : 0;
}

static enum err end_section(struct splitter *splitter)
{
    enum err err = buf_err(&splitter->body);
    const char *body = buf_str(&splitter->body);
    body += strspn(body, "\n");
    if (!err && *body)
        err = splitter->visit(splitter->context, buf_str(&splitter->heading), body);
    buf_clear(&splitter->body);
    return err;
}

static enum err begin_section(struct splitter *splitter, const char *title, size_t len)
{
    enum err err = end_section(splitter);
    while (len && (title[len - 1] == '#' || title[len - 1] == ' '))
        len--;
    while (len && *title == ' ') {
        title++;
        len--;
    }
    buf_clear(&splitter->heading);
    buf_add(&splitter->heading, title, len < HEADING_MAX_BYTES ? len : HEADING_MAX_BYTES);
    return err;
}

/* A link or image at the beginning of text. */
struct link {
    const char *label;
    size_t label_len;
    const char *target;
    size_t len; /* of the whole */
};

static bool read_link(const char *text, size_t len, struct link *ret_link)
{
    size_t begin = *text == '!' ? 1 : 0;
    if (begin == len || text[begin] != '[')
        return false;
    const char *middle = memchr(text, ']', len);
    size_t rest = middle ? len - (size_t)(middle - text) : 0;
    if (rest < 2 || middle[1] != '(')
        return false;
    const char *end = memchr(middle, ')', rest);
    if (!end)
        return false;
    *ret_link = (struct link){
        .label = text + begin + 1,
        .label_len = (size_t)(middle - text) - begin - 1,
        .target = middle + 2,
        .len = (size_t)(end - text) + 1,
    };
    return true;
}

static void add_line(struct buf *body, const char *line, size_t len)
{
    while (len) {
        struct link link;
        size_t step = 1;
        if ((*line != '[' && *line != '!') || !read_link(line, len, &link)) {
            buf_add(body, line, 1);
        } else {
            bool kept = strncmp(link.target, "http", 4) == 0;
            if (*line == '[')
                buf_add(body, kept ? line : link.label, kept ? link.len : link.label_len);
            step = link.len;
        }
        line += step;
        len -= step;
    }
    buf_adds(body, "\n");
}

static enum err take_line(struct splitter *splitter, const char *line, size_t len)
{
    if (len && line[len - 1] == '\r')
        len--;
    if (follow_fence(splitter, line, len)) {
        buf_add(&splitter->body, line, len);
        buf_adds(&splitter->body, "\n");
        return ERR_OK;
    }
    size_t level = heading_level(line, len);
    if (level)
        return begin_section(splitter, line + level, len - level);
    add_line(&splitter->body, line, len);
    if (len == 0 && splitter->body.len > SECTION_TARGET_BYTES)
        return end_section(splitter);
    return ERR_OK;
}

enum err sections_visit(const char *text, size_t len, section_visitor *visit, void *context)
{
    struct splitter splitter = {
        .visit = visit,
        .context = context,
        .heading = BUF_MAX(HEADING_MAX_BYTES),
        .body = BUF_MAX(SECTION_MAX_BYTES),
    };
    enum err err = ERR_OK;
    while (len && !err) {
        const char *end = memchr(text, '\n', len);
        size_t line = end ? (size_t)(end - text) : len;
        err = take_line(&splitter, text, line);
        size_t step = line + (end ? 1 : 0);
        text += step;
        len -= step;
    }
    if (!err)
        err = end_section(&splitter);
    buf_free(&splitter.heading);
    buf_free(&splitter.body);
    return err;
}
