/* Who sends a request: the session that its token names, if any. */
#ifndef BEHEST_APP_VISITOR_H
#define BEHEST_APP_VISITOR_H

#include "auth/session.h"
#include "http/service.h"

#include <stdbool.h>

struct visitor {
    const char *token; /* as it came, not NUL-terminated; NULL when none came */
    size_t token_len;
    bool signed_in;
    struct session session; /* when signed_in */
};

/* Looks for a token in the cookie, and when there is none takes body_token (may be NULL). An
 * unknown or expired token is no error: the visitor is not signed in. Names the user in the log. */
MUST_CHECK enum err visitor_identify(struct http_exchange *exchange, struct db *db,
                                     const char *body_token, struct visitor *ret_visitor);

/* The same with a connection to the database of its own, and ERR_UNAUTHENTICATED when nobody is
 * signed in. */
MUST_CHECK enum err visitor_require(struct http_exchange *exchange, struct visitor *ret_visitor);

/* Sets or clears the cookie with the session's token. */
void visitor_set_cookie(struct http_exchange *exchange, const char *token, size_t len);
void visitor_clear_cookie(struct http_exchange *exchange);

#endif
