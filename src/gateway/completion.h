/* One completion on its way, and the two that can answer it. */
#ifndef BEHEST_GATEWAY_COMPLETION_H
#define BEHEST_GATEWAY_COMPLETION_H

#include "base/err.h"
#include "gateway/app.h"
#include "gateway/chat_request.h"
#include "gateway/openai.h"
#include "http/service.h"

struct completion {
    struct http_exchange *exchange;
    const struct gateway *gateway;
    const struct chat_request *chat;
    struct token_count used; /* filled in by whoever answers, also when the answer breaks off */
};

/* Passes the request on to the upstream, and its answer back as it arrives. */
MUST_CHECK enum err relay_complete(struct completion *completion);

/* Answers from the project's manual: the demonstration model. */
MUST_CHECK enum err demo_complete(struct completion *completion);

#define DEMO_MODEL_NAME "behest-manual"

#endif
