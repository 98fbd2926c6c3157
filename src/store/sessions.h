/* Sessions, by the hash of their token. */
#ifndef BEHEST_STORE_SESSIONS_H
#define BEHEST_STORE_SESSIONS_H

#include "base/encode.h"
#include "store/db.h"

enum { SESSION_HASH_BYTES = 32 };

/* What a request needs to know of whoever sends it, in one read. */
struct session {
    char user_id[HEX_ID_SIZE];
    int tier; /* 0: the default tier */
    int64_t created_at_ms;
    int64_t expires_at_ms;
};

MUST_CHECK enum err session_insert(struct db *db,
                                   const unsigned char hash[static SESSION_HASH_BYTES],
                                   const struct session *session);

/* ERR_NOT_FOUND when there is no such session, it has expired, or its user is disabled. */
MUST_CHECK enum err session_find(struct db *db, const unsigned char hash[static SESSION_HASH_BYTES],
                                 int64_t now_ms, struct session *ret_session);

MUST_CHECK enum err session_set_expiry(struct db *db,
                                       const unsigned char hash[static SESSION_HASH_BYTES],
                                       int64_t expires_at_ms);

/* Deleting what is not there is fine. */
MUST_CHECK enum err session_delete(struct db *db,
                                   const unsigned char hash[static SESSION_HASH_BYTES]);

/* All of a user's sessions; *ret_count says how many there were. */
MUST_CHECK enum err session_delete_by_user(struct db *db, const char *user_id, int *ret_count);

/* Live sessions, newest first; user_id NULL for everybody's. */
typedef enum err session_visitor(void *context, const struct session *session);
MUST_CHECK enum err session_each(struct db *db, const char *user_id, int64_t now_ms,
                                 session_visitor *visit, void *context);

/* Deletes at most limit expired sessions. */
MUST_CHECK enum err session_delete_expired(struct db *db, int64_t now_ms, int limit);

#endif
