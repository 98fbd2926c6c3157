/* Cuts a Markdown document (CommonMark) into sections that can each stand as an answer. */
#ifndef BEHEST_GATEWAY_SECTIONS_H
#define BEHEST_GATEWAY_SECTIONS_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

enum { SECTION_TARGET_BYTES = 2500, SECTION_MAX_BYTES = 64 * 1024 };

/* heading is the text of the nearest heading above, "" when there is none; body is not empty. Both
 * belong to the caller. */
typedef enum err section_visitor(void *context, const char *heading, const char *body);

/* Visits the sections in order. A section ends at the next heading, or at the first empty line
 * after SECTION_TARGET_BYTES; never within a fenced code block. Images are left out and links that
 * only work beside the document become their text, since the answer is read elsewhere. Returns what
 * the visitor returns first other than ERR_OK. */
MUST_CHECK enum err sections_visit(const char *text, size_t len, section_visitor *visit,
                                   void *context);

#endif
