/* Clients that send a whole conversation each time, although the gateway keeps it. */
#ifndef BEHEST_GATEWAY_RESENT_H
#define BEHEST_GATEWAY_RESENT_H

#include "gateway/chat_request.h"
#include "store/db.h"

/* When the request's messages begin with all that the conversation holds, in its order, and go on
 * after that, takes these out of the request: only what is new remains. Messages are the same when
 * role and content are; instructions, and replies in which nothing is said, are passed over. The
 * last turn may be the new one as well, without its reply, unless that is complete: that is how
 * such a client tries again. */
MUST_CHECK enum err resent_drop(struct db *db, int64_t serial, struct chat_request *request);

#endif
