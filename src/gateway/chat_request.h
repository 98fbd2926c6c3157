/* The body of POST /v1/chat/completions, checked: OpenAI's Chat Completions, as far as the gateway
 * looks at it. What it does not know is for the upstream to judge. */
#ifndef BEHEST_GATEWAY_CHAT_REQUEST_H
#define BEHEST_GATEWAY_CHAT_REQUEST_H

#include "base/buf.h"
#include "base/err.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* The number of messages is our own choice, to bound the work: OpenAI's reference names none, and
 * Azure OpenAI refuses more ("$.messages" is too long. Maximum is 2048). */
enum { CHAT_REQUEST_MAX_BYTES = 1 << 20, CHAT_MESSAGES_MAX = 2048, CHAT_PART_MAX_BYTES = 4000 };

/* How a message is written that is kept or compared, for json_object_to_json_string_ext(). */
enum { CHAT_MESSAGE_FORMAT = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };

struct chat_request {
    struct json_object *body; /* the whole, owned */
    struct json_object
        *messages;     /* 1 to CHAT_MESSAGES_MAX, each with role and content; part of body */
    const char *model; /* NULL when the client names none; part of body */
    bool stream;
    bool include_usage; /* stream_options.include_usage */
};

/* ERR_INVALID with a sentence in problem that names the member. */
MUST_CHECK enum err chat_request_parse(const char *text, size_t len,
                                       struct chat_request *ret_request, struct buf *problem);
void chat_request_free(struct chat_request *request);

/* Adds the text of the first or the last message whose role is user; nothing when there is none. */
MUST_CHECK enum err chat_request_first_question(const struct chat_request *request,
                                                struct buf *text);
MUST_CHECK enum err chat_request_last_question(const struct chat_request *request,
                                               struct buf *text);

/* True when the request holds one question and nothing that was said before it: its client leaves
 * remembering to the gateway. */
bool chat_request_is_single(const struct chat_request *request);

bool chat_message_has_role(struct json_object *message, const char *role);

/* Role system or developer. */
bool chat_message_is_instruction(struct json_object *message);

/* Clients may send an empty list, or null, where none are called. */
bool chat_message_calls_tools(struct json_object *message);

/* True for a call of tools and for what one of them gave: the only messages that what a tool gave
 * may follow. */
bool chat_message_precedes_answer(struct json_object *message);

/* Visits the texts of a message: its content, or those of the content's parts. */
void chat_message_each_text(struct json_object *message,
                            void visit(void *context, const char *text, size_t len), void *context);
int64_t chat_message_text_bytes(struct json_object *message);

/* The bytes of a message, of len as JSON, by which its tokens are estimated: of a part that is no
 * text (a picture, a sound) at most CHAT_PART_MAX_BYTES, as its length says little. */
int64_t chat_message_bytes(struct json_object *message, size_t len);

/* Estimated tokens of all messages. */
int64_t chat_request_tokens(const struct chat_request *request);

/* The estimate where nobody counts: a token for every four bytes of text, rounded up. */
int64_t estimate_tokens(int64_t bytes);

#endif
