/* Conversations in the database: their messages by turns, each the messages that a client sent at
 * once and the reply to them. */
#ifndef BEHEST_GATEWAY_THREAD_STORE_H
#define BEHEST_GATEWAY_THREAD_STORE_H

#include "store/db.h"

#include <stdbool.h>

enum { THREAD_ID_MAX_BYTES = 128, THREAD_TITLE_MAX_BYTES = 160 };

/* A thread stays and can be listed; a session is the short-term memory of a chat. */
enum thread_kind { THREAD_KEPT, THREAD_SESSION };

/* How a client names a conversation. */
struct thread_key {
    const char *project_id;
    const char *user_id;
    enum thread_kind kind;
    const char *id;
};

struct thread {
    int64_t serial; /* the database's own number */
    const char *id;
    const char *title;
    int64_t created_at_ms;
    int64_t last_message_at_ms;
    int64_t expires_at_ms;
};

enum message_state {
    MESSAGE_COMPLETE,
    MESSAGE_STREAMING,  /* being written */
    MESSAGE_STOPPED,    /* its reader left */
    MESSAGE_INCOMPLETE, /* it broke off */
};

enum message_part {
    PART_SYSTEM,  /* instructions: role system or developer */
    PART_MESSAGE, /* what else the client sent */
    PART_REPLY,
};

struct message {
    int64_t id;   /* grows from message to message */
    int64_t turn; /* 1 for the first */
    enum message_part part;
    enum message_state state;
    const char *json; /* the message as it goes to the model */
    int64_t created_at_ms;
    int64_t changed_at_ms;
};

/* ERR_NOT_FOUND when there is none, or none any more. */
MUST_CHECK enum err thread_find(struct db *db, const struct thread_key *key, int64_t now_ms,
                                int64_t *ret_serial);

/* Makes the conversation, in place of an expired one of that key. */
MUST_CHECK enum err thread_insert(struct db *db, const struct thread_key *key, const char *title,
                                  int64_t now_ms, int64_t expires_at_ms, int64_t *ret_serial);

/* Notes when the last message was, and when the conversation ends; nothing when it was deleted. */
MUST_CHECK enum err thread_touch(struct db *db, int64_t serial, int64_t last_message_at_ms,
                                 int64_t expires_at_ms);

/* Notes a later last message: the conversation ends as long after it as after the one before, which
 * may be sooner than when its turn began (thread_shorten()). Nothing when it was deleted. */
MUST_CHECK enum err thread_go_on(struct db *db, int64_t serial, int64_t last_message_at_ms);

/* Takes back the touch of touched_ms, unless there was another one since. The end comes no later
 * than thread_shorten() has set it. */
MUST_CHECK enum err thread_untouch(struct db *db, const struct thread *before, int64_t touched_ms);

/* Has conversations of that kind end lifetime_ms after their last message where they would later:
 * those whose serial is above *serial, step of them at most, of which *serial becomes the last.
 * ERR_NOT_FOUND when there are no more. */
MUST_CHECK enum err thread_shorten(struct db *db, enum thread_kind kind, int64_t lifetime_ms,
                                   int64_t step, int64_t *serial);

/* Takes the conversation out of sight, and its bytes from the user's. What it held is for
 * thread_clear(), now or after a new start: it has expired. */
MUST_CHECK enum err thread_delete(struct db *db, int64_t serial);

/* Likewise all sessions of the key's user but that one. */
MUST_CHECK enum err thread_delete_sessions(struct db *db, const struct thread_key *key,
                                           int64_t but_serial);

/* A conversation that was deleted, or one that has expired. ERR_NOT_FOUND when there is none. */
MUST_CHECK enum err thread_find_expired(struct db *db, int64_t now_ms, int64_t *ret_serial);

/* Removes messages of a conversation that has expired at now_ms, in one transaction, which begins
 * no further ones at until_ms (of the clock that never jumps): a long conversation goes piece by
 * piece, so that others need not wait for the database. At the end it removes the conversation,
 * too. One that has not expired any more is left alone, and done with. */
MUST_CHECK enum err thread_clear(struct db *db, int64_t serial, int64_t now_ms, int64_t until_ms,
                                 bool *ret_cleared);

/* What is kept of the conversations of the key's user, as sql/gateway/0004-kept-bytes.sql counts
 * it. */
MUST_CHECK enum err thread_kept_bytes(struct db *db, const struct thread_key *key,
                                      int64_t *ret_bytes);

/* The texts live until the visitor returns. What it returns other than ERR_OK ends the visit,
 * ERR_NOT_FOUND without being an error. */
typedef enum err thread_visitor(void *context, const struct thread *thread);
typedef enum err message_visitor(void *context, const struct message *message);

/* Visits one conversation: ERR_NOT_FOUND as for thread_find(). */
MUST_CHECK enum err thread_visit(struct db *db, const struct thread_key *key, int64_t now_ms,
                                 thread_visitor *visit, void *context);

/* A place in the list of threads; one need not be there (any more). */
struct thread_place {
    int64_t last_message_at_ms;
    const char *id;
};

/* Visits at most limit kept threads of the key's user, newest first, those behind after (all when
 * it is NULL). key->id is not looked at. */
MUST_CHECK enum err thread_each(struct db *db, const struct thread_key *key,
                                const struct thread_place *after, int64_t now_ms, int limit,
                                thread_visitor *visit, void *context);

/* Adds a message; the id that it got in *ret_id. */
MUST_CHECK enum err message_insert(struct db *db, int64_t serial, const struct message *message,
                                   int64_t *ret_id);

/* Writes on a reply. Nothing when it is gone. */
MUST_CHECK enum err message_update(struct db *db, int64_t id, enum message_state state,
                                   const char *json, int64_t now_ms);

/* Visits all messages, from the first one on. What is superseded is passed over here and below. */
MUST_CHECK enum err message_each(struct db *db, int64_t serial, message_visitor *visit,
                                 void *context);

/* Visits messages from the last one backwards, those before the message of that id. */
MUST_CHECK enum err message_each_backwards(struct db *db, int64_t serial, int64_t before_id,
                                           message_visitor *visit, void *context);

/* Visits the instructions, from the last one backwards. */
MUST_CHECK enum err message_each_system_backwards(struct db *db, int64_t serial,
                                                  message_visitor *visit, void *context);

/* Deletes the messages from first_id to last_id, but for instructions, which may be another turn's
 * by now. */
MUST_CHECK enum err messages_delete(struct db *db, int64_t serial, int64_t first_id,
                                    int64_t last_id);

/* Deletes the instructions among them, unless messages follow, for which they hold, too. */
MUST_CHECK enum err instructions_delete(struct db *db, int64_t serial, int64_t first_id,
                                        int64_t last_id);

MUST_CHECK enum err message_delete(struct db *db, int64_t id);

/* Deletes the conversation when it has no messages but instructions. */
MUST_CHECK enum err thread_delete_empty(struct db *db, int64_t serial);

#endif
