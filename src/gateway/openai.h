/* OpenAI's Chat Completions format: what the gateway reads of an upstream's answers, and what it
 * writes itself. */
#ifndef BEHEST_GATEWAY_OPENAI_H
#define BEHEST_GATEWAY_OPENAI_H

#include "base/err.h"
#include "http/response.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum { OPENAI_EVENT_MAX_BYTES = 64 * 1024 };

struct token_count {
    int64_t input;
    int64_t output;
};

/* Reads usage.prompt_tokens and usage.completion_tokens. False, with *count as it was, when the
 * answer or chunk does not carry both, or says that nothing was read: no question is empty. */
bool openai_read_usage(struct json_object *answer, struct token_count *count);

/* What has been said in the choices of an answer (part "message") or a chunk (part "delta"): bytes
 * of content, reasoning and tool calls. */
int64_t openai_content_bytes(struct json_object *answer, const char *part);

/* True when a choice says why it ended. */
bool openai_is_finished(struct json_object *answer);

/* True when it tells of an error, as servers do that have answered with 200 already: in "error", of
 * the whole or of a choice, or by the finish_reason "error". */
bool openai_is_error(struct json_object *answer);

/* What the parts of one answer have in common. */
struct openai_head {
    char id[40];
    int64_t created; /* seconds since 1970 */
    const char *model;
};

/* A chat.completion, for the caller to put back. */
struct json_object *openai_completion(const struct openai_head *head, const char *text,
                                      const struct token_count *count);

/* A chat.completion.chunk with one choice; takes over delta. finish_reason is NULL except at the
 * end. */
struct json_object *openai_chunk(const struct openai_head *head, struct json_object *delta,
                                 const char *finish_reason);

/* The chunk without choices that ends a stream for which usage was asked. */
struct json_object *openai_usage_chunk(const struct openai_head *head,
                                       const struct token_count *count);

/* Begins the stream: 200 and its headers. */
MUST_CHECK enum err openai_stream_begin(struct http_response *response);

/* Sends one event, and puts json back. ERR_DISCONNECTED when the reader is gone. */
MUST_CHECK enum err openai_stream_event(struct http_response *response, struct json_object *json);

/* The event that ends a whole stream. */
MUST_CHECK enum err openai_stream_done(struct http_response *response);

/* The event after which a broken stream ends, without [DONE]: the official SDKs raise it as an
 * error. */
MUST_CHECK enum err openai_stream_error(struct http_response *response, const char *code,
                                        const char *message);

/* A line that says nothing, while there is nothing to say: it keeps servers in between from giving
 * up, and shows whether the reader is still there. */
MUST_CHECK enum err openai_stream_pulse(struct http_response *response);

#endif
