#include "base/dotenv.h"

#include "base/buf.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { NAME_MAX_BYTES = 128 };

struct cursor {
    const char *at;
    const char *end;
    unsigned line;
};

static bool more(const struct cursor *c)
{
    return c->at < c->end;
}

static char take(struct cursor *c)
{
    if (*c->at == '\n')
        c->line++;
    return *c->at++;
}

static void skip_blanks(struct cursor *c)
{
    while (more(c) && (*c->at == ' ' || *c->at == '\t'))
        c->at++;
}

static void skip_line(struct cursor *c)
{
    while (more(c) && take(c) != '\n')
        ;
}

static bool is_name_character(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void read_name(struct cursor *c, struct buf *name)
{
    while (more(c) && is_name_character(*c->at))
        buf_add(name, c->at++, 1);
}

static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

static enum err read_quoted(struct cursor *c, struct buf *value)
{
    char quote = take(c);
    while (more(c)) {
        char next = take(c);
        if (next == quote)
            return buf_err(value);
        if (next == '\\' && quote == '"' && more(c))
            next = unescape(take(c));
        buf_add(value, &next, 1);
    }
    return ERR_INVALID;
}

static void read_plain(struct cursor *c, struct buf *value)
{
    const char *start = c->at;
    while (more(c) && *c->at != '\n' &&
           !(*c->at == '#' && (c->at == start || isspace((unsigned char)c->at[-1]))))
        c->at++;
    const char *end = c->at;
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    buf_add(value, start, (size_t)(end - start));
}

/* What may follow a value: blanks, a comment, the end of the line. */
static enum err read_line_end(struct cursor *c)
{
    skip_blanks(c);
    if (more(c) && *c->at != '#' && *c->at != '\r' && *c->at != '\n')
        return ERR_INVALID;
    skip_line(c);
    return ERR_OK;
}

static enum err read_assignment(struct cursor *c, dotenv_visitor *visit, void *context)
{
    BUF_AUTO(name, NAME_MAX_BYTES);
    read_name(c, &name);
    skip_blanks(c);
    if (strcmp(buf_str(&name), "export") == 0 && more(c) && *c->at != '=') {
        buf_clear(&name);
        read_name(c, &name);
        skip_blanks(c);
    }
    if (name.len == 0 || buf_err(&name) || !more(c) || take(c) != '=')
        return ERR_INVALID;
    skip_blanks(c);
    BUF_AUTO(value, (size_t)(c->end - c->at));
    enum err err = ERR_OK;
    if (more(c) && (*c->at == '"' || *c->at == '\''))
        err = read_quoted(c, &value);
    else
        read_plain(c, &value);
    if (!err)
        err = buf_err(&value);
    if (!err && value.len != strlen(buf_str(&value)))
        err = ERR_INVALID;
    if (!err)
        err = read_line_end(c);
    return err ? err : visit(context, name.data, buf_str(&value));
}

enum err dotenv_parse(const char *text, size_t len, dotenv_visitor *visit, void *context,
                      unsigned *ret_line)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    struct cursor c = {.at = text, .end = text + len, .line = 1};
    if (len >= 3 && memcmp(text, byte_order_mark, 3) == 0)
        c.at += 3;
    while (more(&c)) {
        skip_blanks(&c);
        if (!more(&c))
            break;
        unsigned line = c.line;
        enum err err = ERR_OK;
        if (*c.at == '#' || *c.at == '\r' || *c.at == '\n')
            skip_line(&c);
        else
            err = read_assignment(&c, visit, context);
        if (err) {
            *ret_line = line;
            return err;
        }
    }
    return ERR_OK;
}
