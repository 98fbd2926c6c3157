#include "gateway/history.h"

#include "base/json.h"
#include "gateway/chat_request.h"

#include <string.h>

/* Turns without an answer are read in vain. GATEWAY_CONTEXT_TOKENS ends at half of this. */
enum { READ_MAX_BYTES = 16 << 20, READ_MAX_WEIGHT = 4 * JSON_WEIGHT_MAX };

/* Turns from the last one backwards; arrays of messages are backwards, too. */
struct history {
    int64_t tokens_left;
    struct json_object *chosen;
    struct json_object *turn; /* the messages of the turn that is being read */
    int64_t turn_number;
    int64_t turn_bytes;
    int64_t bytes_read;
    size_t weight_read; /* json_weight() of that */
    bool turn_is_answered;
    bool turn_calls_tools; /* its reply does */
    bool answers_call;     /* what follows the turn begins with what a tool gave */
};

static enum err parse(const struct message *message, struct json_object **ret_json)
{
    const char *problem;
    enum err err = json_parse_object(message->json, strlen(message->json), ret_json, &problem);
    return err == ERR_INVALID ? ERR_DATABASE : err;
}

/* A text, or a list of parts, that is not empty. */
static bool has_content(struct json_object *json, const char *name)
{
    struct json_object *content = NULL;
    json_object_object_get_ex(json, name, &content);
    return json_object_is_type(content, json_type_array) ? json_object_array_length(content) > 0
                                                         : json_object_get_string_len(content) > 0;
}

/* Models refuse a call of tools that nothing answers. */
static void note_reply(struct history *history, const struct message *message,
                       struct json_object *json)
{
    history->turn_calls_tools = chat_message_calls_tools(json);
    history->turn_is_answered = history->turn_calls_tools
                                    ? message->state == MESSAGE_COMPLETE && history->answers_call
                                    : has_content(json, "content") || has_content(json, "refusal");
}

/* Of a list that is backwards. */
static bool begins_with_answer(struct json_object *backwards)
{
    size_t length = json_object_array_length(backwards);
    return length &&
           chat_message_has_role(json_object_array_get_idx(backwards, length - 1), "tool");
}

static void forget_turn(struct history *history)
{
    json_object_put(history->turn);
    history->turn = json_object_new_array();
    history->turn_bytes = 0;
    history->turn_is_answered = false;
    history->turn_calls_tools = false;
}

/* The turn with the call that the request answers, which makes no sense without it. */
static bool is_needed(const struct history *history)
{
    return history->turn_calls_tools && json_object_array_length(history->chosen) == 0;
}

/* ERR_NOT_FOUND when there is no room any more. */
static enum err choose_turn(struct history *history)
{
    int64_t tokens = estimate_tokens(history->turn_bytes);
    if (history->turn_is_answered && tokens > history->tokens_left && !is_needed(history))
        return ERR_NOT_FOUND;
    if (history->bytes_read > READ_MAX_BYTES || history->weight_read > READ_MAX_WEIGHT)
        return ERR_NOT_FOUND;
    if (history->turn_is_answered) {
        history->tokens_left -= tokens;
        history->answers_call = begins_with_answer(history->turn);
        for (size_t i = 0; i < json_object_array_length(history->turn); i++)
            json_object_array_add(history->chosen,
                                  json_object_get(json_object_array_get_idx(history->turn, i)));
    }
    forget_turn(history);
    return ERR_OK;
}

static enum err visit_message(void *context, const struct message *message)
{
    struct history *history = context;
    if (message->part == PART_SYSTEM)
        return ERR_OK;
    if (message->turn != history->turn_number) {
        enum err err = choose_turn(history);
        if (err)
            return err;
        history->turn_number = message->turn;
    }
    struct json_object *json = NULL;
    enum err err = parse(message, &json);
    if (err)
        return err;
    if (message->part == PART_REPLY)
        note_reply(history, message, json);
    size_t len = strlen(message->json);
    history->turn_bytes += chat_message_bytes(json, len);
    history->bytes_read += (int64_t)len;
    history->weight_read += json_weight(message->json, len);
    json_object_array_add(history->turn, json);
    return ERR_OK;
}

