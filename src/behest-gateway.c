/* behest-gateway: a Behest-compatible gateway in front of an OpenAI-compatible server, or of a
 * demonstration model, over FastCGI. */
#include "config.h"
#include "fcgi/program.h"
#include "gateway/routes.h"

#include <unistd.h>

/* A stream holds its thread, which does nothing then but wait. */
enum { DEFAULT_THREADS = 64, DRAIN_SECONDS = 30, TICK_SECONDS = 30 };

extern const struct embedded_file manual_files[];

static void tick(void *context)
{
    const struct http_service *service = context;
    gateway_tick(service->app);
}

static void log_start(const struct gateway *gateway)
{
    const struct gateway_config *config = gateway->config;
    log_event(gateway->log, LOG_INFO, "starting", "version", PACKAGE_VERSION, "upstream",
              config->upstream_url ? config->upstream_url : "none: demonstration model", "model",
              config->model, NULL);
    if (!config->origins[0])
        log_event(gateway->log, LOG_WARN,
                  "GATEWAY_ALLOWED_ORIGINS is empty: no page of another site can use this gateway",
                  NULL);
}

static void read_config(void *config, struct settings *settings, struct problems *problems)
{
    gateway_config_read(settings, problems, config);
}

static void free_config(void *config)
{
    gateway_config_free(config);
}

static int serve(const struct program *program)
{
    const struct gateway_config *config = program->config;
    const struct logger log = {.level = config->log_level, .fd = STDERR_FILENO};
    struct gateway gateway;
    BUF_AUTO(problem, 1024);
    int exit_code = EXIT_UNAVAILABLE;
    enum err err = gateway_open(config, &log, manual_files, program->threads, &gateway, &problem);
    if (err) {
        program_complain(program, &problem, err);
    } else {
        log_start(&gateway);
        struct http_service service = gateway_service(&gateway);
        struct fcgi_loop loop = {
            .handle = http_service_handle,
            .tick = tick,
            .tick_seconds = TICK_SECONDS,
            .context = &service,
            .drain_seconds = DRAIN_SECONDS,
            .log = &log,
        };
        exit_code = program_serve(program, &loop);
    }
    gateway_close(&gateway);
    return exit_code;
}

int main(int argc, char **argv)
{
    struct gateway_config config;
    struct program program = {
        .name = "behest-gateway",
        .help = gateway_config_help,
        .default_threads = DEFAULT_THREADS,
        .config = &config,
        .read_config = read_config,
        .free_config = free_config,
        .serve = serve,
    };
    return program_main(&program, argc, argv);
}
