#include "gateway/reply.h"

#include "base/json.h"
#include "gateway/chat_request.h"

#include <string.h>

/* So that json_parse_object() takes the whole message. */
enum { REPLY_MAX_WEIGHT = JSON_WEIGHT_MAX / 2 };

static const int compact = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;

void reply_init(struct reply *reply)
{
    *reply =
        (struct reply){.content = BUF_MAX(REPLY_MAX_BYTES), .refusal = BUF_MAX(REPLY_MAX_BYTES)};
}

void reply_free(struct reply *reply)
{
    buf_free(&reply->content);
    buf_free(&reply->refusal);
    for (size_t i = 0; i < reply->call_count; i++)
        buf_free(&reply->calls[i].arguments);
    reply->call_count = 0;
    json_object_put(reply->tool_calls);
    reply->tool_calls = NULL;
}

/* What does not fit is left out, from a whole character on. */
static void add_text(struct reply *reply, struct buf *out, const char *text, size_t len)
{
    if (reply->is_full)
        return;
    if (len > out->max - out->len) {
        reply->is_full = true;
        for (len = out->max - out->len; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--;
    }
    buf_add(out, text, len);
    reply->is_full = reply->is_full || buf_err(out) != ERR_OK;
}

void reply_add_text(struct reply *reply, const char *text, size_t len)
{
    add_text(reply, &reply->content, text, len);
}

static struct json_object *member(struct json_object *object, const char *name, enum json_type type)
{
    struct json_object *value = NULL;
    bool found = json_object_is_type(object, json_type_object) &&
                 json_object_object_get_ex(object, name, &value);
    return found && json_object_is_type(value, type) ? value : NULL;
}

static struct json_object *first_choice(struct json_object *answer, const char *part)
{
    struct json_object *choices = member(answer, "choices", json_type_array);
    struct json_object *choice = choices ? json_object_array_get_idx(choices, 0) : NULL;
    return member(choice, part, json_type_object);
}

static void add_string(struct buf *out, struct json_object *said, const char *name)
{
    struct json_object *text = member(said, name, json_type_string);
    if (text)
        buf_add(out, json_object_get_string(text), (size_t)json_object_get_string_len(text));
}

static void add_content(void *context, const char *text, size_t len)
{
    reply_add_text(context, text, len);
}

/* What a choice says but for calls of tools. */
static void add_said(struct reply *reply, struct json_object *said)
{
    struct json_object *refusal = member(said, "refusal", json_type_string);
    if (said)
        chat_message_each_text(said, add_content, reply);
    if (refusal)
        add_text(reply, &reply->refusal, json_object_get_string(refusal),
                 (size_t)json_object_get_string_len(refusal));
}

/* True, and counted, when there is room for that many bytes more of calls of tools. */
static bool take_room(struct reply *reply, size_t bytes)
{
    if (bytes > REPLY_MAX_BYTES - reply->tool_call_bytes)
        reply->is_full = true;
    if (!reply->is_full)
        reply->tool_call_bytes += bytes;
    return !reply->is_full;
}

/* A text in a piece goes behind the text that is there. */
static void append_member(struct reply *reply, struct json_object *object,
                          struct json_object *piece, const char *name)
{
    BUF_AUTO(text, REPLY_MAX_BYTES);
    add_string(&text, object, name);
    size_t before = text.len;
    add_string(&text, piece, name);
    if (text.len > before && take_room(reply, text.len - before))
        json_object_object_add(object, name, json_object_new_string_len(text.data, (int)text.len));
}

/* Arguments arrive cut up, in many pieces. */
static void append_arguments(struct reply *reply, struct reply_call *call,
                             struct json_object *function)
{
    struct json_object *text = member(function, "arguments", json_type_string);
    if (!text || !take_room(reply, (size_t)json_object_get_string_len(text)))
        return;
    add_string(&call->arguments, function, "arguments");
    reply->is_full = buf_err(&call->arguments) != ERR_OK;
}

/* A place for one more call; NULL when there are too many. */
static struct reply_call *new_tool_call(struct reply *reply, int64_t index)
{
    if (reply->call_count == REPLY_TOOL_CALLS_MAX) {
        reply->is_full = true;
        return NULL;
    }
    if (!reply->tool_calls)
        reply->tool_calls = json_object_new_array();
    struct json_object *json = json_object_new_object();
    json_object_object_add(json, "function", json_object_new_object());
    json_object_array_add(reply->tool_calls, json);
    struct reply_call *call = &reply->calls[reply->call_count++];
    *call =
        (struct reply_call){.json = json, .index = index, .arguments = BUF_MAX(REPLY_MAX_BYTES)};
    return call;
}

static struct reply_call *find_by_index(struct reply *reply, int64_t index)
{
    for (size_t i = 0; i < reply->call_count; i++)
        if (reply->calls[i].index == index)
            return &reply->calls[i];
    return NULL;
}

static struct reply_call *find_by_id(struct reply *reply, struct json_object *id)
{
    for (size_t i = 0; i < reply->call_count; i++)
        if (json_object_equal(member(reply->calls[i].json, "id", json_type_string), id))
            return &reply->calls[i];
    return NULL;
}

/* The call that a piece belongs to. Servers that stream each call as a whole may leave out the
 * index; a piece without index, id and name goes on with the last call. NULL when there is none, or
 * no room for one more. */
static struct reply_call *tool_call_of(struct reply *reply, struct json_object *piece)
{
    enum { NO_INDEX = -1 };
    int64_t index = NO_INDEX;
    struct json_object *id = member(piece, "id", json_type_string);
    struct json_object *function = member(piece, "function", json_type_object);
    struct json_object *name = member(function, "name", json_type_string);
    struct reply_call *call = NULL;
    if (json_get_integer(piece, "index", &index) == ERR_OK && index >= 0)
        call = find_by_index(reply, index);
    else if (id)
        call = find_by_id(reply, id);
    else if (!name && reply->call_count)
        call = &reply->calls[reply->call_count - 1];
    return call || (!id && !function) ? call : new_tool_call(reply, index);
}

static void add_tool_call_piece(struct reply *reply, struct json_object *piece)
{
    if (!json_object_is_type(piece, json_type_object))
        return;
    struct reply_call *call = tool_call_of(reply, piece);
    if (!call)
        return;
    struct json_object *function = member(piece, "function", json_type_object);
    if (!member(call->json, "id", json_type_string))
        append_member(reply, call->json, piece, "id");
    if (!member(call->json, "type", json_type_string))
        append_member(reply, call->json, piece, "type");
    append_member(reply, member(call->json, "function", json_type_object), function, "name");
    append_arguments(reply, call, function);
}

void reply_add_chunk(struct reply *reply, struct json_object *chunk)
{
    struct json_object *delta = first_choice(chunk, "delta");
    add_said(reply, delta);
    struct json_object *calls = member(delta, "tool_calls", json_type_array);
    for (size_t i = 0; calls && i < json_object_array_length(calls); i++)
        add_tool_call_piece(reply, json_object_array_get_idx(calls, i));
}

void reply_add_answer(struct reply *reply, struct json_object *answer)
{
    struct json_object *message = first_choice(answer, "message");
    add_said(reply, message);
    struct json_object *calls = member(message, "tool_calls", json_type_array);
    size_t count = calls ? json_object_array_length(calls) : 0;
    const char *text = count ? json_object_to_json_string_ext(calls, compact) : "";
    if (count > REPLY_TOOL_CALLS_MAX || json_weight(text, strlen(text)) > REPLY_MAX_WEIGHT)
        reply->is_full = true;
    else if (count && take_room(reply, strlen(text)))
        reply->tool_calls = json_object_get(calls);
}

bool reply_is_empty(const struct reply *reply)
{
    return !reply->content.len && !reply->refusal.len && !reply->tool_calls && !reply_is_cut(reply);
}

void reply_note_gap(struct reply *reply)
{
    reply->has_gap = true;
}

bool reply_is_cut(const struct reply *reply)
{
    return reply->is_full || reply->has_gap;
}

static void add_text_member(struct json_object *message, const char *name, const struct buf *text)
{
    if (text->len)
        json_object_object_add(message, name,
                               json_object_new_string_len(text->data, (int)text->len));
}

/* Also where a tool has none: models refuse a call that has no such member. */
static void put_arguments_in(const struct reply *reply)
{
    for (size_t i = 0; i < reply->call_count; i++) {
        const struct reply_call *call = &reply->calls[i];
        const struct buf *arguments = &call->arguments;
        json_object_object_add(member(call->json, "function", json_type_object), "arguments",
                               json_object_new_string_len(buf_str(arguments), (int)arguments->len));
    }
}

struct json_object *reply_message(const struct reply *reply)
{
    struct json_object *message = json_object_new_object();
    json_add_string(message, "role", "assistant");
    if (!reply->tool_calls)
        json_add_string(message, "content", "");
    add_text_member(message, "content", &reply->content);
    add_text_member(message, "refusal", &reply->refusal);
    put_arguments_in(reply);
    if (reply->tool_calls)
        json_object_object_add(message, "tool_calls", json_object_get(reply->tool_calls));
    return message;
}
