#include "auth/password.h"

#include <string.h>

#include <sodium.h>

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "a hash fits");

enum { PASSES = 2, MEMORY_BYTES = 19 * 1024 * 1024 };

enum err password_hasher_init(struct password_hasher *hasher, unsigned max_at_once,
                              unsigned max_waiting)
{
    gate_init(&hasher->gate, max_at_once, max_waiting);
    char random[32];
    randombytes_buf(random, sizeof random);
    return crypto_pwhash_str(hasher->decoy, random, sizeof random, PASSES, MEMORY_BYTES) == 0
               ? ERR_OK
               : ERR_NOMEM;
}

void password_hasher_destroy(struct password_hasher *hasher)
{
    gate_destroy(&hasher->gate);
}

enum err password_hash(struct password_hasher *hasher, const char *password,
                       char ret_hash[static PASSWORD_HASH_SIZE])
{
    enum err err = gate_enter(&hasher->gate);
    if (err)
        return err;
    if (crypto_pwhash_str(ret_hash, password, strlen(password), PASSES, MEMORY_BYTES) != 0)
        err = ERR_NOMEM;
    gate_leave(&hasher->gate);
    return err;
}

enum err password_verify(struct password_hasher *hasher, const char *hash, const char *password)
{
    const char *expected = hash ? hash : hasher->decoy;
    enum err err = gate_enter(&hasher->gate);
    if (err)
        return err;
    if (crypto_pwhash_str_verify(expected, password, strlen(password)) != 0 || !hash)
        err = ERR_UNAUTHENTICATED;
    gate_leave(&hasher->gate);
    return err;
}

bool password_is_outdated(const char *hash)
{
    return crypto_pwhash_str_needs_rehash(hash, PASSES, MEMORY_BYTES) != 0;
}
