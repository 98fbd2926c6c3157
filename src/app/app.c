#include "app/app.h"

#include "http/metrics.h"
#include "probe/fetch.h"
#include "store/rate_limits.h"
#include "store/schema.h"
#include "store/sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { EXPIRED_ROWS_AT_ONCE = 200, HASHES_AT_ONCE = 2, POLICY_MAX_BYTES = 4096 };

/* The page may run its own files and talk to this site and the gateway, and nothing else. */
static enum err make_policy(struct app *app)
{
    const char *gateway = app->config->base_url;
    app->content_security_policy = BUF_MAX(POLICY_MAX_BYTES);
    buf_addf(&app->content_security_policy,
             "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
             "font-src 'self'; connect-src 'self' %.*s; manifest-src 'self'; base-uri 'self'; "
             "form-action 'self'; frame-ancestors 'none'",
             (int)url_origin_length(gateway), gateway);
    return buf_err(&app->content_security_policy);
}

enum err app_open(struct app *app, struct app_config *config, const struct logger *log,
                  unsigned threads, struct buf *problem)
{
    *app = (struct app){.config = config, .log = log};
    gate_init(&app->probes, threads > 4 ? threads / 4 : 1, 0);
    app->www_fd = open(config->www, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (app->www_fd < 0) {
        buf_addf(problem, "cannot open %s: %s", config->www, strerror(errno));
        return ERR_IO;
    }
    enum err err = make_policy(app);
    if (!err)
        err = db_pool_open(&app_schema, config->database, &app->pool, problem);
    if (!err)
        err = password_hasher_init(&app->hasher, HASHES_AT_ONCE, threads / 4);
    /* Half of the workers may wait for tokens, and fewer for what else the gateway is asked, so
     * that sign-in stays quick while it hangs. */
    if (!err)
        err = app_config_minter(config, threads > 1 ? threads / 2 : 1, &app->minter);
    if (!err)
        err = caller_new(threads > 8 ? threads / 8 : 1, &app->caller);
    if (!err)
        err = probe_begin();
    app->probing = !err;
    return err;
}

void app_count_with(struct app *app, struct metrics *metrics)
{
    app->metrics = metrics;
    db_pool_count_waits(app->pool, metrics_at(metrics, METRIC_SQLITE_WAITS),
                        metrics_at(metrics, METRIC_SQLITE_WAITED));
}

void app_close(struct app *app)
{
    if (!app->config)
        return;
    if (app->probing)
        probe_end();
    gate_destroy(&app->probes);
    caller_free(app->caller);
    minter_free(app->minter);
    password_hasher_destroy(&app->hasher);
    db_pool_close(app->pool);
    buf_free(&app->content_security_policy);
    if (app->www_fd >= 0)
        close(app->www_fd);
}

void app_tick(void *context)
{
    struct app *app = context;
    struct db *db = NULL;
    char text[DB_FAILURE_SIZE];
    int64_t now_ms = clock_now_ms(&app->clock);
    enum err err = db_pool_take(app->pool, &db);
    if (!err)
        err = session_delete_expired(db, now_ms, EXPIRED_ROWS_AT_ONCE);
    if (!err)
        err = rate_limit_delete_expired(db, now_ms, EXPIRED_ROWS_AT_ONCE);
    db_pool_give(app->pool, db);
    if (err)
        log_event(app->log, LOG_WARN, "expired rows were not removed", "detail",
                  db_pool_message(app->pool, err, text), NULL);
}
