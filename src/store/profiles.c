#include "store/profiles.h"

enum err profile_find(struct db *db, const char *user_id, struct profile *ret_profile)
{
    AUTO_STMT sqlite3_stmt *stmt = NULL;
    enum err err = db_query(db, &stmt, "SELECT tier FROM profiles WHERE user_id = ?", "t", user_id);
    if (!err)
        err = db_step(stmt);
    if (!err)
        ret_profile->tier = sqlite3_column_int(stmt, 0);
    return err;
}

enum err profile_set_tier(struct db *db, const char *user_id, int tier)
{
    return db_run(db,
                  "INSERT INTO profiles (user_id, tier) VALUES (?, nullif(?, 0)) "
                  "ON CONFLICT (user_id) DO UPDATE SET tier = excluded.tier",
                  "ti", user_id, (int64_t)tier);
}
