#include "gateway/conversation.h"

#include "base/clock.h"
#include "base/json.h"
#include "gateway/past.h"
#include "gateway/resent.h"
#include "gateway/title.h"

#include <string.h>

enum { WRITE_EVERY_MS = 2000 };

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
    int64_t newest;   /* the number of the newest, which may have left instructions alone */
    int64_t number;   /* 0 when there is none */
    int64_t first_id; /* of its messages */
    bool is_answered; /* its reply is complete */
    struct buf parts; /* its messages, backwards */
};

static enum err visit_last_turn(void *context, const struct message *message)
{
    struct last_turn *last = context;
    if (!last->newest)
        last->newest = message->turn;
    if (message->part == PART_SYSTEM)
        return ERR_OK;
    if (last->number && message->turn != last->number)
        return ERR_NOT_FOUND;
    last->number = message->turn;
    last->first_id = message->id;
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
    return json_object_to_json_string_ext(message, CHAT_MESSAGE_FORMAT);
}

/* True when the request begins with the messages of that turn. */
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
    if (buf_err(&parts) || parts.len < last->parts.len || !last->parts.len)
        return false;
    size_t more = parts.len - last->parts.len;
    return strcmp(buf_str(&parts) + more, buf_str(&last->parts)) == 0 &&
           (!more || parts.data[more - 1] == '\n');
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
    enum err err = message_insert(db, conversation->thread.serial, &message, &id);
    if (!err && !conversation->first_id)
        conversation->first_id = id;
    return err;
}

/* Those that stand behind the others now are kept anew. */
static enum err drop_moved(struct db *db, const struct past *past)
{
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < json_object_array_length(past->moved_ids); i++)
        err = message_delete(db,
                             json_object_get_int64(json_object_array_get_idx(past->moved_ids, i)));
    return err;
}

/* As long as nothing has been said. */
static enum err keep_reply(struct conversation *conversation, struct db *db, int64_t now_ms)
{
    AUTO_JSON struct json_object *nothing = reply_message(&conversation->reply);
    const struct message reply = {
        .turn = conversation->turn,
        .part = PART_REPLY,
        .state = MESSAGE_STREAMING,
        .json = text_of(nothing),
        .created_at_ms = now_ms,
        .changed_at_ms = now_ms,
    };
    enum err err = message_insert(db, conversation->thread.serial, &reply, &conversation->reply_id);
    if (!err && !conversation->first_id)
        conversation->first_id = conversation->reply_id;
    return err;
}

static enum err keep_turn(struct conversation *conversation, struct db *db,
                          const struct chat_request *request, const struct past *past,
                          int64_t now_ms)
{
    bool is_moved = json_object_array_length(past->moved_ids) > 0;
    conversation->moves_instructions = is_moved;
    size_t count = json_object_array_length(request->messages);
    enum err err = drop_moved(db, past);
    for (size_t i = 0; !err && i < count; i++) {
        struct json_object *json = json_object_array_get_idx(request->messages, i);
        bool is_reply = is_earlier_reply(json, i + 1 == count);
        enum message_part part = chat_message_is_instruction(json) ? PART_SYSTEM : PART_MESSAGE;
        if (is_moved || !past_knows(past, json))
            err = keep_message(conversation, db, json, is_reply ? PART_REPLY : part, now_ms);
        if (is_reply)
            conversation->turn++;
    }
    return err ? err : keep_reply(conversation, db, now_ms);
}

static enum err note_times(void *context, const struct thread *thread)
{
    *(struct thread *)context = (struct thread){.serial = thread->serial,
                                                .last_message_at_ms = thread->last_message_at_ms,
                                                .expires_at_ms = thread->expires_at_ms};
    return ERR_OK;
}

static enum err open_thread(struct conversation *conversation, struct db *db,
                            const struct thread_key *key, const struct chat_request *request,
                            int64_t now_ms)
{
    int64_t expires_at_ms = now_ms + conversation->lifetime_ms;
    conversation->touched_ms = now_ms;
    enum err err = thread_visit(db, key, now_ms, note_times, &conversation->thread);
    if (!err)
        return thread_touch(db, conversation->thread.serial, now_ms, expires_at_ms);
    if (err != ERR_NOT_FOUND)
        return err;
    char title[TITLE_SIZE];
    title_of(request, title);
    return thread_insert(db, key, title, now_ms, expires_at_ms, &conversation->thread.serial);
}

