/* What a user did on one day, in the database. */
#ifndef BEHEST_GATEWAY_USAGE_STORE_H
#define BEHEST_GATEWAY_USAGE_STORE_H

#include "store/db.h"

/* Whose usage, and on which day: milliseconds since 1970 at its beginning (UTC). */
struct usage_key {
    const char *project_id;
    const char *user_id;
    int64_t day;
};

struct usage {
    int64_t requests;
    int64_t input_tokens;
    int64_t output_tokens;
};

/* All zero for a day on which there was nothing. */
MUST_CHECK enum err usage_read(struct db *db, const struct usage_key *key, struct usage *ret_usage);
MUST_CHECK enum err usage_add(struct db *db, const struct usage_key *key, const struct usage *more);

/* Deletes at most limit days that are before a day. */
MUST_CHECK enum err usage_delete_before(struct db *db, int64_t day, int limit);

#endif
