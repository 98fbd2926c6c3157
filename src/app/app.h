/* What behest-fcgi is made of at run time: made in main, passed down, const but for what locks
 * itself. */
#ifndef BEHEST_APP_APP_H
#define BEHEST_APP_APP_H

#include "auth/password.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/log.h"
#include "call/caller.h"
#include "config/app_config.h"
#include "http/service.h"
#include "mint/mint.h"
#include "store/db.h"

struct app {
    const struct app_config *config;
    const struct logger *log;
    struct clock clock;
    struct metrics *metrics; /* app/metrics.h; NULL: nobody counts */
    struct db_pool *pool;
    struct password_hasher hasher;
    struct minter *minter;
    struct caller *caller; /* for the conversations that the gateway keeps */
    bool probing;          /* probe_begin() succeeded */
    struct gate probes;    /* how many workers may look whether the gateway can be reached */
    int www_fd;
    struct buf content_security_policy;
};

/* Opens database, page folder and minter for so many worker threads. problem gets a sentence for
 * the operator. Ends with app_close(), whatever comes back; config and log have to outlive it. */
MUST_CHECK enum err app_open(struct app *app, struct app_config *config, const struct logger *log,
                             unsigned threads, struct buf *problem);

/* Has an app that was opened count with metrics, which have to outlive it. */
void app_count_with(struct app *app, struct metrics *metrics);

/* Does nothing to one that is all zeroes. */
void app_close(struct app *app);

/* Removes a few expired rows; context is a struct app. For the loop's tick. */
void app_tick(void *context);

#endif
