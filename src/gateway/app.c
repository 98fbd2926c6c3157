#include "gateway/app.h"

#include "base/clock.h"
#include "gateway/conversation.h"
#include "gateway/limits.h"
#include "gateway/manual.h"
#include "gateway/signing_key.h"
#include "gateway/stream_usage.h"
#include "gateway/superseded.h"
#include "gateway/thread_store.h"
#include "gateway/upstream.h"
#include "http/metrics.h"
#include "mint/jwk.h"
#include "store/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLEAR_MS = 20,
    PAUSE_MS = 25,
    FORGET_MAX_MS = 1000,
    SHORTENED_AT_ONCE = 5000,
    FEW_WINDOWS = 4,
};

/* One worker in eight, and at least one, is kept from what holds a worker for long. Of the others
 * one user may have a quarter, or as many as a person needs who has a few windows open. */
static enum err open_places(unsigned threads, const struct gateway *previous,
                            struct places **ret_places)
{
    if (previous) {
        *ret_places = places_share(previous->places);
        return ERR_OK;
    }
    unsigned kept = threads >= 8 ? threads / 8 : 1;
    unsigned max = threads > kept ? threads - kept : 1;
    return places_new(max, max / 4 > FEW_WINDOWS ? max / 4 : FEW_WINDOWS, ret_places);
}

static enum err open_minter(struct gateway *gateway, EVP_PKEY *rsa)
{
    char kid[JWK_THUMBPRINT_SIZE];
    enum err err = jwk_thumbprint(rsa, kid);
    if (!err)
        err = keyset_add(gateway->keys, kid, rsa);
    if (!err)
        err = keyset_add_all(gateway->keys, gateway->config->trusted);
    if (err || EVP_PKEY_up_ref(rsa) != 1)
        return err ? err : ERR_NOMEM;
    struct mint_key key = {.rsa = rsa};
    const struct mint_local_config config = {
        .kid = kid,
        .tenant_id = GATEWAY_TENANT_ID,
        .project_id = GATEWAY_PROJECT_ID,
        .issuer = gateway->config->issuer,
        .audience = gateway->config->audience,
    };
    err = mint_local_new(&key, &config, &gateway->minter);
    mint_key_free(&key);
    return err;
}

static enum err open_keys(struct gateway *gateway, struct buf *problem)
{
    EVP_PKEY *rsa = NULL;
    const char *path = gateway->config->signing_key;
    enum err err = signing_key_open(path, &rsa);
    if (err) {
        buf_addf(problem, "GATEWAY_SIGNING_KEY: %s cannot be made or read: %s", path,
                 err == ERR_IO ? strerror(errno) : err_message(err));
        return err;
    }
    gateway->keys = keyset_new();
    err = gateway->keys ? open_minter(gateway, rsa) : ERR_NOMEM;
    EVP_PKEY_free(rsa);
    if (err)
        buf_addf(problem, "the signing keys cannot be used: %s", err_message(err));
    return err;
}

static enum err open_model(struct gateway *gateway, const struct embedded_file *manual_files,
                           struct buf *problem)
{
    const struct gateway_config *config = gateway->config;
    enum err err = config->upstream_url ? upstream_new(config->upstream_url, config->upstream_key,
                                                       &gateway->upstream)
                                        : manual_open(manual_files, &gateway->manual);
    if (err)
        buf_addf(problem, "the model cannot be prepared: %s", err_message(err));
    return err;
}

int64_t gateway_lifetime_ms(const struct gateway_config *config, enum thread_kind kind)
{
    return kind == THREAD_KEPT ? config->thread_days * MS_PER_DAY
                               : config->session_ttl * MS_PER_SECOND;
}

