/* behest-gateway: a Behest-compatible gateway in front of an OpenAI-compatible server, or of a
 * demonstration model, over FastCGI. */
#include "fcgi/program.h"
#include "gateway/metrics.h"
#include "gateway/routes.h"

#include <stdlib.h>

/* A stream holds its thread, which does nothing then but wait. */
enum { DEFAULT_THREADS = 64 };

extern const struct embedded_file manual_files[];

struct behest {
    struct generation generation; /* first */
    struct gateway_config config;
    struct gateway gateway;
};

static struct generation *configure(struct settings *settings, struct problems *problems)
{
    struct behest *behest = calloc(1, sizeof *behest);
    if (!behest)
        return NULL;
    gateway_config_read(settings, problems, &behest->config);
    behest->generation.log_level = behest->config.log_level;
    return &behest->generation;
}

static void examine(struct generation *generation, struct problems *problems)
{
    const char *database = ((struct behest *)generation)->config.database;
    BUF_AUTO(problem, PROBLEMS_MAX_BYTES);
    if (database && db_examine_place(database, &problem) != ERR_OK)
        problem_add(problems, "GATEWAY_DATABASE", "%s", buf_str(&problem));
}

static enum err open_gateway(struct generation *generation, const struct logger *log,
                             unsigned threads, struct buf *problem)
{
    struct behest *behest = (struct behest *)generation;
    const struct gateway_config *config = &behest->config;
    const struct behest *previous = (const struct behest *)generation->previous;
    enum err err = gateway_open(config, log, manual_files, threads,
                                previous ? &previous->gateway : NULL, &behest->gateway, problem);
    if (err)
        return err;
    gateway_count_with(&behest->gateway, generation->metrics);
    generation->service = gateway_service(&behest->gateway);
    log_event(log, LOG_INFO, "settings", "upstream",
              config->upstream_url ? config->upstream_url : "none: demonstration model", "model",
              config->model, NULL);
    return ERR_OK;
}

static enum err check(struct generation *generation)
{
    return db_pool_check(((struct behest *)generation)->gateway.pool);
}

static void tick(struct generation *generation)
{
    gateway_tick(&((struct behest *)generation)->gateway);
}

static void close_gateway(struct generation *generation)
{
    struct behest *behest = (struct behest *)generation;
    gateway_close(&behest->gateway);
    gateway_config_free(&behest->config);
    free(behest);
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .usage = {.name = "behest-gateway",
                  .settings = gateway_config_help,
                  .default_threads = DEFAULT_THREADS},
        .ops = {.configure = configure,
                .examine = examine,
                .open = open_gateway,
                .check = check,
                .tick = tick,
                .close = close_gateway},
        .metric_rows = gateway_metric_rows,
        .metric_count = GATEWAY_METRIC_COUNT,
    };
    return program_main(&program, argc, argv);
}
