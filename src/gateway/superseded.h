/* Turns whose place another one takes, since the same was asked again. As long as that one has said
 * nothing they are kept out of sight, and come back when it comes to nothing. */
#ifndef BEHEST_GATEWAY_SUPERSEDED_H
#define BEHEST_GATEWAY_SUPERSEDED_H

#include "store/db.h"

/* Messages of one conversation. */
struct superseded {
    int64_t serial;   /* of the conversation */
    int64_t first_id; /* of the oldest of them, 0 when there are none */
    int64_t end_id;   /* of the first one of the turn that takes their place */
};

/* Takes the messages from *first_id on, which belong to whole turns, out of sight: all but
 * instructions, which hold for what follows, too. When they were to take the place of others and
 * have said nothing yet, they go, and *first_id becomes the first of those others. */
MUST_CHECK enum err superseded_hide(struct db *db, int64_t serial, int64_t *first_id);

/* The other turn has begun to answer. Nothing when there are none. */
MUST_CHECK enum err superseded_drop(struct db *db, const struct superseded *superseded);

/* The other turn came to nothing. Likewise. */
MUST_CHECK enum err superseded_restore(struct db *db, const struct superseded *superseded);

/* Restores those of one conversation whose other turn ended with its program, before it said
 * anything, and removes that one: its reply has not been written on since lost_ms. ERR_NOT_FOUND
 * when there is none. */
MUST_CHECK enum err superseded_recover(struct db *db, int64_t lost_ms);

#endif
