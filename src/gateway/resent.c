#include "gateway/resent.h"

#include "base/json.h"
#include "gateway/thread_store.h"

#include <string.h>

/* What is kept, from the first one on, against what was sent. */
struct comparison {
    struct json_object *sent;
    size_t place;          /* in sent, of the next to compare */
    size_t answered_place; /* place after the last reply that says something */
    int64_t unanswered_id; /* the first message kept after that, 0 when there is none */
    bool differs;
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

static bool is_part(struct json_object *one, struct json_object *other)
{
    if (!json_object_is_type(one, json_type_string) ||
        !json_object_is_type(other, json_type_string))
        return false;
    int one_len = json_object_get_string_len(one);
    int other_len = json_object_get_string_len(other);
    size_t common = (size_t)(one_len < other_len ? one_len : other_len);
    return memcmp(json_object_get_string(one), json_object_get_string(other), common) == 0;
}

static bool is_same(struct json_object *kept, struct json_object *sent, bool is_whole)
{
    const char *role = NULL;
    struct json_object *content = content_of(kept);
    return json_get_string(kept, "role", &role) == ERR_OK && chat_message_has_role(sent, role) &&
           chat_message_calls_tools(kept) == chat_message_calls_tools(sent) &&
           (json_object_equal(content, content_of(sent)) ||
            (!is_whole && is_part(content, content_of(sent))));
}

/* A reply that was not sent again, for which its end makes up. */
static bool is_left_out(const struct message *message, struct json_object *kept,
                        struct json_object *next)
{
    bool is_whole = message->state == MESSAGE_COMPLETE;
    return message->part == PART_REPLY &&
           (says_nothing(kept) ||
            (!is_whole && !(next && chat_message_has_role(next, "assistant"))));
}

static enum err compare(struct comparison *comparison, const struct message *message,
                        struct json_object *kept)
{
    struct json_object *next = json_object_array_get_idx(comparison->sent, comparison->place);
    if (!comparison->unanswered_id)
        comparison->unanswered_id = message->id;
    if (is_left_out(message, kept, next))
        return ERR_OK;
    if (!next || !is_same(kept, next, message->state == MESSAGE_COMPLETE)) {
        comparison->differs = true;
        return ERR_NOT_FOUND;
    }
    comparison->place = skip_instructions(comparison->sent, comparison->place + 1);
    if (message->part == PART_REPLY) {
        comparison->answered_place = comparison->place;
        comparison->unanswered_id = 0;
    }
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

enum err resent_drop(struct db *db, int64_t serial, struct chat_request *request,
                     int64_t *ret_superseded_id)
{
    struct json_object *sent = request->messages;
    size_t length = json_object_array_length(sent);
    if (!holds_reply(sent))
        return ERR_OK;
    struct comparison comparison = {.sent = sent, .place = skip_instructions(sent, 0)};
    enum err err = message_each(db, serial, visit, &comparison);
    bool has_new = comparison.place < length || comparison.unanswered_id;
    if (err || comparison.differs || !has_new)
        return err;
    for (size_t end = comparison.answered_place; end-- > 0;)
        if (!chat_message_is_instruction(json_object_array_get_idx(sent, end)))
            json_object_array_del_idx(sent, end, 1);
    if (comparison.unanswered_id)
        *ret_superseded_id = comparison.unanswered_id;
    return ERR_OK;
}
