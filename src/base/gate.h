/* A gate lets a few threads at a time through to something expensive or slow. Who finds too many
 * waiting is turned away at once, so that the other threads stay free for other work. */
#ifndef BEHEST_BASE_GATE_H
#define BEHEST_BASE_GATE_H

#include "base/err.h"

#include <pthread.h>

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t left;
    unsigned inside;
    unsigned waiting;
    unsigned max_inside;
    unsigned max_waiting;
};

void gate_init(struct gate *gate, unsigned max_inside, unsigned max_waiting);
void gate_destroy(struct gate *gate);

/* Waits for a place inside. ERR_OVERLOADED, at once, when max_waiting others wait already. */
MUST_CHECK enum err gate_enter(struct gate *gate);

/* For each gate_enter() that returned ERR_OK. */
void gate_leave(struct gate *gate);

#endif
