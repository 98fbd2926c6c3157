#include "gateway/resent.h"

#include "base/json.h"
#include "gateway/thread_store.h"

#include <string.h>

/* What is kept, from the first one on, against what was sent. */
struct comparison {
    struct json_object *sent;
    size_t place;      /* in sent, of the next to compare */
    size_t turn_place; /* place when the turn began that is being compared */
    int64_t turn;
    bool differs;
    bool tries_again; /* all that was sent is kept, but for the reply to its last turn */
};

static size_t skip_instructions(struct json_object *sent, size_t place)
{
    while (place < json_object_array_length(sent) &&
           chat_message_is_instruction(json_object_array_get_idx(sent, place)))
        place++;
    return place;
}

/* NULL where nothing is said. */
static struct json_object *content_of(struct json_object *message)
{
    struct json_object *content = NULL;
    json_object_object_get_ex(message, "content", &content);
    bool empty =
        json_object_is_type(content, json_type_string) && json_object_get_string_len(content) == 0;
    return empty ? NULL : content;
}

static bool says_nothing(struct json_object *message)
{
    const char *refusal = NULL;
    return !content_of(message) && !chat_message_calls_tools(message) &&
           json_get_string(message, "refusal", &refusal) != ERR_OK;
}

static bool is_same(struct json_object *kept, struct json_object *sent)
{
    const char *role = NULL;
    return json_get_string(kept, "role", &role) == ERR_OK && chat_message_has_role(sent, role) &&
           chat_message_calls_tools(kept) == chat_message_calls_tools(sent) &&
           json_object_equal(content_of(kept), content_of(sent));
}

static enum err compare(struct comparison *comparison, const struct message *message,
                        struct json_object *kept)
{
    if (message->turn != comparison->turn) {
        comparison->turn = message->turn;
        comparison->turn_place = comparison->place;
    }
    bool at_end = comparison->place == json_object_array_length(comparison->sent);
    if (at_end && message->part == PART_REPLY && message->state != MESSAGE_COMPLETE) {
        comparison->tries_again = true;
        return ERR_OK;
    }
    if (says_nothing(kept))
        return ERR_OK;
    if (at_end || comparison->tries_again ||
        !is_same(kept, json_object_array_get_idx(comparison->sent, comparison->place))) {
        comparison->differs = true;
        return ERR_NOT_FOUND;
    }
    comparison->place = skip_instructions(comparison->sent, comparison->place + 1);
    return ERR_OK;
}

static enum err visit(void *context, const struct message *message)
{
    struct comparison *comparison = context;
    AUTO_JSON struct json_object *kept = NULL;
    const char *problem;
    if (message->part == PART_SYSTEM)
        return ERR_OK;
    enum err err = json_parse_object(message->json, strlen(message->json), &kept, &problem);
    if (err)
        return err == ERR_INVALID ? ERR_DATABASE : err;
    return compare(comparison, message, kept);
}

/* Clients that leave the remembering to the gateway send no replies. */
static bool holds_reply(struct json_object *sent)
{
    for (size_t i = 0; i < json_object_array_length(sent); i++)
        if (chat_message_has_role(json_object_array_get_idx(sent, i), "assistant"))
            return true;
    return false;
}

enum err resent_drop(struct db *db, int64_t serial, struct chat_request *request)
{
    struct json_object *sent = request->messages;
    if (!holds_reply(sent))
        return ERR_OK;
    struct comparison comparison = {.sent = sent, .place = skip_instructions(sent, 0)};
    enum err err = message_each(db, serial, visit, &comparison);
    if (err || comparison.differs)
        return err;
    bool has_more = comparison.place < json_object_array_length(sent);
    size_t end = has_more ? comparison.place : comparison.tries_again ? comparison.turn_place : 0;
    while (end-- > 0)
        if (!chat_message_is_instruction(json_object_array_get_idx(sent, end)))
            json_object_array_del_idx(sent, end, 1);
    return ERR_OK;
}
