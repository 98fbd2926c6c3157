#include "gateway/conversation.h"

#include "base/clock.h"
#include "base/json.h"
#include "gateway/history.h"
#include "gateway/resent.h"
#include "gateway/title.h"

#include <string.h>

enum { WRITE_EVERY_MS = 2000 };

static const int plain = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;

void conversation_init(struct conversation *conversation, const struct gateway *gateway)
{
    *conversation = (struct conversation){.gateway = gateway};
    reply_init(&conversation->reply);
}

void conversation_free(struct conversation *conversation)
{
    reply_free(&conversation->reply);
}

/* What the last turn held besides instructions, to be compared with what is sent now. */
struct last_turn {
    int64_t number;   /* 0 when there is none */
    bool is_answered; /* its reply is complete */
    struct buf parts; /* its messages, backwards */
};

static enum err visit_last_turn(void *context, const struct message *message)
{
    struct last_turn *last = context;
    if (last->number && message->turn != last->number)
        return ERR_NOT_FOUND;
    last->number = message->turn;
    if (message->part == PART_REPLY)
        last->is_answered = message->state == MESSAGE_COMPLETE;
    if (message->part == PART_MESSAGE) {
        buf_adds(&last->parts, message->json);
        buf_adds(&last->parts, "\n");
    }
    return buf_err(&last->parts);
}

static const char *text_of(struct json_object *message)
{
    return json_object_to_json_string_ext(message, plain);
}

static bool repeats(const struct chat_request *request, const struct last_turn *last)
{
    BUF_AUTO(parts, 2 * CHAT_REQUEST_MAX_BYTES);
    for (size_t i = json_object_array_length(request->messages); i-- > 0;) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        if (!chat_message_is_instruction(message)) {
            buf_adds(&parts, text_of(message));
            buf_adds(&parts, "\n");
        }
    }
    return buf_err(&parts) == ERR_OK && strcmp(buf_str(&parts), buf_str(&last->parts)) == 0;
}

/* What goes to the model before the new messages. */
struct past {
    struct json_object *messages;
    struct json_object *instructions; /* the texts of those among the messages, as its names */
};

static void note_instructions(struct past *past)
{
    for (size_t i = 0; i < json_object_array_length(past->messages); i++) {
        struct json_object *message = json_object_array_get_idx(past->messages, i);
        if (chat_message_is_instruction(message))
            json_object_object_add(past->instructions, text_of(message), NULL);
    }
}

static bool is_known(const struct past *past, struct json_object *message)
{
    return chat_message_is_instruction(message) &&
           json_object_object_get_ex(past->instructions, text_of(message), NULL);
}

/* A client that moves a conversation here brings replies along; one that calls tools belongs to
 * what comes after it. */
static bool is_earlier_reply(struct json_object *json, bool is_last)
{
    return !is_last && chat_message_has_role(json, "assistant") && !chat_message_calls_tools(json);
}

static enum err keep_message(struct conversation *conversation, struct db *db,
                             struct json_object *json, enum message_part part, int64_t now_ms)
{
    const struct message message = {
        .turn = conversation->turn,
        .part = part,
        .state = MESSAGE_COMPLETE,
        .json = text_of(json),
        .created_at_ms = now_ms,
        .changed_at_ms = now_ms,
    };
    int64_t id;
    enum err err = message_insert(db, conversation->serial, &message, &id);
    if (!err && !conversation->first_id)
        conversation->first_id = id;
    return err;
}

