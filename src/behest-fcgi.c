/* behest-fcgi: sign-in, users and tokens for a chat page, over FastCGI. */
#include "app/routes.h"
#include "config.h"
#include "fcgi/program.h"

#include <stdio.h>

enum { DEFAULT_THREADS = 16, DRAIN_SECONDS = 30, TICK_SECONDS = 30 };

static void tick(void *context)
{
    const struct http_service *service = context;
    app_tick(service->app);
}

static void read_config(void *context, struct settings *settings, struct problems *problems)
{
    struct app_config *config = context;
    app_config_read(settings, problems, config);
    if (config->uses_deprecated_key_name)
        fprintf(stderr, "behest-fcgi: BEHEST_API_KEY is the old name: please call it BEHEST_KEY\n");
}

static void free_config(void *config)
{
    app_config_free(config);
}

static int serve(const struct program *program)
{
    struct app app;
    BUF_AUTO(problem, 1024);
    int exit_code = EXIT_UNAVAILABLE;
    enum err err = app_open(&app, program->config, program->threads, &problem);
    if (err) {
        program_complain(program, &problem, err);
    } else {
        log_event(&app.log, LOG_INFO, "starting", "version", PACKAGE_VERSION, "mint",
                  minter_mode(app.minter), "gateway", app.config->base_url, NULL);
        struct http_service service = app_service(&app);
        struct fcgi_loop loop = {
            .handle = http_service_handle,
            .tick = tick,
            .tick_seconds = TICK_SECONDS,
            .context = &service,
            .drain_seconds = DRAIN_SECONDS,
            .log = &app.log,
        };
        exit_code = program_serve(program, &loop);
    }
    app_close(&app);
    return exit_code;
}

int main(int argc, char **argv)
{
    struct app_config config;
    struct program program = {
        .name = "behest-fcgi",
        .help = app_config_help,
        .default_threads = DEFAULT_THREADS,
        .config = &config,
        .read_config = read_config,
        .free_config = free_config,
        .serve = serve,
    };
    return program_main(&program, argc, argv);
}
