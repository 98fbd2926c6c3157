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

/* Notes that there was a message, and when the conversation ends now. */
MUST_CHECK enum err thread_touch(struct db *db, int64_t serial, int64_t now_ms,
                                 int64_t expires_at_ms);

/* With all its messages. */
MUST_CHECK enum err thread_delete(struct db *db, int64_t serial);

/* Deletes at most limit messages of conversations that have expired, and at most as many of those
 * that have no messages any more: long conversations go piece by piece, so that others need not
 * wait for the database. Whether any went is in *ret_any. */
MUST_CHECK enum err thread_delete_expired(struct db *db, int64_t now_ms, int limit, bool *ret_any);

/* The texts live until the visitor returns. What it returns other than ERR_OK ends the visit,
 * ERR_NOT_FOUND without being an error. */
typedef enum err thread_visitor(void *context, const struct thread *thread);
typedef enum err message_visitor(void *context, const struct message *message);

/* Visits one conversation: ERR_NOT_FOUND as for thread_find(). */
MUST_CHECK enum err thread_visit(struct db *db, const struct thread_key *key, int64_t now_ms,
                                 thread_visitor *visit, void *context);

/* Visits at most limit kept threads of the key's user, newest first, beginning behind the one that
 * key->id names (at the beginning when it is NULL). ERR_NOT_FOUND when that one is gone. */
MUST_CHECK enum err thread_each(struct db *db, const struct thread_key *key, int64_t now_ms,
                                int limit, thread_visitor *visit, void *context);

/* Adds a message; the id that it got in *ret_id. */
MUST_CHECK enum err message_insert(struct db *db, int64_t serial, const struct message *message,
                                   int64_t *ret_id);

/* Writes on a reply. Nothing when it is gone. */
MUST_CHECK enum err message_update(struct db *db, int64_t id, enum message_state state,
                                   const char *json, int64_t now_ms);

/* Visits messages from the last one backwards, those before the message of that id. */
MUST_CHECK enum err message_each_backwards(struct db *db, int64_t serial, int64_t before_id,
                                           message_visitor *visit, void *context);

/* Visits the instructions, from the last one backwards. */
MUST_CHECK enum err message_each_system_backwards(struct db *db, int64_t serial,
                                                  message_visitor *visit, void *context);

/* Deletes the messages of a turn, or those from first_id to last_id. */
MUST_CHECK enum err turn_delete(struct db *db, int64_t serial, int64_t turn);
MUST_CHECK enum err messages_delete(struct db *db, int64_t serial, int64_t first_id,
                                    int64_t last_id);

/* Deletes the conversation when it has no messages. */
MUST_CHECK enum err thread_delete_empty(struct db *db, int64_t serial);

#endif
