/* One completion on its way, and the two that can answer it. */
#ifndef BEHEST_GATEWAY_COMPLETION_H
#define BEHEST_GATEWAY_COMPLETION_H

#include "base/err.h"
#include "gateway/app.h"
#include "gateway/chat_request.h"
#include "gateway/conversation.h"
#include "gateway/openai.h"
#include "http/service.h"

struct completion {
    struct http_exchange *exchange;
    const struct gateway *gateway;
    const struct chat_request *chat;
    struct conversation *conversation;

    /* filled in by whoever answers, also when the answer breaks off */
    struct token_count used;
    bool finished;
};

/* Notes that all has been said, and keeps it: called before the reader gets to know the end, so
 * that what they ask next finds it. */
void completion_finish(struct completion *completion);

/* Passes the request on to the upstream, and its answer back as it arrives. */
MUST_CHECK enum err relay_complete(struct completion *completion);

/* Answers from the project's manual: the demonstration model. */
MUST_CHECK enum err demo_complete(struct completion *completion);

#define DEMO_MODEL_NAME "behest-manual"

#endif