/* Finds out which turns are tried again, and takes them out of sight. */
static enum err supersede(struct conversation *conversation, struct db *db,
                          struct chat_request *request)
{
    int64_t serial = conversation->thread.serial;
    struct last_turn last = {.parts = BUF_MAX(2 * CHAT_REQUEST_MAX_BYTES)};
    int64_t first_id = 0;
    enum err err = resent_drop(db, serial, request, &first_id);
    if (!err)
        err = message_each_backwards(db, serial, INT64_MAX, visit_last_turn, &last);
    if (!err && !first_id && last.number && !last.is_answered && repeats(request, &last))
        first_id = last.first_id;
    if (!err && first_id)
        err = superseded_hide(db, serial, &first_id);
    conversation->superseded.serial = serial;
    conversation->superseded.first_id = first_id;
    conversation->turn = last.newest + 1;
    buf_free(&last.parts);
    return err || last.newest < CONVERSATION_TURNS_MAX ? err : ERR_TOO_LARGE;
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

/* Sessions, which nobody can see or delete, make room. */
static enum err ensure_room(const struct conversation *conversation, struct db *db,
                            const struct thread_key *key)
{
    enum err err = check_kept_bytes(conversation, db, key);
    if (err != ERR_QUOTA)
        return err;
    err = thread_delete_sessions(db, key, conversation->thread.serial);
    return err ? err : check_kept_bytes(conversation, db, key);
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
        err = supersede(conversation, db, request);
    if (!err)
        err = past_read(past, db, conversation->thread.serial, request,
                        conversation->gateway->config->context_tokens);
    if (!err)
        err = keep_turn(conversation, db, request, past, now_ms);
    if (!err)
        err = ensure_room(conversation, db, key);
    db_end(db, &err);
    conversation->superseded.end_id = conversation->first_id;
    return err;
}

enum err conversation_begin(struct conversation *conversation, const struct thread_key *key,
                            struct chat_request *request)
{
    const struct gateway *gateway = conversation->gateway;
    conversation->lifetime_ms = gateway_lifetime_ms(gateway->config, key->kind);
    struct past past;
    past_init(&past);
    struct db *db = NULL;
    enum err err = db_pool_take(gateway->pool, &db);
    if (!err)
        err = begin(conversation, db, key, request, &past);
    db_pool_give(gateway->pool, db);
    if (!err) {
        past_join(&past, request);
        conversation->kept = true;
        conversation->written_ms = clock_monotonic_ms();
    }
    past_free(&past);
    return err;
}

/* ERR_NOT_FOUND when the conversation was deleted, or another turn has taken the place of this one.
 */
static enum err write_message(struct conversation *conversation, struct db *db,
                              enum message_state state, int64_t now_ms)
{
    AUTO_JSON struct json_object *message = reply_message(&conversation->reply);
    enum err err = message_update(db, conversation->reply_id, state, text_of(message), now_ms);
    return !err && db_changes(db) == 0 ? ERR_NOT_FOUND : err;
}

static enum err write_reply(struct conversation *conversation, struct db *db,
                            enum message_state state)
{
    int64_t now_ms = clock_now_ms(conversation->gateway->clock);
    bool takes_place = state != MESSAGE_STREAMING || !reply_is_empty(&conversation->reply);
    enum err err = db_begin(db);
    if (err)
        return err;
    err = write_message(conversation, db, state, now_ms);
    if (!err)
        err = thread_go_on(db, conversation->thread.serial, now_ms);
    if (!err && takes_place)
        err = superseded_drop(db, &conversation->superseded);
    db_end(db, &err);
    if (!err && takes_place)
        conversation->superseded.first_id = 0;
    if (!err)
        conversation->touched_ms = now_ms;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Its messages were kept in one transaction: no others are between the first and the last. The
 * number of the turn may be another's by now. ERR_NOT_FOUND as above. */
static enum err delete_turn(const struct conversation *conversation, struct db *db)
{
    enum err err = messages_delete(db, conversation->thread.serial, conversation->first_id,
                                   conversation->reply_id);
    if (!err && db_changes(db) == 0)
        err = ERR_NOT_FOUND;
    if (!err && !conversation->moves_instructions)
        err = instructions_delete(db, conversation->thread.serial, conversation->first_id,
                                  conversation->reply_id);
    return err;
}

/* A turn that came to nothing: its messages go, what it was to take the place of comes back, and a
 * conversation that it began goes, too. */
static enum err forget(const struct conversation *conversation, struct db *db)
{
    enum err err = db_begin(db);
    if (err)
        return err;
    err = delete_turn(conversation, db);
    if (!err)
        err = superseded_restore(db, &conversation->superseded);
    if (!err && conversation->thread.last_message_at_ms)
        err = thread_untouch(db, &conversation->thread, conversation->touched_ms);
    if (!err)
        err = thread_delete_empty(db, conversation->thread.serial);
    db_end(db, &err);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static bool came_to_nothing(const struct conversation *conversation, enum message_state state)
{
    return reply_is_empty(&conversation->reply) &&
           (state == MESSAGE_INCOMPLETE ||
            (state != MESSAGE_STREAMING && conversation->superseded.first_id));
}

static enum err write_down(struct conversation *conversation, enum message_state state)
{
    struct db *db = NULL;
    enum err err = db_pool_take(conversation->gateway->pool, &db);
    if (!err && state == MESSAGE_STREAMING)
        db_never_wait(db); /* the reader would wait with it */
    if (!err)
        err = came_to_nothing(conversation, state) ? forget(conversation, db)
                                                   : write_reply(conversation, db, state);
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
