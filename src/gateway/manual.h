/* The project's manual as a full-text index in memory. */
#ifndef BEHEST_GATEWAY_MANUAL_H
#define BEHEST_GATEWAY_MANUAL_H

#include "base/buf.h"
#include "base/embed.h"
#include "base/err.h"

enum { MANUAL_TERMS_MAX = 32, MANUAL_QUERY_MAX_BYTES = 4096 };

struct manual; /* used by several threads at once */

/* Indexes Markdown files, which an entry without data ends. The first one is for most readers: its
 * passages go before others that fit about as well. Its name has to outlive the manual. */
MUST_CHECK enum err manual_open(const struct embedded_file *files, struct manual **ret_manual);
void manual_close(struct manual *manual);

/* Adds the passage that fits question best (bm25) to passage: its file and heading in bold, then
 * the section as Markdown. ERR_NOT_FOUND when no word of the question is in the manual. */
MUST_CHECK enum err manual_search(struct manual *manual, const char *question, struct buf *passage);

/* Adds the full-text query for a question: its words, each quoted so that none is an operator,
 * joined by OR; words that are in every sentence and all after MANUAL_TERMS_MAX are left out.
 * Nothing when no word is left. */
MUST_CHECK enum err manual_query(const char *question, struct buf *query);

#endif
