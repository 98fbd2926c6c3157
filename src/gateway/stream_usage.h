/* Asking the upstream for the tokens that a stream used (stream_options.include_usage), also where
 * the client does not. Some servers refuse requests with members that they do not know: whether
 * this one does is found out once. Any number of threads may share it. */
#ifndef BEHEST_GATEWAY_STREAM_USAGE_H
#define BEHEST_GATEWAY_STREAM_USAGE_H

#include "gateway/chat_request.h"

#include <stdatomic.h>
#include <stdbool.h>

enum stream_usage_answer {
    STREAM_USAGE_UNKNOWN = 0,
    STREAM_USAGE_TAKEN,
    STREAM_USAGE_REFUSED,
};

struct stream_usage {
    _Atomic enum stream_usage_answer answer;
};

/* Puts the question into the request's body. False when the client asks itself, does not stream, or
 * the upstream refuses to be asked. */
bool stream_usage_ask(struct stream_usage *usage, const struct chat_request *request);

/* Takes out what stream_usage_ask() put in. True when it is worth trying again without it, as
 * nobody knows yet whether the upstream refused that. */
bool stream_usage_take_back(struct stream_usage *usage, const struct chat_request *request);

/* Notes that a request succeeded, with the question or only without it. */
void stream_usage_learn(struct stream_usage *usage, enum stream_usage_answer answer);

#endif
