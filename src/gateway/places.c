#include "gateway/places.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

enum err places_new(unsigned max, unsigned max_of_one, struct places **ret_places)
{
    struct places *places = calloc(1, sizeof *places);
    uint64_t *users = calloc(max, sizeof *users);
    if (!places || !users) {
        free(places);
        free(users);
        return ERR_NOMEM;
    }
    *places = (struct places){.holders = 1, .max = max, .max_of_one = max_of_one, .users = users};
    pthread_mutex_init(&places->mutex, NULL);
    *ret_places = places;
    return ERR_OK;
}

struct places *places_share(struct places *places)
{
    pthread_mutex_lock(&places->mutex);
    places->holders++;
    pthread_mutex_unlock(&places->mutex);
    return places;
}

void places_free(struct places *places)
{
    if (!places)
        return;
    pthread_mutex_lock(&places->mutex);
    bool last = --places->holders == 0;
    pthread_mutex_unlock(&places->mutex);
    if (!last)
        return;
    free(places->users);
    pthread_mutex_destroy(&places->mutex);
    free(places);
}

static uint64_t hash_of(const struct gateway_user *user)
{
    uint64_t hash;
    unsigned char bytes[crypto_generichash_BYTES_MIN];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof bytes);
    crypto_generichash_update(&state, (const unsigned char *)user->pid, strlen(user->pid) + 1);
    crypto_generichash_update(&state, (const unsigned char *)user->uid, strlen(user->uid));
    crypto_generichash_final(&state, bytes, sizeof bytes);
    memcpy(&hash, bytes, sizeof hash);
    return hash;
}

static unsigned count_of(const struct places *places, uint64_t user)
{
    unsigned count = 0;
    for (unsigned i = 0; i < places->count; i++)
        count += places->users[i] == user;
    return count;
}

enum err places_take(struct places *places, const struct gateway_user *user)
{
    uint64_t hash = hash_of(user);
    enum err err = ERR_OK;
    pthread_mutex_lock(&places->mutex);
    if (places->count == places->max)
        err = ERR_OVERLOADED;
    else if (count_of(places, hash) >= places->max_of_one)
        err = ERR_RATE_LIMITED;
    else
        places->users[places->count++] = hash;
    pthread_mutex_unlock(&places->mutex);
    return err;
}

void places_leave(struct places *places, const struct gateway_user *user)
{
    uint64_t hash = hash_of(user);
    unsigned place = 0;
    pthread_mutex_lock(&places->mutex);
    while (places->users[place] != hash)
        place++;
    places->users[place] = places->users[--places->count];
    pthread_mutex_unlock(&places->mutex);
}
