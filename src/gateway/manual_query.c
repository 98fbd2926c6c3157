#include "gateway/manual.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX_BYTES = 64 };

/* Words that say nothing about what is asked, among them what this project's manual says
 * everywhere. Sorted, for bsearch(). */
static const char *const stop_words[] = {
    "a",     "about",  "am",     "an",    "and",   "any",   "are",   "as",     "at",    "be",
    "been",  "behest", "behind", "but",   "by",    "can",   "could", "did",    "do",    "does",
    "fcgi",  "for",    "from",   "get",   "give",  "go",    "had",   "has",    "have",  "hello",
    "hey",   "hi",     "how",    "i",     "if",    "in",    "into",  "is",     "it",    "its",
    "just",  "know",   "let",    "like",  "make",  "may",   "me",    "might",  "more",  "much",
    "must",  "my",     "need",   "no",    "not",   "of",    "on",    "one",    "or",    "our",
    "out",   "own",    "please", "put",   "run",   "set",   "setup", "should", "show",  "so",
    "some",  "start",  "tell",   "than",  "that",  "the",   "their", "them",   "then",  "there",
    "these", "they",   "this",   "those", "to",    "too",   "up",    "us",     "use",   "using",
    "very",  "want",   "was",    "we",    "were",  "what",  "when",  "where",  "which", "who",
    "why",   "will",   "with",   "work",  "works", "would", "you",   "your",
};

static bool is_word_character(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

static bool is_stop_word(const char *word)
{
    return bsearch(word, stop_words, sizeof stop_words / sizeof stop_words[0], sizeof stop_words[0],
                   compare_words);
}

/* The next word in lower case; NULL after the last one. Words that are too long to be any are
 * skipped. */
static const char *next_word(const char **at, char ret_word[static WORD_MAX_BYTES])
{
    for (;;) {
        while (**at && !is_word_character(**at))
            (*at)++;
        if (!**at)
            return NULL;
        size_t len = 0;
        for (; is_word_character(**at); (*at)++, len++)
            if (len < WORD_MAX_BYTES - 1)
                ret_word[len] = (char)tolower((unsigned char)**at);
        if (len < WORD_MAX_BYTES) {
            ret_word[len] = '\0';
            return ret_word;
        }
    }
}

enum err manual_query(const char *question, struct buf *query)
{
    char word[WORD_MAX_BYTES];
    int terms = 0;
    while (terms < MANUAL_TERMS_MAX && next_word(&question, word)) {
        if (is_stop_word(word))
            continue;
        buf_addf(query, "%s\"%s\"", terms ? " OR " : "", word);
        terms++;
    }
    return buf_err(query);
}
