/* Profiles: what the application knows of a user beside the account, looked up by user id like a
 * document in a Modelence Store. A user without a profile has the default tier. */
#ifndef BEHEST_STORE_PROFILES_H
#define BEHEST_STORE_PROFILES_H

#include "store/db.h"

enum { TIER_MIN = 1, TIER_MAX = 1000 };

struct profile {
    int tier; /* 0: the default tier */
};

/* ERR_NOT_FOUND when the user has none. */
MUST_CHECK enum err profile_find(struct db *db, const char *user_id, struct profile *ret_profile);

/* Sets the tier, making the profile when there is none; 0 goes back to the default tier.
 * ERR_INVALID when there is no such user or no such tier. */
MUST_CHECK enum err profile_set_tier(struct db *db, const char *user_id, int tier);

#endif
