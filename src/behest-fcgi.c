/* behest-fcgi: sign-in, users and tokens for a chat page, over FastCGI. */
#include "app/routes.h"
#include "base/secret.h"
#include "config.h"
#include "fcgi/program.h"

#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

enum { DEFAULT_THREADS = 16, DRAIN_SECONDS = 30, TICK_SECONDS = 30 };

static void tick(void *context)
{
    const struct http_service *service = context;
    app_tick(service->app);
}

static int serve(const struct program *program, struct app_config *config)
{
    struct app app;
    BUF_AUTO(problem, 1024);
    int exit_code = EXIT_UNAVAILABLE;
    enum err err = app_open(&app, config, program->threads, &problem);
    if (err) {
        fprintf(stderr, "%s: %s\n", program->name,
                problem.len ? buf_str(&problem) : err_message(err));
    } else {
        log_event(&app.log, LOG_INFO, "starting", "version", PACKAGE_VERSION, "mint",
                  minter_mode(app.minter), "gateway", config->base_url, NULL);
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

static int report(const struct program *program, const struct problems *problems)
{
    fprintf(stderr, "%s: these settings cannot be used:\n%s", program->name,
            buf_str(&problems->lines));
    return EXIT_CONFIG;
}

static int configure_and_serve(const struct program *program)
{
    struct problems problems = {.count = 0};
    struct app_config config;
    struct settings *settings = settings_load(program->env_file, &problems);
    bool complete = settings && app_config_read(settings, &config, &problems);
    settings_free(settings);
    if (!settings)
        return EXIT_SOFTWARE;
    if (config.uses_deprecated_key_name)
        fprintf(stderr, "%s: BEHEST_API_KEY is the old name: please call it BEHEST_KEY\n",
                program->name);
    int exit_code = EXIT_SUCCESS;
    if (!complete)
        exit_code = report(program, &problems);
    else if (program->check_config)
        printf("%s: the settings are complete\n", program->name);
    else
        exit_code = serve(program, &config);
    app_config_free(&config);
    buf_free(&problems.lines);
    return exit_code;
}

int main(int argc, char **argv)
{
    secret_protect_process();
    if (sodium_init() < 0)
        return EXIT_SOFTWARE;
    struct program program = {
        .name = "behest-fcgi",
        .help = app_config_help,
        .default_threads = DEFAULT_THREADS,
    };
    int exit_code;
    if (!program_parse(&program, argc, argv, &exit_code))
        return exit_code;
    fcgi_block_signals();
    return configure_and_serve(&program);
}