static enum err keep_turn(struct conversation *conversation, struct db *db,
                          const struct chat_request *request, const struct past *past,
                          int64_t now_ms)
{
    enum err err = ERR_OK;
    size_t count = json_object_array_length(request->messages);
    for (size_t i = 0; !err && i < count; i++) {
        struct json_object *json = json_object_array_get_idx(request->messages, i);
        bool is_reply = is_earlier_reply(json, i + 1 == count);
        enum message_part part = chat_message_is_instruction(json) ? PART_SYSTEM : PART_MESSAGE;
        if (!is_known(past, json))
            err = keep_message(conversation, db, json, is_reply ? PART_REPLY : part, now_ms);
        if (is_reply)
            conversation->turn++;
    }
    if (err)
        return err;
    AUTO_JSON struct json_object *nothing = reply_message(&conversation->reply);
    const struct message reply = {
        .turn = conversation->turn,
        .part = PART_REPLY,
        .state = MESSAGE_STREAMING,
        .json = text_of(nothing),
        .created_at_ms = now_ms,
        .changed_at_ms = now_ms,
    };
    return message_insert(db, conversation->serial, &reply, &conversation->reply_id);
}

static enum err open_thread(struct conversation *conversation, struct db *db,
                            const struct thread_key *key, const struct chat_request *request,
                            int64_t now_ms)
{
    enum err err = thread_find(db, key, now_ms, &conversation->serial);
    if (!err)
        return thread_touch(db, conversation->serial, now_ms, conversation->expires_at_ms);
    if (err != ERR_NOT_FOUND)
        return err;
    char title[TITLE_SIZE];
    title_of(request, title);
    return thread_insert(db, key, title, now_ms, conversation->expires_at_ms,
                         &conversation->serial);
}

