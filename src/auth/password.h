/* Passwords, hashed with Argon2id (RFC 9106) through libsodium: 19 MiB and two passes each, OWASP's
 * smallest recommended setting, a few at a time. */
#ifndef BEHEST_AUTH_PASSWORD_H
#define BEHEST_AUTH_PASSWORD_H

#include "base/err.h"
#include "base/gate.h"
#include "store/passwords.h"

#include <stdbool.h>

enum { PASSWORD_MIN = 8, PASSWORD_MAX = 128 };

struct password_hasher {
    struct gate gate;
    char decoy[PASSWORD_HASH_SIZE]; /* what the passwords of unknown users are compared with */
};

/* At most max_at_once hashes are computed at a time, and max_waiting callers wait; whoever comes
 * then gets ERR_OVERLOADED. */
MUST_CHECK enum err password_hasher_init(struct password_hasher *hasher, unsigned max_at_once,
                                         unsigned max_waiting);
void password_hasher_destroy(struct password_hasher *hasher);

MUST_CHECK enum err password_hash(struct password_hasher *hasher, const char *password,
                                  char ret_hash[static PASSWORD_HASH_SIZE]);

/* ERR_UNAUTHENTICATED when the password is wrong. hash NULL stands for an unknown user: it takes
 * the same time. */
MUST_CHECK enum err password_verify(struct password_hasher *hasher, const char *hash,
                                    const char *password);

/* True when hash was made with other parameters than new ones are. */
bool password_is_outdated(const char *hash);

#endif
