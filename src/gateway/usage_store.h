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

/* Adds to a day; what was too much is taken off again by what is below zero. */
MUST_CHECK enum err usage_add(struct db *db, const struct usage_key *key, const struct usage *more);

/* What a request that a model answers has used, or used more than was added before. */
struct usage_answer {
    const char *project_id;
    const char *user_id;
    int64_t at_ms;
    const char *model;
    struct usage usage;
};

/* Adds it to its minute and, but for the number of requests, to its day. */
MUST_CHECK enum err usage_add_answer(struct db *db, const struct usage_answer *answer);

/* What somebody used from one time up to another, by the minute. */
struct usage_window {
    const char *project_id;
    const char *user_id;
    int64_t from_ms;
    int64_t to_ms;
};

/* What a visitor returns other than ERR_OK ends the visit. */
typedef enum err usage_step_visitor(void *context, int64_t at_ms, const struct usage *usage);
typedef enum err usage_model_visitor(void *context, const char *model, const struct usage *usage);

/* Visits the steps (days, hours or minutes in UTC, by their first millisecond) in which there was
 * something, the earliest first. */
MUST_CHECK enum err usage_each_step(struct db *db, const struct usage_window *window,
                                    int64_t step_ms, usage_step_visitor *visit, void *context);

/* Visits the models that answered, by name: the limit of them by which most tokens were used, and
 * all others together as "other". */
MUST_CHECK enum err usage_each_model(struct db *db, const struct usage_window *window, int limit,
                                     usage_model_visitor *visit, void *context);

/* Deletes at most limit minutes that are before a time. */
MUST_CHECK enum err usage_delete_minutes_before(struct db *db, int64_t at_ms, int limit);

/* Deletes at most limit days that are before a day. */
MUST_CHECK enum err usage_delete_before(struct db *db, int64_t day, int limit);

#endif
