#include "gateway/history.h"

#include "base/json.h"
#include "gateway/chat_request.h"

#include <string.h>

/* Turns from the last one backwards; arrays of messages are backwards, too. */
struct history {
    int64_t tokens_left;
    struct json_object *chosen;
    struct json_object *turn; /* the messages of the turn that is being read */
    int64_t turn_number;
    int64_t turn_bytes;
    bool turn_is_answered;
};

static enum err parse(const struct message *message, struct json_object **ret_json)
{
    const char *problem;
    enum err err = json_parse_object(message->json, strlen(message->json), ret_json, &problem);
    return err == ERR_INVALID ? ERR_DATABASE : err;
}

static bool answers(const struct message *message, struct json_object *json)
{
    struct json_object *content = NULL;
    if (json_object_object_get_ex(json, "tool_calls", NULL))
        return message->state == MESSAGE_COMPLETE;
    return json_object_object_get_ex(json, "content", &content) &&
           json_object_get_string_len(content) > 0;
}

static void forget_turn(struct history *history)
{
    json_object_put(history->turn);
    history->turn = json_object_new_array();
    history->turn_bytes = 0;
    history->turn_is_answered = false;
}

/* ERR_NOT_FOUND when there is no room any more. */
static enum err choose_turn(struct history *history)
{
    int64_t tokens = estimate_tokens(history->turn_bytes);
    if (history->turn_is_answered && tokens > history->tokens_left)
        return ERR_NOT_FOUND;
    if (history->turn_is_answered) {
        history->tokens_left -= tokens;
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
        history->turn_is_answered = answers(message, json);
    history->turn_bytes += (int64_t)strlen(message->json);
    json_object_array_add(history->turn, json);
    return ERR_OK;
}

struct instructions {
    struct json_object *list;
    int64_t bytes;
};

static enum err visit_instruction(void *context, const struct message *message)
{
    struct instructions *instructions = context;
    struct json_object *json = NULL;
    enum err err = parse(message, &json);
    if (err)
        return err;
    instructions->bytes += (int64_t)strlen(message->json);
    json_object_array_add(instructions->list, json);
    return ERR_OK;
}

enum err history_read(struct db *db, int64_t serial, int64_t max_tokens, struct json_object *list)
{
    struct instructions instructions = {.list = list};
    enum err err = message_each_system(db, serial, visit_instruction, &instructions);
    if (err)
        return err;
    struct history history = {
        .tokens_left = max_tokens - estimate_tokens(instructions.bytes),
        .chosen = json_object_new_array(),
        .turn = json_object_new_array(),
    };
    err = message_each_backwards(db, serial, INT64_MAX, visit_message, &history);
    if (!err)
        err = choose_turn(&history);
    for (size_t i = json_object_array_length(history.chosen); i-- > 0;)
        json_object_array_add(list, json_object_get(json_object_array_get_idx(history.chosen, i)));
    json_object_put(history.chosen);
    json_object_put(history.turn);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}
