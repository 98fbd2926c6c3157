/* What the gateway's handlers share: made once at start, passed down. */
#ifndef BEHEST_GATEWAY_APP_H
#define BEHEST_GATEWAY_APP_H

#include "base/clock.h"
#include "base/embed.h"
#include "base/log.h"
#include "gateway/config.h"
#include "gateway/keyset.h"
#include "gateway/places.h"
#include "gateway/thread_store.h"
#include "mint/mint.h"
#include "store/db.h"

struct stream_usage;
struct upstream;
struct manual;

#define GATEWAY_TENANT_ID "local"
#define GATEWAY_PROJECT_ID "local"

struct gateway {
    const struct gateway_config *config;
    const struct logger *log;
    const struct clock *clock; /* NULL: the system's */
    struct metrics *metrics;   /* gateway/metrics.h; NULL: nobody counts */
    struct db_pool *pool;
    struct keyset *keys; /* the own one first, then the trusted ones */
    struct minter *minter;
    struct upstream *upstream;         /* NULL: the demonstration model answers */
    struct stream_usage *stream_usage; /* what the upstream says to being asked for usage */
    struct manual *manual;             /* for the demonstration model alone */
    struct places *places;             /* keep a few workers free for everything else */
};

/* Opens what the settings name. problem gets a sentence for the operator when it fails. Fills
 * *ret_gateway in any case, to be freed with gateway_close(). threads is how many requests are
 * served at a time; config and log have to outlive the gateway. It shares its places with previous,
 * which may still be serving; NULL when there is none. */
MUST_CHECK enum err gateway_open(const struct gateway_config *config, const struct logger *log,
                                 const struct embedded_file *manual_files, unsigned threads,
                                 const struct gateway *previous, struct gateway *ret_gateway,
                                 struct buf *problem);

/* Has a gateway that was opened count with metrics, which have to outlive it. */
void gateway_count_with(struct gateway *gateway, struct metrics *metrics);

/* Does nothing to one that is all zeroes. */
void gateway_close(struct gateway *gateway);

/* How long a conversation of that kind is kept after its last message, 0 when it is not. */
int64_t gateway_lifetime_ms(const struct gateway_config *config, enum thread_kind kind);

/* thread_clear() for as long as others may wait for the database. The rest is left for
 * gateway_tick(). */
MUST_CHECK enum err gateway_clear_thread(struct db *db, int64_t serial, int64_t now_ms,
                                         bool *ret_cleared);

/* Housekeeping, called now and then. context is a struct gateway. */
void gateway_tick(void *context);

#endif
