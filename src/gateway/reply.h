/* What a model says, collected from the pieces of a stream or from a whole answer (OpenAI's Chat
 * Completions), as the message that goes back to the model in the next turn: content, refusal and
 * tool calls, without the reasoning. */
#ifndef BEHEST_GATEWAY_REPLY_H
#define BEHEST_GATEWAY_REPLY_H

#include "base/buf.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum { REPLY_MAX_BYTES = 1 << 20, REPLY_TOOL_CALLS_MAX = 128 };

/* A call of a tool that arrives in pieces. */
struct reply_call {
    struct json_object *json; /* part of tool_calls, without its arguments */
    int64_t index;            /* by which its pieces name it */
    struct buf arguments;
};

struct reply {
    struct buf content;
    struct buf refusal;
    struct json_object *tool_calls; /* NULL when there are none */
    struct reply_call calls[REPLY_TOOL_CALLS_MAX];
    size_t call_count; /* 0 also when they came whole */
    size_t tool_call_bytes;
    bool is_full; /* nothing more is taken */
    bool has_gap;
};

void reply_init(struct reply *reply);
void reply_free(struct reply *reply);

void reply_add_text(struct reply *reply, const char *text, size_t len);

/* Takes the first choice of a chat.completion.chunk, or of a chat.completion: content as a text or
 * a list of parts, calls of tools with an index, an id or neither. What is malformed is passed
 * over. */
void reply_add_chunk(struct reply *reply, struct json_object *chunk);
void reply_add_answer(struct reply *reply, struct json_object *answer);

/* Nothing has been said. */
bool reply_is_empty(const struct reply *reply);

/* Notes that something was said which could not be read. */
void reply_note_gap(struct reply *reply);

/* Not all is here: the content, the refusal or the calls of tools together were over
 * REPLY_MAX_BYTES, there were more than REPLY_TOOL_CALLS_MAX calls or some of far too many values,
 * or reply_note_gap() was called. */
bool reply_is_cut(const struct reply *reply);

/* {"role": "assistant", "content", "refusal"?, "tool_calls"?}, for the caller to put back. */
struct json_object *reply_message(const struct reply *reply);

#endif
