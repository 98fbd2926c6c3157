/* A completion as one turn of a conversation that the gateway keeps: before it the earlier messages
 * are put in front of the new ones, while it goes on what has been said is written down, and at the
 * end how it ended. */
#ifndef BEHEST_GATEWAY_CONVERSATION_H
#define BEHEST_GATEWAY_CONVERSATION_H

#include "gateway/app.h"
#include "gateway/chat_request.h"
#include "gateway/reply.h"
#include "gateway/superseded.h"
#include "gateway/thread_store.h"

#include <stdbool.h>

enum { CONVERSATION_TURNS_MAX = 10000 };

struct conversation {
    const struct gateway *gateway;
    struct reply reply;           /* what has been said: whoever answers fills it in */
    bool kept;                    /* the rest is only there when this is */
    struct thread thread;         /* its serial, and its times before this turn */
    int64_t lifetime_ms;          /* from its last message on */
    int64_t touched_ms;           /* its last message, as noted last */
    int64_t turn;                 /* the one whose reply is being written */
    int64_t first_id;             /* of the messages that the request brought */
    int64_t reply_id;             /* the last of them */
    bool moves_instructions;      /* to behind others: they were kept before */
    struct superseded superseded; /* turns whose place this one takes */
    int64_t written_ms;           /* by the clock that never jumps */
};

/* A conversation that is not kept: only the reply is collected. */
void conversation_init(struct conversation *conversation, const struct gateway *gateway);
void conversation_free(struct conversation *conversation);

/* Begins a turn of the conversation that key names, made when there is none, and keeps the
 * request's messages. In front of them come, in the request's list, those that past_read() chooses
 * for GATEWAY_CONTEXT_TOKENS.
 *
 * A request that begins with the messages of the last turn takes that turn's place, as soon as
 * something is said, unless its reply is complete: that is how a client tries again. What
 * resent_drop() takes away is not new. Replies among the messages end turns of their own: so a
 * client moves a conversation here. Instructions that are sent again are not kept twice.
 *
 * ERR_TOO_LARGE when the conversation has CONVERSATION_TURNS_MAX turns, ERR_QUOTA when more than
 * GATEWAY_USER_MIB would be kept for the user, also without other sessions, ERR_CONFLICT when the
 * request holds nothing but what tools gave, and the conversation no call of them: nothing has
 * changed then. */
MUST_CHECK enum err conversation_begin(struct conversation *conversation,
                                       const struct thread_key *key, struct chat_request *request);

/* Called whenever something was said or nothing is: writes the reply down when that was not done
 * for two seconds. */
void conversation_progress(struct conversation *conversation);

/* Writes the reply down for good. A turn in which nothing was said leaves nothing behind when it
 * failed (MESSAGE_INCOMPLETE), or when it was to take another one's place: of its instructions only
 * those that were there before, or that hold for a turn which began since. */
void conversation_end(struct conversation *conversation, enum message_state state);

/* A reply that nobody has written on for this long was broken off by the end of the program. */
#define CONVERSATION_LOST_MS INT64_C(60000)

#endif
