#include "base/gate.h"

void gate_init(struct gate *gate, unsigned max_inside, unsigned max_waiting)
{
    *gate = (struct gate){.max_inside = max_inside, .max_waiting = max_waiting};
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_cond_init(&gate->left, NULL);
}

void gate_destroy(struct gate *gate)
{
    pthread_cond_destroy(&gate->left);
    pthread_mutex_destroy(&gate->mutex);
}

enum err gate_enter(struct gate *gate)
{
    enum err err = ERR_OK;
    pthread_mutex_lock(&gate->mutex);
    if (gate->inside >= gate->max_inside && gate->waiting >= gate->max_waiting)
        err = ERR_OVERLOADED;
    else {
        gate->waiting++;
        while (gate->inside >= gate->max_inside)
            pthread_cond_wait(&gate->left, &gate->mutex);
        gate->waiting--;
        gate->inside++;
    }
    pthread_mutex_unlock(&gate->mutex);
    return err;
}

void gate_leave(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->inside--;
    pthread_cond_signal(&gate->left);
    pthread_mutex_unlock(&gate->mutex);
}
