#include "auth/session.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

_Static_assert(SESSION_HASH_BYTES == crypto_hash_sha256_BYTES, "sessions are stored by SHA-256");

enum { TOKEN_BYTES = 32 };

#define LIFETIME_MS (SESSION_SECONDS * MS_PER_SECOND)

static void hash_token(const char *token, size_t len,
                       unsigned char ret_hash[static SESSION_HASH_BYTES])
{
    crypto_hash_sha256(ret_hash, (const unsigned char *)token, len);
}

void session_token_new(char ret_token[static SESSION_TOKEN_SIZE])
{
    unsigned char random[TOKEN_BYTES];
    randombytes_buf(random, sizeof random);
    sodium_bin2base64(ret_token, SESSION_TOKEN_SIZE, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(random, sizeof random);
}

enum err session_begin(struct db *db, const char *user_id, int64_t now_ms,
                       char ret_token[static SESSION_TOKEN_SIZE], struct session *ret_session)
{
    struct session session = {.created_at_ms = now_ms, .expires_at_ms = now_ms + LIFETIME_MS};
    snprintf(session.user_id, sizeof session.user_id, "%s", user_id);
    session_token_new(ret_token);
    unsigned char hash[SESSION_HASH_BYTES];
    hash_token(ret_token, SESSION_TOKEN_SIZE - 1, hash);
    enum err err = session_insert(db, hash, &session);
    if (!err)
        *ret_session = session;
    return err;
}

enum err session_resolve(struct db *db, const char *token, size_t len, int64_t now_ms,
                         struct session *ret_session)
{
    if (len != SESSION_TOKEN_SIZE - 1)
        return ERR_NOT_FOUND;
    unsigned char hash[SESSION_HASH_BYTES];
    hash_token(token, len, hash);
    return session_find(db, hash, now_ms, ret_session);
}

enum err session_slide(struct db *db, const char *token, size_t len, int64_t now_ms,
                       struct session *session)
{
    int64_t expires_at_ms = now_ms + LIFETIME_MS;
    if (expires_at_ms - session->expires_at_ms < MS_PER_HOUR)
        return ERR_OK;
    unsigned char hash[SESSION_HASH_BYTES];
    hash_token(token, len, hash);
    enum err err = session_set_expiry(db, hash, expires_at_ms);
    if (!err)
        session->expires_at_ms = expires_at_ms;
    return err;
}

enum err session_end(struct db *db, const char *token, size_t len)
{
    unsigned char hash[SESSION_HASH_BYTES];
    hash_token(token, len, hash);
    return session_delete(db, hash);
}
