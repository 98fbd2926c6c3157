/* Minting for whoever is signed in. */
#ifndef BEHEST_APP_MODULE_BEHEST_H
#define BEHEST_APP_MODULE_BEHEST_H

#include "app/visitor.h"

#include <json-c/json.h>

/* Mints a token for the visitor, who is signed in: the user id comes from the session, the tier
 * from the profile, and neither from the request. session_id continues a chat session (a UUID),
 * NULL begins one. The caller puts {token, ttl, sessionId, expiresAt, baseUrl} back. */
MUST_CHECK enum err mint_for_visitor(struct http_exchange *exchange, const struct visitor *visitor,
                                     const char *session_id, struct json_object **ret_json);

#endif
