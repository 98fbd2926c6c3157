/* behest-fcgi: sign-in, users and tokens for a chat page, over FastCGI. */
#include "app/metrics.h"
#include "app/routes.h"
#include "fcgi/program.h"

#include <stdlib.h>

enum { DEFAULT_THREADS = 16 };

struct chat {
    struct generation generation; /* first */
    struct app_config config;
    struct app app;
};

static struct generation *configure(struct settings *settings, struct problems *problems)
{
    struct chat *chat = calloc(1, sizeof *chat);
    if (!chat)
        return NULL;
    app_config_read(settings, problems, &chat->config);
    chat->generation.log_level = chat->config.log_level;
    return &chat->generation;
}

static void examine(struct generation *generation, struct problems *problems)
{
    const char *database = ((struct chat *)generation)->config.database;
    BUF_AUTO(problem, PROBLEMS_MAX_BYTES);
    if (database && db_examine_place(database, &problem) != ERR_OK)
        problem_add(problems, "CHAT_DATABASE", "%s", buf_str(&problem));
}

static enum err open_app(struct generation *generation, const struct logger *log, unsigned threads,
                         struct buf *problem)
{
    struct chat *chat = (struct chat *)generation;
    enum err err = app_open(&chat->app, &chat->config, log, threads, problem);
    if (err)
        return err;
    app_count_with(&chat->app, generation->metrics);
    generation->service = app_service(&chat->app);
    log_event(log, LOG_INFO, "settings", "mint", minter_mode(chat->app.minter), "gateway",
              chat->config.base_url, NULL);
    return ERR_OK;
}

static enum err check(struct generation *generation)
{
    return db_pool_check(((struct chat *)generation)->app.pool);
}

static void tick(struct generation *generation)
{
    app_tick(&((struct chat *)generation)->app);
}

static void close_app(struct generation *generation)
{
    struct chat *chat = (struct chat *)generation;
    app_close(&chat->app);
    app_config_free(&chat->config);
    free(chat);
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .usage = {.name = "behest-fcgi",
                  .settings = app_config_help,
                  .default_threads = DEFAULT_THREADS},
        .ops = {.configure = configure,
                .examine = examine,
                .open = open_app,
                .check = check,
                .tick = tick,
                .close = close_app},
        .metric_rows = app_metric_rows,
        .metric_count = APP_METRIC_COUNT,
    };
    return program_main(&program, argc, argv);
}
