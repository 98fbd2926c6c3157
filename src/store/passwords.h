/* The password hash of a user. */
#ifndef BEHEST_STORE_PASSWORDS_H
#define BEHEST_STORE_PASSWORDS_H

#include "store/db.h"

enum { PASSWORD_HASH_SIZE = 256 };

/* ERR_NOT_FOUND when the user has no password. */
MUST_CHECK enum err password_hash_find(struct db *db, const char *user_id,
                                       char ret_hash[static PASSWORD_HASH_SIZE]);

/* Replaces the one that was there. */
MUST_CHECK enum err password_hash_set(struct db *db, const char *user_id, const char *hash,
                                      int64_t now_ms);

/* Replaces old by hash. ERR_NOT_FOUND when old is no longer what is stored. */
MUST_CHECK enum err password_hash_replace(struct db *db, const char *user_id, const char *old,
                                          const char *hash, int64_t now_ms);

#endif
