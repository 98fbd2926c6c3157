/* The handlers that the route table names, a file each, and what they have in common. */
#ifndef BEHEST_GATEWAY_HANDLERS_H
#define BEHEST_GATEWAY_HANDLERS_H

#include "gateway/token.h"
#include "http/service.h"

/* POST /v1/auth/mint: a token for one user, for whoever has the API key. */
http_handler gateway_handle_mint;

/* GET /.well-known/jwks.json: the public keys that tokens are checked with. */
http_handler gateway_handle_jwks;

/* GET /v1/models: what a request may name as its model. */
http_handler gateway_handle_models;

/* /metrics: what this process has counted, for whoever the settings let read it. */
http_handler gateway_handle_metrics;

/* POST /v1/chat/completions */
http_handler gateway_handle_completions;

/* GET /v1/threads: the user's kept conversations, newest first, a page at a time. */
http_handler gateway_handle_threads;

/* GET /v1/threads/ID and /v1/threads/ID/messages: one of them, and what was said in it. */
http_handler gateway_handle_thread;

/* DELETE /v1/threads/ID */
http_handler gateway_handle_thread_deletion;

/* GET /v1/usage and GET /v1/billing/usage: what the user has used. */
http_handler gateway_handle_usage;
http_handler gateway_handle_billing;

/* Checks the request's token, and notes the user for the log. ERR_UNAUTHENTICATED with the problem
 * set. */
MUST_CHECK enum err gateway_require_user(struct http_exchange *exchange,
                                         struct gateway_user *ret_user);

/* Takes a place for a call that holds a worker for long, to be left with places_leave().
 * ERR_OVERLOADED or ERR_RATE_LIMITED with the problem set, and counted. */
MUST_CHECK enum err gateway_take_place(struct http_exchange *exchange,
                                       const struct gateway_user *user);

#endif
