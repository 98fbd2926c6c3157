#include "fcgi/generation.h"

void generations_init(struct generations *generations, const struct generation_ops *ops)
{
    *generations = (struct generations){.ops = ops};
    pthread_mutex_init(&generations->mutex, NULL);
}

void generations_destroy(struct generations *generations)
{
    generations_replace(generations, NULL);
    pthread_mutex_destroy(&generations->mutex);
}

/* Being the current one counts as a holder. */
void generations_replace(struct generations *generations, struct generation *next)
{
    if (next)
        next->holders = 1;
    pthread_mutex_lock(&generations->mutex);
    struct generation *previous = generations->current;
    generations->current = next;
    pthread_mutex_unlock(&generations->mutex);
    if (previous)
        generations_give(generations, previous);
}

struct generation *generations_take(struct generations *generations)
{
    pthread_mutex_lock(&generations->mutex);
    struct generation *generation = generations->current;
    generation->holders++;
    pthread_mutex_unlock(&generations->mutex);
    return generation;
}

void generations_give(struct generations *generations, struct generation *generation)
{
    pthread_mutex_lock(&generations->mutex);
    bool last = --generation->holders == 0;
    pthread_mutex_unlock(&generations->mutex);
    if (last)
        generations->ops->close(generation);
}
