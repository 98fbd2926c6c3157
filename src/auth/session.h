/* Sessions as the browser knows them: by a random token, of which the store keeps the SHA-256
 * alone. */
#ifndef BEHEST_AUTH_SESSION_H
#define BEHEST_AUTH_SESSION_H

#include "store/sessions.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    SESSION_TOKEN_SIZE = 44, /* 32 bytes as base64url, and a NUL */
    SESSION_SECONDS = 7 * 24 * 3600,
};

/* A new random token. */
void session_token_new(char ret_token[static SESSION_TOKEN_SIZE]);

/* Begins a session for a user: fills ret_token, and *ret_session but for the tier. */
MUST_CHECK enum err session_begin(struct db *db, const char *user_id, int64_t now_ms,
                                  char ret_token[static SESSION_TOKEN_SIZE],
                                  struct session *ret_session);

/* The session that a token (len bytes, from anywhere) names. ERR_NOT_FOUND when it names none that
 * lives. */
MUST_CHECK enum err session_resolve(struct db *db, const char *token, size_t len, int64_t now_ms,
                                    struct session *ret_session);

/* Moves the expiry to a full lifetime from now. Written when that gains at least an hour, so that
 * frequent calls cost nothing; session->expires_at_ms is brought up to date. */
MUST_CHECK enum err session_slide(struct db *db, const char *token, size_t len, int64_t now_ms,
                                  struct session *session);

MUST_CHECK enum err session_end(struct db *db, const char *token, size_t len);

#endif
