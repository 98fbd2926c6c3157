/* The messages of a conversation that go to the model again. */
#ifndef BEHEST_GATEWAY_HISTORY_H
#define BEHEST_GATEWAY_HISTORY_H

#include "gateway/thread_store.h"

#include <json-c/json.h>
#include <stdbool.h>

/* Adds the conversation's last instructions to list, and the ids under which they are kept to ids,
 * both arrays, in their order: as many as max_tokens have room for, estimated, but the last one
 * however long it is. Of very many values (json_weight()) fewer are chosen, here and below. */
MUST_CHECK enum err history_read_instructions(struct db *db, int64_t serial, int64_t max_tokens,
                                              struct json_object *list, struct json_object *ids,
                                              int64_t *ret_tokens);

struct history_order {
    int64_t serial;     /* of the conversation */
    int64_t max_tokens; /* estimated, of all that is chosen */
    bool answers_call;  /* what follows begins with what a tool gave */
};

/* Adds to list as many of the conversation's last whole turns as fit, in their order. Left out are
 * turns whose reply is empty, those with a call of tools that is not complete or that nothing
 * answers, what answers a call that is not there, and, where the beginning of a conversation is
 * left out, what comes before the first question after it. The turn with the call that the request
 * answers goes along however long it is; when no question is left, the first call is what the turns
 * begin with. */
MUST_CHECK enum err history_read_turns(struct db *db, const struct history_order *order,
                                       struct json_object *list);

#endif
