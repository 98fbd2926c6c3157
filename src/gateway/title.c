#include "gateway/title.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { TITLE_CHARACTERS_MAX = 60, WORD_CHARACTERS_MAX = 20 };

static const char ellipsis[] = "\xe2\x80\xa6";

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* Texts of JSON may hold NUL. */
static void blank_nuls(struct buf *text)
{
    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] == '\0')
            text->data[i] = ' ';
}

static bool is_blank(char byte)
{
    return byte && (isspace((unsigned char)byte) || iscntrl((unsigned char)byte));
}

/* Copies with each run of blanks as one space, none at either end. */
static void on_one_line(const char *text, struct buf *line)
{
    while (*text && !buf_err(line)) {
        size_t word = 0;
        while (is_blank(*text))
            text++;
        while (text[word] && !is_blank(text[word]))
            word++;
        if (word && line->len)
            buf_adds(line, " ");
        buf_add(line, text, word);
        text += word;
    }
}

/* Where to cut: behind the last word that ends within the limit, else behind the last character. */
static size_t length_within(const char *line)
{
    size_t len = 0;
    size_t word_end = 0;
    int characters = 0;
    int since_word = 0;
    for (; line[len]; len++) {
        if (begins_character(line[len]) && characters++ == TITLE_CHARACTERS_MAX)
            break;
        since_word++;
        if (line[len] == ' ') {
            word_end = len;
            since_word = 0;
        }
    }
    if (!line[len] || line[len] == ' ')
        return len;
    return word_end && since_word <= WORD_CHARACTERS_MAX ? word_end : len;
}

void title_of(const struct chat_request *request, char ret_title[static TITLE_SIZE])
{
    BUF_AUTO(question, CHAT_REQUEST_MAX_BYTES);
    BUF_AUTO(line, CHAT_REQUEST_MAX_BYTES);
    *ret_title = '\0';
    if (chat_request_first_question(request, &question) != ERR_OK)
        return;
    blank_nuls(&question);
    on_one_line(buf_str(&question), &line);
    if (buf_err(&line))
        return;
    size_t len = length_within(buf_str(&line));
    bool whole = len == line.len;
    memcpy(ret_title, buf_str(&line), len);
    memcpy(ret_title + len, whole ? "" : ellipsis, whole ? 1 : sizeof ellipsis);
}
