/* Who sends a request: the token's claims, checked (PROTOCOL.md, local signing). */
#ifndef BEHEST_GATEWAY_TOKEN_H
#define BEHEST_GATEWAY_TOKEN_H

#include "base/err.h"
#include "gateway/keyset.h"

#include <stdbool.h>
#include <stdint.h>

/* A name is at most NAME_MAX_CHARACTERS long, of up to four bytes each. */
enum { NAME_MAX_CHARACTERS = 255, NAME_SIZE = 4 * NAME_MAX_CHARACTERS + 1, TOKEN_LEEWAY = 30 };

struct gateway_user {
    char uid[NAME_SIZE];
    char pid[NAME_SIZE]; /* the project; "" when the token names none */
    char sid[NAME_SIZE]; /* the chat session; "" when the token names none */
    int tier;
};

struct token_rules {
    const char *issuer;
    const char *audience;
    int64_t now; /* seconds since 1970 */
};

/* Checks signature and claims: iss and aud (a text or a list) as in the rules; exp in the future;
 * nbf and iat, when there, past, give or take TOKEN_LEEWAY seconds; uid; role "user"; tier, 1 when
 * absent. ERR_UNAUTHENTICATED with static sentences: *ret_problem for the client, and for the
 * operator in *ret_detail. */
MUST_CHECK enum err token_verify(const char *token, struct keyset *keys,
                                 const struct token_rules *rules, struct gateway_user *ret_user,
                                 const char **ret_problem, const char **ret_detail);

/* True when text may be the name of a user or project: well-formed UTF-8, not empty, at most
 * NAME_MAX_CHARACTERS, no control characters. */
bool is_name(const char *text);

#endif
