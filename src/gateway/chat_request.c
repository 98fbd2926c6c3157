#include "gateway/chat_request.h"

#include "base/json.h"

#include <string.h>

static bool is_one_of(const char *text, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(text, *names) == 0)
            return true;
    return false;
}

/* A member that is there and not null. */
static struct json_object *member(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(object, name, &value);
    return value;
}

static const char *check_parts(struct json_object *parts)
{
    const char *type;
    if (json_object_array_length(parts) == 0)
        return "is empty";
    for (size_t i = 0; i < json_object_array_length(parts); i++) {
        struct json_object *part = json_object_array_get_idx(parts, i);
        if (!json_object_is_type(part, json_type_object) ||
            json_get_string(part, "type", &type) != ERR_OK)
            return "has a part that is not an object with a type";
        if (strcmp(type, "text") == 0 &&
            !json_object_is_type(member(part, "text"), json_type_string))
            return "has a part of type text without a text";
    }
    return NULL;
}

static const char *check_content(struct json_object *message, const char *role)
{
    struct json_object *content = member(message, "content");
    if (json_object_is_type(content, json_type_string))
        return NULL;
    if (json_object_is_type(content, json_type_array))
        return check_parts(content);
    /* An assistant that called a tool need not have said anything. */
    if (!content && strcmp(role, "assistant") == 0 &&
        (member(message, "tool_calls") || member(message, "refusal")))
        return NULL;
    return "must be a text or a list of parts";
}

static enum err check_message(struct json_object *message, size_t index, struct buf *problem)
{
    static const char *const roles[] = {"system", "developer", "user", "assistant", "tool", NULL};
    const char *role;
    if (!json_object_is_type(message, json_type_object)) {
        buf_addf(problem, "messages[%zu] must be an object with role and content", index);
        return ERR_INVALID;
    }
    if (json_get_string(message, "role", &role) != ERR_OK || !is_one_of(role, roles)) {
        buf_addf(problem,
                 "messages[%zu].role must be one of system, developer, user, assistant and tool",
                 index);
        return ERR_INVALID;
    }
    const char *wrong = check_content(message, role);
    if (wrong) {
        buf_addf(problem, "messages[%zu].content %s", index, wrong);
        return ERR_INVALID;
    }
    return ERR_OK;
}

static enum err read_messages(struct chat_request *request, struct buf *problem)
{
    request->messages = member(request->body, "messages");
    size_t count = json_object_is_type(request->messages, json_type_array)
                       ? json_object_array_length(request->messages)
                       : 0;
    if (count == 0 || count > CHAT_MESSAGES_MAX) {
        buf_addf(problem, "messages must be a list of 1 to %d messages", CHAT_MESSAGES_MAX);
        return ERR_INVALID;
    }
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < count; i++)
        err = check_message(json_object_array_get_idx(request->messages, i), i, problem);
    return err;
}

/* An optional boolean, false when absent. */
static enum err read_flag(struct json_object *object, const char *name, const char *shown,
                          bool *ret_flag, struct buf *problem)
{
    struct json_object *value = member(object, name);
    if (value && !json_object_is_type(value, json_type_boolean)) {
        buf_addf(problem, "%s must be true or false", shown);
        return ERR_INVALID;
    }
    *ret_flag = value && json_object_get_boolean(value);
    return ERR_OK;
}

static enum err read_model(struct chat_request *request, struct buf *problem)
{
    const char *model = NULL;
    if (json_get_string(request->body, "model", &model) == ERR_INVALID) {
        buf_adds(problem, "model must be a text");
        return ERR_INVALID;
    }
    request->model = model && *model ? model : NULL;
    return ERR_OK;
}

static enum err read_stream(struct chat_request *request, struct buf *problem)
{
    struct json_object *options = member(request->body, "stream_options");
    enum err err = read_flag(request->body, "stream", "stream", &request->stream, problem);
    if (err || !options)
        return err;
    if (!json_object_is_type(options, json_type_object)) {
        buf_adds(problem, "stream_options must be an object");
        return ERR_INVALID;
    }
    return read_flag(options, "include_usage", "stream_options.include_usage",
                     &request->include_usage, problem);
}

static enum err check_count(struct json_object *body, struct buf *problem)
{
    int64_t n;
    enum err err = json_get_integer(body, "n", &n);
    if (err == ERR_NOT_FOUND || (!err && n == 1))
        return ERR_OK;
    buf_adds(problem, "n must be 1 or left out: one answer at a time is given");
    return ERR_INVALID;
}

enum err chat_request_parse(const char *text, size_t len, struct chat_request *ret_request,
                            struct buf *problem)
{
    struct chat_request request = {0};
    const char *wrong = NULL;
    enum err err = json_parse_object(text, len, &request.body, &wrong);
    if (err) {
        buf_adds(problem, wrong ? wrong : err_message(err));
        return err;
    }
    err = read_messages(&request, problem);
    if (!err)
        err = read_model(&request, problem);
    if (!err)
        err = read_stream(&request, problem);
    if (!err)
        err = check_count(request.body, problem);
    if (err)
        chat_request_free(&request);
    else
        *ret_request = request;
    return err;
}

