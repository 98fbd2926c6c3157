/* Minting: a token with which one user's browser talks to the gateway. One operation, two
 * implementations. */
#ifndef BEHEST_MINT_MINT_H
#define BEHEST_MINT_MINT_H

#include "base/encode.h"
#include "base/err.h"
#include "mint/key.h"

#include <stdint.h>

enum { MINT_TOKEN_MAX_BYTES = 16 * 1024, MINT_SESSION_ID_SIZE = 129 };

struct mint_order {
    const char *user_id;
    const char *session_id; /* a UUID: the chat session that the token continues or begins */
    int tier;
    int ttl; /* seconds */
};

struct mint_result {
    struct buf token;
    char session_id[MINT_SESSION_ID_SIZE];
    int ttl;               /* seconds */
    int64_t expires_at;    /* seconds since 1970 */
    int retry_after;       /* seconds; 0 unless the mint failed and says when to come back */
    const char *operators; /* static: why it failed, for the log */
};

struct minter; /* used by several threads at once */

/* Fills *ret_result, to be freed with mint_result_free() whatever comes back. Errors: ERR_UPSTREAM,
 * ERR_TIMEOUT, ERR_RATE_LIMITED, ERR_QUOTA, ERR_OVERLOADED (too many mints wait for the gateway
 * already), ERR_NOMEM. */
MUST_CHECK enum err minter_mint(struct minter *minter, const struct mint_order *order,
                                struct mint_result *ret_result);
void mint_result_free(struct mint_result *result);

/* "remote" or "local", for the log. */
const char *minter_mode(const struct minter *minter);
void minter_free(struct minter *minter);

struct mint_local_config {
    const char *kid;
    const char *tenant_id;
    const char *project_id;
    const char *issuer;
    const char *audience;
};

/* Signs tokens itself; no network. Takes over key. */
MUST_CHECK enum err mint_local_new(struct mint_key *key, const struct mint_local_config *config,
                                   struct minter **ret_minter);

/* Asks the gateway at base_url (POST /v1/auth/mint), at most max_at_once at a time. Takes over key.
 */
MUST_CHECK enum err mint_remote_new(struct mint_key *key, const char *base_url,
                                    unsigned max_at_once, struct minter **ret_minter);

#endif
