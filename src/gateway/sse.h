/* Looks at a stream of server-sent events (WHATWG HTML section 9.2) with OpenAI's chunks in it
 * while it passes: lets whole lines through, and counts. */
#ifndef BEHEST_GATEWAY_SSE_H
#define BEHEST_GATEWAY_SSE_H

#include "base/buf.h"
#include "base/err.h"
#include "gateway/openai.h"
#include "gateway/reply.h"

#include <stdbool.h>
#include <stdint.h>

enum { SSE_LINE_MAX_BYTES = 1 << 20 };

struct sse {
    struct buf line;          /* the last line, as long as its end has not come */
    int64_t content_bytes;    /* what has been said so far */
    struct token_count usage; /* the last usage numbers, when has_usage */
    bool has_usage;
    struct reply *reply; /* gets what is said */
    bool finished;       /* a choice had a finish_reason */
    bool done;           /* [DONE] was there */
    bool failed;         /* an error was there */
    bool inside_event;   /* the blank line that ends the last event has not come */
    bool hides_usage;
    bool hid_line; /* the last one: so the blank line behind it goes as well */
};

/* reply has to outlive sse. hides_usage: the chunk that only says what was used does not come
 * through, for readers that did not ask for it. */
void sse_init(struct sse *sse, struct reply *reply, bool hides_usage);
void sse_free(struct sse *sse);

/* Takes the next bytes and adds the lines that are whole now to lines, as they came. Lines end with
 * LF or CR LF. ERR_TOO_LARGE for one of over SSE_LINE_MAX_BYTES. */
MUST_CHECK enum err sse_feed(struct sse *sse, const char *data, size_t len, struct buf *lines);

/* True when the stream may end here: all has been said, although some servers say on each chunk
 * that it is the last. */
bool sse_is_complete(const struct sse *sse);

#endif
