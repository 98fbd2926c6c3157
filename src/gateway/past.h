/* What goes to the model before the messages of a request: a conversation's instructions and as
 * many of its last turns as there is room for. */
#ifndef BEHEST_GATEWAY_PAST_H
#define BEHEST_GATEWAY_PAST_H

#include "gateway/chat_request.h"
#include "store/db.h"

#include <json-c/json.h>
#include <stdbool.h>

struct past {
    struct json_object *messages;     /* an array */
    struct json_object *instructions; /* the texts of those among the messages, as its names */
    struct json_object *moved_ids;    /* where the request repeats instructions that had others
                                         behind them: the ids of these, which stand last now */
};

void past_init(struct past *past);
void past_free(struct past *past);

/* Reads what fits into context_tokens together with the request, estimated; of the past at most
 * half are instructions. ERR_CONFLICT when the request holds nothing but what tools gave, and no
 * call of them is before it. */
MUST_CHECK enum err past_read(struct past *past, struct db *db, int64_t serial,
                              const struct chat_request *request, int64_t context_tokens);

/* True for an instruction that the past has already. */
bool past_knows(const struct past *past, struct json_object *message);

/* Puts the past in front of the request's messages, of which those stay away that it knows, and
 * what a tool gave where its call is not in front of it: models refuse the whole request otherwise.
 */
void past_join(struct past *past, struct chat_request *request);

#endif
