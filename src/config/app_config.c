#include "config/app_config.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/secret.h"
#include "config.h"
#include "config/setting_names.h"
#include "store/profiles.h"

#include <errno.h>
#include <string.h>

enum { KEY_MAX_BYTES = 16 * 1024, TTL_MIN = 60, TTL_MAX = 86400, TTL_DEFAULT = 900 };
enum { EXAMPLES_MAX = 4, EXAMPLE_MAX_CHARACTERS = 120 };

static const char blanks[] = " \t\r\n";
static const char behest_url[] = "https://api.behest.ai";

const char app_config_help[] =
    "Settings (environment or --env-file):\n"
    "\n"
    "  BEHEST_KEY            the key: an API key (behest_sk_live_...), or a signing key\n"
    "                        (behest_pk_ and a PEM or its base64, or the base64 of a PEM)\n"
    "  BEHEST_KEY_FILE       file that holds the key, instead of BEHEST_KEY\n"
    "                        (BEHEST_API_KEY is the old name of BEHEST_KEY)\n"
    "  BEHEST_BASE_URL       the gateway (default https://api.behest.ai)\n"
    "  BEHEST_TTL            lifetime of a token in seconds, 60 to 86400 (default 900)\n"
    "  BEHEST_TIER           tier of users that have none (default 1)\n"
    "  BEHEST_KID, BEHEST_TENANT_ID, BEHEST_PROJECT_ID\n"
    "                        what a signing key needs besides\n"
    "  BEHEST_ISSUER, BEHEST_AUDIENCE\n"
    "                        claims of signed tokens (defaults https://api.behest.ai, behest)\n"
    "  CHAT_DATABASE         SQLite file with the users; made when there is none\n"
    "  CHAT_WWW              folder with the page (default " DEFAULT_WWW ")\n"
    "  CHAT_SITE_URL         public address of the site, with its path when it is not at the root\n"
    "  CHAT_SIGNUP           open or closed (default open)\n"
    "  CHAT_UPGRADE_URL      where users can buy a higher tier\n"
    "  CHAT_EXAMPLES         questions that an empty chat offers, separated by | (at most 4)\n"
    "  CHAT_TRUSTED_PROXIES  addresses and CIDR ranges whose X-Forwarded-For and -Proto count\n"
    "  CHAT_METRICS          who may read /metrics: off, or loopback for this machine (default "
    "off)\n"
    "  CHAT_METRICS_TOKEN    bearer token, 16 characters or more, with which anybody may\n"
    "  CHAT_LOG_LEVEL        error, warn, info or debug (default info)\n";

static const char *const signup_choices[] = {"closed", "open", NULL};

/* The key from whichever of the three names carries it. NULL when none does; a problem was added
 * then. */
static char *read_key_text(struct settings *settings, struct problems *problems)
{
    char *key = settings_take_secret(settings, "BEHEST_KEY");
    char *deprecated = settings_take_secret(settings, "BEHEST_API_KEY");
    if (!key && deprecated) {
        warning_add(problems, "BEHEST_API_KEY", "is the old name: please call it BEHEST_KEY");
        return deprecated;
    }
    secret_free(deprecated);
    const char *path = settings_get(settings, "BEHEST_KEY_FILE");
    if (key || !path) {
        if (!key)
            problem_add(
                problems, "BEHEST_KEY",
                "is not set: set it, or BEHEST_KEY_FILE, to an API key (behest_sk_live_...) "
                "or a signing key; behest-admin keygen makes one");
        return key;
    }
    BUF_AUTO(content, KEY_MAX_BYTES);
    enum err err = file_read(path, &content);
    if (err) {
        problem_add(problems, "BEHEST_KEY_FILE", "%s cannot be read: %s", path,
                    err == ERR_IO ? strerror(errno) : "it is over 16 KiB");
        return NULL;
    }
    const char *key_text = buf_str(&content) + strspn(buf_str(&content), blanks);
    size_t len = strlen(key_text);
    while (len && strchr(blanks, key_text[len - 1]))
        len--;
    return secret_new(key_text, len);
}

static void read_key(struct settings *settings, struct app_config *config,
                     struct problems *problems)
{
    char *text = read_key_text(settings, problems);
    if (!text)
        return;
    const char *problem = "could not be read: out of memory";
    if (mint_key_parse(text, &config->key, &problem) != ERR_OK)
        problem_add(problems, "BEHEST_KEY", "%s", problem);
    secret_free(text);
}

static char *read_for_signing(struct settings *settings, const struct app_config *config,
                              const char *name, struct problems *problems)
{
    char *value = settings_text(settings, name, NULL);
    if (!value && config->key.rsa)
        problem_add(problems, name,
                    "is not set: local signing needs it (BEHEST_KEY is a signing key)");
    return value;
}

static void read_mint(struct settings *settings, struct app_config *config,
                      struct problems *problems)
{
    read_key(settings, config, problems);
    config->base_url = settings_url(settings, "BEHEST_BASE_URL", behest_url, problems);
    config->ttl =
        (int)settings_number(settings, "BEHEST_TTL", TTL_MIN, TTL_MAX, TTL_DEFAULT, problems);
    config->tier = (int)settings_number(settings, "BEHEST_TIER", TIER_MIN, TIER_MAX, 1, problems);
    config->issuer = settings_text(settings, "BEHEST_ISSUER", behest_url);
    config->audience = settings_text(settings, "BEHEST_AUDIENCE", "behest");
    config->kid = read_for_signing(settings, config, "BEHEST_KID", problems);
    config->tenant_id = read_for_signing(settings, config, "BEHEST_TENANT_ID", problems);
    config->project_id = read_for_signing(settings, config, "BEHEST_PROJECT_ID", problems);
}

