/* behest-gateway: a Behest-compatible gateway in front of an OpenAI-compatible server, or of a
 * demonstration model, over FastCGI. */
#include "base/secret.h"
#include "config.h"
#include "fcgi/program.h"
#include "gateway/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

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

static int serve(const struct program *program, const struct gateway_config *config)
{
    const struct logger log = {.level = config->log_level, .fd = STDERR_FILENO};
    struct gateway gateway;
    BUF_AUTO(problem, 1024);
    int exit_code = EXIT_UNAVAILABLE;
    enum err err = gateway_open(config, &log, manual_files, program->threads, &gateway, &problem);
    if (err) {
        fprintf(stderr, "%s: %s\n", program->name,
                problem.len ? buf_str(&problem) : err_message(err));
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

static int report(const struct program *program, const struct problems *problems)
{
    fprintf(stderr, "%s: these settings cannot be used:\n%s", program->name,
            buf_str(&problems->lines));
    return EXIT_CONFIG;
}

static int configure_and_serve(const struct program *program)
{
    struct problems problems = {.count = 0};
    struct gateway_config config;
    struct settings *settings = settings_load(program->env_file, &problems);
    if (!settings)
        return EXIT_SOFTWARE;
    gateway_config_read(settings, &problems, &config);
    settings_free(settings);
    int exit_code = EXIT_SUCCESS;
    if (problems.count)
        exit_code = report(program, &problems);
    else if (program->check_config)
        printf("%s: the settings are complete\n", program->name);
    else
        exit_code = serve(program, &config);
    gateway_config_free(&config);
    buf_free(&problems.lines);
    return exit_code;
}

int main(int argc, char **argv)
{
    secret_protect_process();
    if (sodium_init() < 0)
        return EXIT_SOFTWARE;
    struct program program = {
        .name = "behest-gateway",
        .help = gateway_config_help,
        .default_threads = DEFAULT_THREADS,
    };
    int exit_code;
    if (!program_parse(&program, argc, argv, &exit_code))
        return exit_code;
    fcgi_block_signals();
    return configure_and_serve(&program);
}