void chat_request_free(struct chat_request *request)
{
    json_object_put(request->body);
    *request = (struct chat_request){0};
}

void chat_message_each_text(struct json_object *message,
                            void visit(void *context, const char *text, size_t len), void *context)
{
    struct json_object *content = member(message, "content");
    if (json_object_is_type(content, json_type_string))
        visit(context, json_object_get_string(content),
              (size_t)json_object_get_string_len(content));
    if (!json_object_is_type(content, json_type_array))
        return;
    for (size_t i = 0; i < json_object_array_length(content); i++) {
        struct json_object *text = member(json_object_array_get_idx(content, i), "text");
        if (json_object_is_type(text, json_type_string))
            visit(context, json_object_get_string(text), (size_t)json_object_get_string_len(text));
    }
}

static void add_text(void *context, const char *text, size_t len)
{
    struct buf *out = context;
    if (out->len)
        buf_adds(out, "\n");
    buf_add(out, text, len);
}

bool chat_message_has_role(struct json_object *message, const char *role)
{
    const char *found = NULL;
    return json_get_string(message, "role", &found) == ERR_OK && strcmp(found, role) == 0;
}

bool chat_message_is_instruction(struct json_object *message)
{
    return chat_message_has_role(message, "system") || chat_message_has_role(message, "developer");
}

enum err chat_request_first_question(const struct chat_request *request, struct buf *text)
{
    for (size_t i = 0; i < json_object_array_length(request->messages); i++) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        if (chat_message_has_role(message, "user")) {
            chat_message_each_text(message, add_text, text);
            break;
        }
    }
    return buf_err(text);
}

enum err chat_request_last_question(const struct chat_request *request, struct buf *text)
{
    for (size_t i = json_object_array_length(request->messages); i-- > 0;) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        if (chat_message_has_role(message, "user")) {
            chat_message_each_text(message, add_text, text);
            break;
        }
    }
    return buf_err(text);
}

bool chat_request_is_single(const struct chat_request *request)
{
    size_t questions = 0;
    for (size_t i = 0; i < json_object_array_length(request->messages); i++) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        if (chat_message_has_role(message, "assistant") || chat_message_has_role(message, "tool"))
            return false;
        if (chat_message_has_role(message, "user"))
            questions++;
    }
    return questions == 1;
}

bool chat_message_calls_tools(struct json_object *message)
{
    struct json_object *calls = member(message, "tool_calls");
    return json_object_is_type(calls, json_type_array) && json_object_array_length(calls) > 0;
}

bool chat_message_precedes_answer(struct json_object *message)
{
    return chat_message_calls_tools(message) || chat_message_has_role(message, "tool");
}

static void count_text(void *context, const char *text, size_t len)
{
    (void)text;
    *(int64_t *)context += (int64_t)len;
}

int64_t chat_message_text_bytes(struct json_object *message)
{
    int64_t bytes = 0;
    chat_message_each_text(message, count_text, &bytes);
    return bytes;
}

static int64_t json_bytes(struct json_object *object, const char *name)
{
    struct json_object *value = member(object, name);
    return value ? (int64_t)strlen(json_object_to_json_string_ext(value, CHAT_MESSAGE_FORMAT)) : 0;
}

/* Of the parts that are no text; ret_over gets what they have over CHAT_PART_MAX_BYTES each. */
static int64_t part_bytes(struct json_object *message, int64_t *ret_over)
{
    struct json_object *content = member(message, "content");
    int64_t bytes = 0;
    *ret_over = 0;
    if (!json_object_is_type(content, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(content); i++) {
        struct json_object *part = json_object_array_get_idx(content, i);
        if (json_object_is_type(member(part, "text"), json_type_string))
            continue;
        int64_t len = (int64_t)strlen(json_object_to_json_string_ext(part, CHAT_MESSAGE_FORMAT));
        bytes += len;
        *ret_over += len > CHAT_PART_MAX_BYTES ? len - CHAT_PART_MAX_BYTES : 0;
    }
    return bytes;
}

int64_t chat_message_bytes(struct json_object *message, size_t len)
{
    int64_t over;
    part_bytes(message, &over);
    return (int64_t)len - over;
}

int64_t chat_request_tokens(const struct chat_request *request)
{
    static const char *const read_by_models[] = {"tools", "functions", "response_format",
                                                 "prediction"};
    int64_t bytes = 0;
    for (size_t i = 0; i < json_object_array_length(request->messages); i++) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        bytes += chat_message_text_bytes(message) + json_bytes(message, "tool_calls");
        int64_t over;
        int64_t parts = part_bytes(message, &over);
        bytes += parts - over;
    }
    for (size_t i = 0; i < sizeof read_by_models / sizeof read_by_models[0]; i++)
        bytes += json_bytes(request->body, read_by_models[i]);
    return estimate_tokens(bytes);
}

int64_t estimate_tokens(int64_t bytes)
{
    return (bytes + 3) / 4;
}
