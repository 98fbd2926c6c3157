#include "gateway/openai.h"

#include "base/json.h"
#include "gateway/chat_request.h"

#include <string.h>

enum { COMPACT = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };

#define TOKENS_MAX INT64_C(1000000000)

static bool read_amount(struct json_object *usage, const char *name, int64_t *ret_amount)
{
    return json_get_integer(usage, name, ret_amount) == ERR_OK && *ret_amount >= 0 &&
           *ret_amount <= TOKENS_MAX;
}

bool openai_read_usage(struct json_object *answer, struct token_count *count)
{
    struct json_object *usage = NULL;
    struct token_count read;
    if (!json_object_object_get_ex(answer, "usage", &usage) ||
        !json_object_is_type(usage, json_type_object) ||
        !read_amount(usage, "prompt_tokens", &read.input) ||
        !read_amount(usage, "completion_tokens", &read.output) || read.input == 0)
        return false;
    *count = read;
    return true;
}

static int64_t string_bytes(struct json_object *object, const char *name)
{
    struct json_object *text = NULL;
    if (!json_object_object_get_ex(object, name, &text) ||
        !json_object_is_type(text, json_type_string))
        return 0;
    return json_object_get_string_len(text);
}

static int64_t tool_call_bytes(struct json_object *said)
{
    struct json_object *calls = NULL;
    struct json_object *function = NULL;
    int64_t bytes = 0;
    if (!json_object_object_get_ex(said, "tool_calls", &calls) ||
        !json_object_is_type(calls, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(calls); i++)
        if (json_object_object_get_ex(json_object_array_get_idx(calls, i), "function", &function))
            bytes += string_bytes(function, "name") + string_bytes(function, "arguments");
    return bytes;
}

static struct json_object *choices_of(struct json_object *answer)
{
    struct json_object *choices = NULL;
    json_object_object_get_ex(answer, "choices", &choices);
    return json_object_is_type(choices, json_type_array) ? choices : NULL;
}

int64_t openai_content_bytes(struct json_object *answer, const char *part)
{
    struct json_object *choices = choices_of(answer);
    int64_t bytes = 0;
    for (size_t i = 0; choices && i < json_object_array_length(choices); i++) {
        struct json_object *said = NULL;
        if (!json_object_object_get_ex(json_object_array_get_idx(choices, i), part, &said))
            continue;
        bytes += chat_message_text_bytes(said) + string_bytes(said, "reasoning_content") +
                 string_bytes(said, "reasoning") + tool_call_bytes(said);
    }
    return bytes;
}

/* The reason why a choice ended, NULL where it has not: some servers write an empty one then. */
static const char *reason_of(struct json_object *choice)
{
    const char *reason = NULL;
    bool given = json_get_string(choice, "finish_reason", &reason) == ERR_OK && *reason;
    return given ? reason : NULL;
}

bool openai_is_finished(struct json_object *answer)
{
    struct json_object *choices = choices_of(answer);
    for (size_t i = 0; choices && i < json_object_array_length(choices); i++)
        if (reason_of(json_object_array_get_idx(choices, i)))
            return true;
    return false;
}

static bool has_error(struct json_object *object)
{
    struct json_object *error = NULL;
    return json_object_object_get_ex(object, "error", &error) && error;
}

bool openai_is_error(struct json_object *answer)
{
    struct json_object *choices = choices_of(answer);
    bool failed = has_error(answer);
    for (size_t i = 0; choices && !failed && i < json_object_array_length(choices); i++) {
        struct json_object *choice = json_object_array_get_idx(choices, i);
        const char *reason = reason_of(choice);
        failed = has_error(choice) || (reason && strcmp(reason, "error") == 0);
    }
    return failed;
}

static struct json_object *new_object(const struct openai_head *head, const char *kind)
{
    struct json_object *object = json_object_new_object();
    json_add_string(object, "id", head->id);
    json_add_string(object, "object", kind);
    json_object_object_add(object, "created", json_object_new_int64(head->created));
    json_add_string(object, "model", head->model);
    return object;
}

static void add_choice(struct json_object *object, const char *part, struct json_object *said,
                       const char *finish_reason)
{
    struct json_object *choices = json_object_new_array();
    struct json_object *choice = json_object_new_object();
    json_object_object_add(choice, "index", json_object_new_int(0));
    json_object_object_add(choice, part, said);
    json_object_object_add(choice, "logprobs", NULL);
    json_object_object_add(choice, "finish_reason",
                           finish_reason ? json_object_new_string(finish_reason) : NULL);
    json_object_array_add(choices, choice);
    json_object_object_add(object, "choices", choices);
}

static void add_usage(struct json_object *object, const struct token_count *count)
{
    struct json_object *usage = json_object_new_object();
    json_object_object_add(usage, "prompt_tokens", json_object_new_int64(count->input));
    json_object_object_add(usage, "completion_tokens", json_object_new_int64(count->output));
    json_object_object_add(usage, "total_tokens",
                           json_object_new_int64(count->input + count->output));
    json_object_object_add(object, "usage", usage);
}

struct json_object *openai_completion(const struct openai_head *head, const char *text,
                                      const struct token_count *count)
{
    struct json_object *object = new_object(head, "chat.completion");
    struct json_object *message = json_object_new_object();
    json_add_string(message, "role", "assistant");
    json_add_string(message, "content", text);
    json_object_object_add(message, "refusal", NULL);
    add_choice(object, "message", message, "stop");
    add_usage(object, count);
    return object;
}

struct json_object *openai_chunk(const struct openai_head *head, struct json_object *delta,
                                 const char *finish_reason)
{
    struct json_object *object = new_object(head, "chat.completion.chunk");
    add_choice(object, "delta", delta, finish_reason);
    return object;
}

struct json_object *openai_usage_chunk(const struct openai_head *head,
                                       const struct token_count *count)
{
    struct json_object *object = new_object(head, "chat.completion.chunk");
    json_object_object_add(object, "choices", json_object_new_array());
    add_usage(object, count);
    return object;
}

enum err openai_stream_begin(struct http_response *response)
{
    response->status = 200;
    http_response_header(response, "Content-Type", "text/event-stream; charset=utf-8");
    http_response_header(response, "Cache-Control", "no-store");
    http_response_header(response, "X-Accel-Buffering", "no"); /* nginx would hold it back */
    return http_response_begin(response);
}

enum err openai_stream_event(struct http_response *response, struct json_object *json)
{
    BUF_AUTO(event, OPENAI_EVENT_MAX_BYTES);
    buf_addf(&event, "data: %s\n\n", json_object_to_json_string_ext(json, COMPACT));
    json_object_put(json);
    return buf_err(&event) ? buf_err(&event) : http_response_write(response, event.data, event.len);
}

enum err openai_stream_done(struct http_response *response)
{
    static const char done[] = "data: [DONE]\n\n";
    return http_response_write(response, done, strlen(done));
}

enum err openai_stream_error(struct http_response *response, const char *code, const char *message)
{
    struct json_object *event = json_object_new_object();
    struct json_object *error = json_object_new_object();
    json_add_string(error, "code", code);
    json_add_string(error, "message", message);
    json_object_object_add(event, "error", error);
    return openai_stream_event(response, event);
}

enum err openai_stream_pulse(struct http_response *response)
{
    return http_response_write(response, ":\n", 2);
}
