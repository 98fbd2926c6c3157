/* What a program serves with: the settings as they were at one time, and what was opened with them.
 *
 * A reload makes a new generation. The requests that are under way end on the one they began with,
 * and the last of them closes it. */
#ifndef BEHEST_FCGI_GENERATION_H
#define BEHEST_FCGI_GENERATION_H

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/settings.h"
#include "http/service.h"

#include <pthread.h>

/* The first member of what a program has of its own. */
struct generation {
    enum log_level log_level;          /* set by configure() */
    struct metrics *metrics;           /* of the whole program, set before open() */
    const struct generation *previous; /* the one in force, for open() alone; NULL at the start */
    struct http_service service;       /* set by open() */
    unsigned holders;                  /* guarded by the mutex of struct generations */
};

struct generation_ops {
    /* A new generation with what the settings say; what is wrong with them goes to problems. NULL
     * when out of memory. */
    struct generation *(*configure)(struct settings *settings, struct problems *problems);

    /* For --check-config: what open() would fail at, as far as can be told without opening. */
    void (*examine)(struct generation *generation, struct problems *problems);

    /* Opens what the settings name, to serve so many requests at a time. An error leaves a sentence
     * for the operator in problem. log outlives the generation. */
    enum err (*open)(struct generation *generation, const struct logger *log, unsigned threads,
                     struct buf *problem);

    /* ERR_OK when it can serve: its database answers. Also for the tick's thread. */
    enum err (*check)(struct generation *generation);

    /* Housekeeping, now and then. */
    void (*tick)(struct generation *generation);

    /* Frees it, opened or not. */
    void (*close)(struct generation *generation);
};

/* The generation that serves new requests, and those before it that still serve old ones. */
struct generations {
    const struct generation_ops *ops;
    pthread_mutex_t mutex;
    struct generation *current;
};

void generations_init(struct generations *generations, const struct generation_ops *ops);

/* Once no request is under way any more. */
void generations_destroy(struct generations *generations);

/* From now on next serves, which now belongs to generations. */
void generations_replace(struct generations *generations, struct generation *next);

/* The current one, for the length of a request. */
struct generation *generations_take(struct generations *generations);
void generations_give(struct generations *generations, struct generation *generation);

#endif