/* From the last one backwards. */
struct instructions {
    struct json_object *chosen;
    struct json_object *ids;
    int64_t max_tokens;
    int64_t bytes;
    size_t weight;
};

static enum err visit_instruction(void *context, const struct message *message)
{
    struct instructions *instructions = context;
    struct json_object *json = NULL;
    size_t len = strlen(message->json);
    int64_t bytes = instructions->bytes + (int64_t)len;
    instructions->weight += json_weight(message->json, len);
    bool is_full =
        estimate_tokens(bytes) > instructions->max_tokens || instructions->weight > READ_MAX_WEIGHT;
    if (instructions->bytes && is_full)
        return ERR_NOT_FOUND;
    enum err err = parse(message, &json);
    if (err)
        return err;
    instructions->bytes = bytes;
    json_object_array_add(instructions->chosen, json);
    json_object_array_add(instructions->ids, json_object_new_int64(message->id));
    return ERR_OK;
}

static void add_reversed(struct json_object *list, struct json_object *backwards)
{
    for (size_t i = json_object_array_length(backwards); i-- > 0;)
        json_object_array_add(list, json_object_get(json_object_array_get_idx(backwards, i)));
}

enum err history_read_instructions(struct db *db, int64_t serial, int64_t max_tokens,
                                   struct json_object *list, struct json_object *ids,
                                   int64_t *ret_tokens)
{
    AUTO_JSON struct json_object *chosen = json_object_new_array();
    AUTO_JSON struct json_object *chosen_ids = json_object_new_array();
    struct instructions instructions = {
        .chosen = chosen, .ids = chosen_ids, .max_tokens = max_tokens};
    enum err err = message_each_system_backwards(db, serial, visit_instruction, &instructions);
    if (err)
        return err;
    add_reversed(list, chosen);
    add_reversed(ids, chosen_ids);
    *ret_tokens = estimate_tokens(instructions.bytes);
    return ERR_OK;
}

static struct json_object *from_end(struct json_object *backwards, size_t index)
{
    return json_object_array_get_idx(backwards, json_object_array_length(backwards) - 1 - index);
}

/* Where a list of which the beginning is left out may begin: with a question or, where the request
 * answers what was called after it, with a call. */
static size_t find_beginning(struct json_object *backwards, bool answers_call)
{
    size_t length = json_object_array_length(backwards);
    size_t call = length;
    for (size_t i = 0; i < length; i++) {
        struct json_object *message = from_end(backwards, i);
        if (chat_message_has_role(message, "user"))
            return i;
        if (call == length && chat_message_calls_tools(message))
            call = i;
    }
    return answers_call ? call : length;
}

/* Leaves out what a tool gave without its call before it, and what followed from that, up to the
 * next question or call. */
static void add_turns(struct json_object *list, struct json_object *backwards, size_t first)
{
    bool may_answer = false;
    bool skips = false;
    for (size_t i = first; i < json_object_array_length(backwards); i++) {
        struct json_object *message = from_end(backwards, i);
        if (chat_message_has_role(message, "tool"))
            skips = skips || !may_answer;
        else if (chat_message_has_role(message, "user") || chat_message_calls_tools(message))
            skips = false;
        may_answer = !skips && chat_message_precedes_answer(message);
        if (!skips)
            json_object_array_add(list, json_object_get(message));
    }
}

enum err history_read_turns(struct db *db, const struct history_order *order,
                            struct json_object *list)
{
    struct history history = {
        .tokens_left = order->max_tokens,
        .chosen = json_object_new_array(),
        .turn = json_object_new_array(),
        .answers_call = order->answers_call,
    };
    enum err err = message_each_backwards(db, order->serial, INT64_MAX, visit_message, &history);
    if (!err)
        err = choose_turn(&history);
    bool is_cut = err == ERR_NOT_FOUND || history.answers_call;
    add_turns(list, history.chosen,
              is_cut ? find_beginning(history.chosen, order->answers_call) : 0);
    json_object_put(history.chosen);
    json_object_put(history.turn);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}
