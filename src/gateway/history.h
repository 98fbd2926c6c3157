/* The messages of a conversation that go to the model again. */
#ifndef BEHEST_GATEWAY_HISTORY_H
#define BEHEST_GATEWAY_HISTORY_H

#include "gateway/thread_store.h"

#include <json-c/json.h>

/* Adds to list, an array, the conversation's instructions and then as many of its last whole turns
 * as make no more than max_tokens (estimated) with them, in their order. Left out are turns whose
 * reply is empty, and those with a call of tools that is not complete. */
MUST_CHECK enum err history_read(struct db *db, int64_t serial, int64_t max_tokens,
                                 struct json_object *list);

#endif