static enum err recover_lost(struct db *db, int64_t now_ms)
{
    enum err err = ERR_OK;
    while (!err)
        err = superseded_recover(db, now_ms - CONVERSATION_LOST_MS);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The settings may keep conversations for a shorter time than those did by which they were begun.
 */
static enum err shorten_lifetimes(struct db *db, const struct gateway_config *config)
{
    enum err err = ERR_OK;
    for (enum thread_kind kind = THREAD_KEPT; !err && kind <= THREAD_SESSION; kind++) {
        int64_t serial = 0;
        while (!err)
            err = thread_shorten(db, kind, gateway_lifetime_ms(config, kind), SHORTENED_AT_ONCE,
                                 &serial);
        if (err == ERR_NOT_FOUND)
            err = ERR_OK;
    }
    return err;
}

static enum err open_database(struct gateway *gateway, struct buf *problem)
{
    struct db *db = NULL;
    enum err err =
        db_pool_open(&gateway_schema, gateway->config->database, &gateway->pool, problem);
    if (err)
        return err;
    char text[DB_FAILURE_SIZE];
    err = db_pool_take(gateway->pool, &db);
    if (!err)
        err = shorten_lifetimes(db, gateway->config);
    if (!err)
        err = recover_lost(db, clock_now_ms(gateway->clock));
    db_pool_give(gateway->pool, db);
    if (err)
        buf_addf(problem, "the conversations in %s cannot be tidied: %s", gateway->config->database,
                 db_pool_message(gateway->pool, err, text));
    return err;
}

enum err gateway_open(const struct gateway_config *config, const struct logger *log,
                      const struct embedded_file *manual_files, unsigned threads,
                      const struct gateway *previous, struct gateway *ret_gateway,
                      struct buf *problem)
{
    *ret_gateway = (struct gateway){.config = config, .log = log};
    enum err err = open_places(threads, previous, &ret_gateway->places);
    if (!err)
        err = open_database(ret_gateway, problem);
    if (!err)
        err = open_keys(ret_gateway, problem);
    ret_gateway->stream_usage = calloc(1, sizeof *ret_gateway->stream_usage);
    if (!err && !ret_gateway->stream_usage)
        err = ERR_NOMEM;
    return err ? err : open_model(ret_gateway, manual_files, problem);
}

void gateway_count_with(struct gateway *gateway, struct metrics *metrics)
{
    gateway->metrics = metrics;
    db_pool_count_waits(gateway->pool, metrics_at(metrics, METRIC_SQLITE_WAITS),
                        metrics_at(metrics, METRIC_SQLITE_WAITED));
}

void gateway_close(struct gateway *gateway)
{
    if (!gateway->config)
        return;
    manual_close(gateway->manual);
    upstream_free(gateway->upstream);
    free(gateway->stream_usage);
    minter_free(gateway->minter);
    keyset_free(gateway->keys);
    db_pool_close(gateway->pool);
    places_free(gateway->places);
}

enum err gateway_clear_thread(struct db *db, int64_t serial, int64_t now_ms, bool *ret_cleared)
{
    return thread_clear(db, serial, now_ms, clock_monotonic_ms() + CLEAR_MS, ret_cleared);
}

/* Not for long: the watchdog is fed by the same thread. Who waits for the database looks again now
 * and then, and finds it free in the pauses. */
static enum err forget_in_pieces(struct db *db, int64_t now_ms)
{
    const int64_t deadline_ms = clock_monotonic_ms() + FORGET_MAX_MS;
    int64_t pause_ms = clock_monotonic_ms() + CLEAR_MS;
    enum err err = ERR_OK;
    while (!err && clock_monotonic_ms() < deadline_ms) {
        int64_t serial;
        bool cleared;
        err = thread_find_expired(db, now_ms, &serial);
        if (!err)
            err = gateway_clear_thread(db, serial, now_ms, &cleared);
        if (!err && clock_monotonic_ms() >= pause_ms) {
            sqlite3_sleep(PAUSE_MS);
            pause_ms = clock_monotonic_ms() + CLEAR_MS;
        }
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err tidy_conversations(const struct gateway *gateway, int64_t now_ms)
{
    struct db *db = NULL;
    enum err err = db_pool_take(gateway->pool, &db);
    if (!err)
        err = recover_lost(db, now_ms);
    if (!err)
        err = forget_in_pieces(db, now_ms);
    db_pool_give(gateway->pool, db);
    return err;
}

void gateway_tick(void *context)
{
    const struct gateway *gateway = context;
    char text[DB_FAILURE_SIZE];
    int64_t now_ms = clock_now_ms(gateway->clock);
    enum err err = limits_sweep(gateway->pool, now_ms);
    if (!err)
        err = tidy_conversations(gateway, now_ms);
    if (err)
        log_event(gateway->log, LOG_WARN, "what has expired could not be removed", "detail",
                  db_pool_message(gateway->pool, err, text), NULL);
}