static enum err make_room(struct conversation *conversation, struct db *db,
                          const struct chat_request *request)
{
    struct last_turn last = {.parts = BUF_MAX(2 * CHAT_REQUEST_MAX_BYTES)};
    enum err err =
        message_each_backwards(db, conversation->serial, INT64_MAX, visit_last_turn, &last);
    if (!err && last.number && !last.is_answered && repeats(request, &last))
        err = turn_delete(db, conversation->serial, last.number);
    conversation->turn = last.number + 1;
    buf_free(&last.parts);
    return err || last.number < CONVERSATION_TURNS_MAX ? err : ERR_TOO_LARGE;
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

static enum err read_past(const struct conversation *conversation, struct db *db,
                          const struct chat_request *request, struct past *past)
{
    int64_t tokens = conversation->gateway->config->context_tokens;
    const struct history_order order = {
        .serial = conversation->serial,
        .max_tokens = tokens - chat_request_tokens(request),
        .instruction_tokens = tokens / 2,
        .answers_call = answers_call(request),
    };
    enum err err = history_read(db, &order, past->messages);
    note_instructions(past);
    return !err && is_out_of_place(past, request) ? ERR_CONFLICT : err;
}

/* Of what there is now, with all that was just added and removed. */
static enum err check_kept_bytes(const struct conversation *conversation, struct db *db,
                                 const struct thread_key *key)
{
    int64_t most = conversation->gateway->config->user_bytes;
    int64_t bytes = 0;
    enum err err = most ? thread_kept_bytes(db, key, &bytes) : ERR_OK;
    return !err && bytes > most ? ERR_QUOTA : err;
}

static enum err begin(struct conversation *conversation, struct db *db,
                      const struct thread_key *key, struct chat_request *request, struct past *past)
{
    int64_t now_ms = clock_now_ms(conversation->gateway->clock);
    enum err err = db_begin(db);
    if (err)
        return err;
    err = open_thread(conversation, db, key, request, now_ms);
    if (!err)
        err = resent_drop(db, conversation->serial, request);
    if (!err)
        err = make_room(conversation, db, request);
    if (!err)
        err = read_past(conversation, db, request, past);
    if (!err)
        err = keep_turn(conversation, db, request, past, now_ms);
    if (!err)
        err = check_kept_bytes(conversation, db, key);
    db_end(db, &err);
    return err;
}

/* The past goes in front, in the request's body. What a tool gave is left out where its call is not
 * in front of it: models refuse the whole request otherwise. */
static void join(const struct past *past, struct chat_request *request)
{
    bool orphans = !ends_with_call(past);
    for (size_t i = 0; i < json_object_array_length(request->messages); i++) {
        struct json_object *message = json_object_array_get_idx(request->messages, i);
        bool answers = chat_message_has_role(message, "tool");
        orphans = orphans && (answers || chat_message_is_instruction(message));
        if (!is_known(past, message) && !(answers && orphans))
            json_object_array_add(past->messages, json_object_get(message));
    }
    json_object_object_add(request->body, "messages", json_object_get(past->messages));
    request->messages = past->messages;
}

static int64_t lifetime_ms(const struct gateway_config *config, enum thread_kind kind)
{
    return kind == THREAD_KEPT ? config->thread_days * MS_PER_DAY
                               : config->session_ttl * MS_PER_SECOND;
}

enum err conversation_begin(struct conversation *conversation, const struct thread_key *key,
                            struct chat_request *request)
{
    const struct gateway *gateway = conversation->gateway;
    conversation->expires_at_ms =
        clock_now_ms(gateway->clock) + lifetime_ms(gateway->config, key->kind);
    AUTO_JSON struct json_object *messages = json_object_new_array();
    AUTO_JSON struct json_object *instructions = json_object_new_object();
    struct past past = {.messages = messages, .instructions = instructions};
    struct db *db = NULL;
    enum err err = db_pool_take(gateway->pool, &db);
    if (!err)
        err = begin(conversation, db, key, request, &past);
    db_pool_give(gateway->pool, db);
    if (err)
        return err;
    join(&past, request);
    conversation->kept = true;
    conversation->written_ms = clock_monotonic_ms();
    return ERR_OK;
}

static enum err write_reply(struct conversation *conversation, struct db *db,
                            enum message_state state)
{
    int64_t now_ms = clock_now_ms(conversation->gateway->clock);
    AUTO_JSON struct json_object *message = reply_message(&conversation->reply);
    return message_update(db, conversation->reply_id, state, text_of(message), now_ms);
}

/* A turn that came to nothing: its messages go, and a conversation that it began. They were kept in
 * one transaction: no other messages are between the first and the last. The number of the turn may
 * be another's by now. */
static enum err forget(const struct conversation *conversation, struct db *db)
{
    enum err err = db_begin(db);
    if (err)
        return err;
    err = messages_delete(db, conversation->serial,
                          conversation->first_id ? conversation->first_id : conversation->reply_id,
                          conversation->reply_id);
    if (!err)
        err = thread_delete_empty(db, conversation->serial);
    db_end(db, &err);
    return err;
}

static enum err write_down(struct conversation *conversation, enum message_state state)
{
    struct db *db = NULL;
    enum err err = db_pool_take(conversation->gateway->pool, &db);
    if (!err && state == MESSAGE_STREAMING)
        db_never_wait(db); /* the reader would wait with it */
    if (!err && state == MESSAGE_INCOMPLETE && reply_is_empty(&conversation->reply))
        err = forget(conversation, db);
    else if (!err)
        err = write_reply(conversation, db, state);
    db_pool_give(conversation->gateway->pool, db);
    return err;
}

static void write_or_complain(struct conversation *conversation, enum message_state state)
{
    const struct gateway *gateway = conversation->gateway;
    char text[DB_FAILURE_SIZE];
    enum err err = write_down(conversation, state);
    bool soon_again = state == MESSAGE_STREAMING && err == ERR_OVERLOADED;
    if (err && !soon_again)
        log_event(gateway->log, LOG_ERROR, "a reply could not be kept", "detail",
                  db_pool_message(gateway->pool, err, text), NULL);
}

void conversation_progress(struct conversation *conversation)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!conversation->kept || now_ms - conversation->written_ms < WRITE_EVERY_MS)
        return;
    conversation->written_ms = now_ms;
    write_or_complain(conversation, MESSAGE_STREAMING);
}

void conversation_end(struct conversation *conversation, enum message_state state)
{
    if (!conversation->kept)
        return;
    if (state == MESSAGE_COMPLETE && reply_is_cut(&conversation->reply))
        state = MESSAGE_INCOMPLETE;
    write_or_complain(conversation, state);
}
