/* One completion on its way, and the two that can answer it. */
#ifndef BEHEST_GATEWAY_COMPLETION_H
#define BEHEST_GATEWAY_COMPLETION_H

#include "base/err.h"
#include "gateway/app.h"
#include "gateway/chat_request.h"
#include "gateway/conversation.h"
#include "gateway/openai.h"
#include "gateway/usage_store.h"
#include "http/service.h"

struct completion {
    struct http_exchange *exchange;
    const struct gateway *gateway;
    const struct chat_request *chat;
    struct conversation *conversation;
    const struct gateway_user *user;
    int64_t began_ms;

    /* filled in by whoever answers, also when the answer breaks off */
    struct token_count used;
    bool finished;

    struct usage spent; /* what of that is in the books already */
    int64_t spent_ms;   /* since when, by the clock that never jumps */
};

/* Called whenever something was said or nothing is, with used as it is so far: writes reply and
 * usage down now and then, so that they are there also when the program is killed. A reply that was
 * finished stays as it was kept. */
void completion_progress(struct completion *completion);

/* Notes that all has been said, and keeps it: called before the reader gets to know the end, so
 * that what they ask next finds it. */
void completion_finish(struct completion *completion);

/* Passes the request on to the upstream, and its answer back as it arrives. */
MUST_CHECK enum err relay_complete(struct completion *completion);

/* Answers from the project's manual: the demonstration model. */
MUST_CHECK enum err demo_complete(struct completion *completion);

#define DEMO_MODEL_NAME "behest-manual"

#endif