static void read_site(struct settings *settings, struct app_config *config,
                      struct problems *problems)
{
    config->site_url = settings_url(settings, "CHAT_SITE_URL", NULL, problems);
    size_t origin = config->site_url ? url_origin_length(config->site_url) : 0;
    config->site_origin = origin ? strndup(config->site_url, origin) : NULL;
    config->site_path = strdup(origin ? config->site_url + origin : "");
}

static size_t without_blanks(const char **text, size_t len)
{
    while (len && strchr(blanks, **text))
        (*text)++, len--;
    while (len && strchr(blanks, (*text)[len - 1]))
        len--;
    return len;
}

/* The questions again, without the blanks around them. */
static char *read_examples(struct settings *settings, struct problems *problems)
{
    const char *rest = settings_get(settings, "CHAT_EXAMPLES");
    if (!rest)
        return strdup("");
    BUF_AUTO(examples, strlen(rest) + 1);
    int count = 0;
    bool fit = true;
    for (; rest; count++) {
        const char *end = strchr(rest, '|');
        const char *example = rest;
        size_t len = without_blanks(&example, end ? (size_t)(end - rest) : strlen(rest));
        long characters = utf8_length(example, len);
        fit = fit && characters > 0 && characters <= EXAMPLE_MAX_CHARACTERS &&
              !has_control_characters(example, len);
        buf_addf(&examples, "%s%.*s", count ? "|" : "", (int)len, example);
        rest = end ? end + 1 : NULL;
    }
    if (!fit || count > EXAMPLES_MAX)
        problem_add(problems, "CHAT_EXAMPLES",
                    "must be at most %d questions separated by |, each of 1 to %d characters",
                    EXAMPLES_MAX, EXAMPLE_MAX_CHARACTERS);
    return buf_err(&examples) ? NULL : strdup(buf_str(&examples));
}

static void read_trust(struct settings *settings, struct app_config *config,
                       struct problems *problems)
{
    const char *list = settings_get(settings, "CHAT_TRUSTED_PROXIES");
    if (list && http_trust_parse(list, &config->trust) != ERR_OK)
        problem_add(
            problems, "CHAT_TRUSTED_PROXIES",
            "must be addresses or CIDR ranges separated by commas, such as 127.0.0.1, 10.0.0.0/8 "
            "(at most 64)");
}

void app_config_read(struct settings *settings, struct problems *problems,
                     struct app_config *ret_config)
{
    *ret_config = (struct app_config){0};
    struct app_config *config = ret_config;
    config->database = settings_text(settings, "CHAT_DATABASE", NULL);
    if (!config->database)
        problem_add(problems, "CHAT_DATABASE",
                    "is not set: name the SQLite file, such as /var/lib/behest-fcgi/chat.db");
    config->www = settings_text(settings, "CHAT_WWW", DEFAULT_WWW);
    if (config->www && access(config->www, R_OK | X_OK) != 0)
        problem_add(problems, "CHAT_WWW", "%s cannot be read: %s", config->www, strerror(errno));
    read_site(settings, config, problems);
    config->signup_open =
        settings_choice(settings, "CHAT_SIGNUP", signup_choices, 1, problems) == 1;
    config->upgrade_url = settings_link(settings, "CHAT_UPGRADE_URL", problems);
    config->examples = read_examples(settings, problems);
    metrics_access_read(settings, "CHAT_METRICS", "CHAT_METRICS_TOKEN", problems, &config->metrics);
    config->log_level = settings_log_level(settings, "CHAT_LOG_LEVEL", problems);
    read_trust(settings, config, problems);
    read_mint(settings, config, problems);
    setting_names_check(settings, problems);
    if (problems->count == 0 &&
        !(config->database && config->www && config->site_path && config->upgrade_url &&
          config->examples && config->base_url && config->issuer && config->audience))
        problem_add(problems, "settings", "%s", err_message(ERR_NOMEM));
}

void app_config_free(struct app_config *config)
{
    mint_key_free(&config->key);
    http_trust_free(config->trust);
    metrics_access_free(&config->metrics);
    free(config->database);
    free(config->www);
    free(config->site_url);
    free(config->site_origin);
    free(config->site_path);
    free(config->upgrade_url);
    free(config->examples);
    free(config->base_url);
    free(config->issuer);
    free(config->audience);
    free(config->kid);
    free(config->tenant_id);
    free(config->project_id);
}

enum err app_config_minter(struct app_config *config, unsigned max_at_once,
                           struct minter **ret_minter)
{
    if (config->key.api_key)
        return mint_remote_new(&config->key, config->base_url, max_at_once, ret_minter);
    const struct mint_local_config local = {
        .kid = config->kid,
        .tenant_id = config->tenant_id,
        .project_id = config->project_id,
        .issuer = config->issuer,
        .audience = config->audience,
    };
    return mint_local_new(&config->key, &local, ret_minter);
}
