#include "gateway/past.h"

#include "base/json.h"
#include "gateway/history.h"

static const char *text_of(struct json_object *message)
{
    return json_object_to_json_string_ext(message, CHAT_MESSAGE_FORMAT);
}

void past_init(struct past *past)
{
    *past = (struct past){.messages = json_object_new_array(),
                          .instructions = json_object_new_object(),
                          .moved_ids = json_object_new_array()};
}

void past_free(struct past *past)
{
    json_object_put(past->messages);
    json_object_put(past->instructions);
    json_object_put(past->moved_ids);
}

bool past_knows(const struct past *past, struct json_object *message)
{
    return chat_message_is_instruction(message) &&
           json_object_object_get_ex(past->instructions, text_of(message), NULL);
}

static void note_instructions(struct past *past)
{
    for (size_t i = 0; i < json_object_array_length(past->messages); i++)
        json_object_object_add(past->instructions,
                               text_of(json_object_array_get_idx(past->messages, i)), NULL);
}

/* The instructions of a request, their texts as names, in their order. For the caller to put back.
 */
static struct json_object *instructions_of(const struct chat_request *request)
{
    struct json_object *texts = json_object_new_object();
    for (size_t i = 0; i < json_object_array_length(request->messages); i++) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        if (chat_message_is_instruction(message))
            json_object_object_add(texts, text_of(message), json_object_get(message));
    }
    return texts;
}

/* True when the past has them all, but has others behind them. */
static bool are_taken_up_again(const struct past *past, struct json_object *texts)
{
    size_t left = json_object_array_length(past->messages);
    size_t count = (size_t)json_object_object_length(texts);
    json_object_object_foreach(texts, text, message)
    {
        (void)message;
        if (!json_object_object_get_ex(past->instructions, text, NULL))
            return false;
    }
    for (size_t i = 0; i < count && left; i++) {
        struct json_object *last = json_object_array_get_idx(past->messages, --left);
        if (!json_object_object_get_ex(texts, text_of(last), NULL))
            return true;
    }
    return false;
}

/* What a client says now holds more than what it said in between. */
static void move_to_end(struct past *past, struct json_object *texts, struct json_object *ids)
{
    struct json_object *moved = json_object_new_array();
    for (size_t i = 0; i < json_object_array_length(past->messages); i++) {
        struct json_object *message = json_object_array_get_idx(past->messages, i);
        if (json_object_object_get_ex(texts, text_of(message), NULL))
            json_object_array_add(past->moved_ids,
                                  json_object_get(json_object_array_get_idx(ids, i)));
        else
            json_object_array_add(moved, json_object_get(message));
    }
    json_object_object_foreach(texts, text, message)
    {
        (void)text;
        json_object_array_add(moved, json_object_get(message));
    }
    json_object_put(past->messages);
    past->messages = moved;
}

static enum err read_instructions(struct past *past, struct db *db, int64_t serial,
                                  const struct chat_request *request, int64_t max_tokens,
                                  int64_t *ret_tokens)
{
    AUTO_JSON struct json_object *ids = json_object_new_array();
    AUTO_JSON struct json_object *texts = instructions_of(request);
    enum err err =
        history_read_instructions(db, serial, max_tokens, past->messages, ids, ret_tokens);
    if (err)
        return err;
    note_instructions(past);
    if (are_taken_up_again(past, texts))
        move_to_end(past, texts, ids);
    return ERR_OK;
}

/* Of the request's messages those that go to the model behind the past. */
static int64_t new_tokens(const struct past *past, const struct chat_request *request)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < json_object_array_length(request->messages); i++) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        if (past_knows(past, message))
            bytes += chat_message_text_bytes(message);
    }
    return chat_request_tokens(request) - estimate_tokens(bytes);
}

/* True when the first message besides instructions is what a tool gave. */
static bool answers_call(const struct chat_request *request)
{
    for (size_t i = 0; i < json_object_array_length(request->messages); i++) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        if (!chat_message_is_instruction(message))
            return chat_message_has_role(message, "tool");
    }
    return false;
}

static bool ends_with_call(const struct past *past)
{
    size_t length = json_object_array_length(past->messages);
    return length &&
           chat_message_precedes_answer(json_object_array_get_idx(past->messages, length - 1));
}

/* True when the request holds nothing but what tools gave, whose call is not there. */
static bool is_out_of_place(const struct past *past, const struct chat_request *request)
{
    if (ends_with_call(past) || !answers_call(request))
        return false;
    for (size_t i = 0; i < json_object_array_length(request->messages); i++) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        if (!chat_message_is_instruction(message) && !chat_message_has_role(message, "tool"))
            return false;
    }
    return true;
}

enum err past_read(struct past *past, struct db *db, int64_t serial,
                   const struct chat_request *request, int64_t context_tokens)
{
    int64_t instruction_tokens = 0;
    enum err err =
        read_instructions(past, db, serial, request, context_tokens / 2, &instruction_tokens);
    if (err)
        return err;
    const struct history_order order = {
        .serial = serial,
        .max_tokens = context_tokens - new_tokens(past, request) - instruction_tokens,
        .answers_call = answers_call(request),
    };
    err = history_read_turns(db, &order, past->messages);
    return !err && is_out_of_place(past, request) ? ERR_CONFLICT : err;
}

void past_join(struct past *past, struct chat_request *request)
{
    bool orphans = !ends_with_call(past);
    for (size_t i = 0; i < json_object_array_length(request->messages); i++) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        bool answers = chat_message_has_role(message, "tool");
        orphans = orphans && (answers || chat_message_is_instruction(message));
        if (!past_knows(past, message) && !(answers && orphans))
            json_object_array_add(past->messages, json_object_get(message));
    }
    json_object_object_add(request->body, "messages", json_object_get(past->messages));
    request->messages = past->messages;
}
