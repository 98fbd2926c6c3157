/* Places for calls that hold a worker for long: so many in all, and so many for one user, so that
 * nobody takes them all. */
#ifndef BEHEST_GATEWAY_PLACES_H
#define BEHEST_GATEWAY_PLACES_H

#include "base/err.h"
#include "gateway/token.h"

#include <pthread.h>
#include <stdint.h>

struct places {
    pthread_mutex_t mutex;
    unsigned holders;
    unsigned count;
    unsigned max;
    unsigned max_of_one;
    uint64_t *users; /* who is inside, count of them: a hash of project and user for each place */
};

MUST_CHECK enum err places_new(unsigned max, unsigned max_of_one, struct places **ret_places);

/* The same places for one more holder. The last places_free() frees them; NULL is fine. */
struct places *places_share(struct places *places);
void places_free(struct places *places);

/* Takes a place without waiting. ERR_OVERLOADED when all are taken, ERR_RATE_LIMITED when the user
 * has as many as one may have. */
MUST_CHECK enum err places_take(struct places *places, const struct gateway_user *user);

/* For each places_take() that returned ERR_OK. */
void places_leave(struct places *places, const struct gateway_user *user);

#endif
