/* Clients that send a whole conversation each time, although the gateway keeps it. */
#ifndef BEHEST_GATEWAY_RESENT_H
#define BEHEST_GATEWAY_RESENT_H

#include "gateway/chat_request.h"
#include "store/db.h"

/* When the request's messages begin with all that the conversation holds, in its order, and go on
 * after that, takes these out of the request: only what is new remains. Messages are the same when
 * role and content are; of a reply that is not complete a part is enough, or nothing at all.
 * Instructions are passed over. What was asked since the last reply that says something is new as
 * well: *ret_superseded_id becomes the first message kept of that, and stays as it is when there is
 * none. */
MUST_CHECK enum err resent_drop(struct db *db, int64_t serial, struct chat_request *request,
                                int64_t *ret_superseded_id);

#endif
