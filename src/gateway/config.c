#include "gateway/config.h"

#include "base/file.h"
#include "base/secret.h"
#include "config/setting_names.h"
#include "gateway/signing_key.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PRICE_MAX 1e6

enum { API_KEY_MIN_CHARACTERS = 24, JWKS_MAX_BYTES = 256 * 1024 };

static const char api_key_prefix[] = "behest_sk_live_";
static const char default_tiers[] = "1:10,100,50000;2:60,10000,2000000;3:300,100000,20000000";

const char gateway_config_help[] =
    "Settings, from the environment or the file:\n"
    "  GATEWAY_DATABASE         SQLite file of what users used (required)\n"
    "  GATEWAY_API_KEY          behest_sk_live_ and at least 24 characters: who has it may mint\n"
    "                           tokens for any user (required)\n"
    "  GATEWAY_ALLOWED_ORIGINS  sites whose pages may call, such as https://chat.example.com,\n"
    "                           separated by commas\n"
    "  GATEWAY_SITE_URL         public address of the gateway, with its path when it is not at "
    "the\n"
    "                           root: https://chat.example.com/gateway\n"
    "  GATEWAY_SIGNING_KEY      PEM file of the key that signs tokens, made on the first start\n"
    "                           (default: the database's name and .key.pem)\n"
    "  GATEWAY_JWKS             JWKS file of more keys whose tokens are accepted\n"
    "  GATEWAY_ISSUER           iss of the tokens (default https://api.behest.ai)\n"
    "  GATEWAY_AUDIENCE         aud of the tokens (default behest)\n"
    "  GATEWAY_UPSTREAM_URL     OpenAI-compatible server, up to /v1: http://127.0.0.1:11434/v1;\n"
    "                           without it a demonstration model quotes this project's manual\n"
    "  GATEWAY_UPSTREAM_KEY     its API key\n"
    "  GATEWAY_MODEL            the model to ask for when a client names none\n"
    "  GATEWAY_TIERS            TIER:REQUESTS_A_MINUTE,REQUESTS_A_DAY,TOKENS_A_DAY;... (default\n"
    "                           1:10,100,50000;2:60,10000,2000000;3:300,100000,20000000)\n"
    "  GATEWAY_PRICE            INPUT,OUTPUT: US dollars for a million tokens, for the reports of\n"
    "                           usage (default 0,0)\n"
    "  GATEWAY_CONTEXT_TOKENS   most tokens, estimated, that a conversation sends to the model\n"
    "                           again and again, 500 to 2000000 (default 16000)\n"
    "  GATEWAY_THREAD_DAYS      days that a conversation is kept after its last message, 0 to\n"
    "                           36500; 0 keeps none (default 365)\n"
    "  GATEWAY_SESSION_TTL      seconds that what a chat session said is remembered after its\n"
    "                           last message, 0 to 86400 (default 3600)\n"
    "  GATEWAY_USER_MIB         most that is kept of one user's conversations, in MiB, 0 to\n"
    "                           1048576; 0 sets no limit (default 1024)\n"
    "  GATEWAY_METRICS          who may read /metrics: off, or loopback for this machine (default\n"
    "                           off)\n"
    "  GATEWAY_METRICS_TOKEN    bearer token, 16 characters or more, with which anybody may\n"
    "                           read /metrics\n"
    "  GATEWAY_LOG_LEVEL        error, warn, info or debug (default info)\n";

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (!isgraph((unsigned char)*text))
            return false;
    return true;
}

static char *read_api_key(struct settings *settings, struct problems *problems)
{
    char *key = settings_take_secret(settings, "GATEWAY_API_KEY");
    size_t prefix = strlen(api_key_prefix);
    if (!key || strncmp(key, api_key_prefix, prefix) != 0 ||
        strlen(key + prefix) < API_KEY_MIN_CHARACTERS || !is_printable(key))
        problem_add(problems, "GATEWAY_API_KEY",
                    "must be %s followed by at least %d random letters and digits, for example "
                    "those of: openssl rand -hex 24",
                    api_key_prefix, API_KEY_MIN_CHARACTERS);
    return key;
}

static bool is_port(const char *text, const char *own)
{
    char *end = NULL;
    if (!isdigit((unsigned char)*text) || *text == '0' || strcmp(text, own) == 0)
        return false;
    unsigned long port = strtoul(text, &end, 10);
    return *end == '\0' && port <= 65535;
}

bool is_origin(const char *text)
{
    bool https = strncmp(text, "https://", 8) == 0;
    if (!https && strncmp(text, "http://", 7) != 0)
        return false;
    const char *host = text + (https ? 8 : 7);
    size_t len = *host == '[' ? 1 + strspn(host + 1, "0123456789abcdef:.")
                              : strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-._");
    if (*host == '[' && host[len++] != ']')
        return false;
    if (len == 0 || host[0] == '.' || host[0] == '-')
        return false;
    return host[len] == '\0' || (host[len] == ':' && is_port(host + len + 1, https ? "443" : "80"));
}

static const char *origin_problem(const char *origin)
{
    if (strchr(origin, '*'))
        return "* is not accepted: a token could then be used by any site that gets hold of it; "
               "list each site as https://chat.example.com";
    return "must list origins as browsers send them: http:// or https://, host in lower case, "
           "port unless it is 80 or 443, no path and no slash at the end, separated by commas";
}

static void read_origins(struct settings *settings, struct problems *problems, char **origins)
{
    const char *at = settings_get(settings, "GATEWAY_ALLOWED_ORIGINS");
    size_t count = 0;
    for (; at && *(at += strspn(at, ", \t\r\n")); at += strcspn(at, ", \t\r\n")) {
        char *origin = strndup(at, strcspn(at, ", \t\r\n"));
        if (!origin || count == GATEWAY_ORIGINS_MAX || !is_origin(origin)) {
            problem_add(problems, "GATEWAY_ALLOWED_ORIGINS", "%s",
                        count == GATEWAY_ORIGINS_MAX ? "must list at most 64 origins"
                        : origin                     ? origin_problem(origin)
                                                     : err_message(ERR_NOMEM));
            free(origin);
            return;
        }
        origins[count++] = origin;
    }
}

static char *read_site_path(struct settings *settings, struct problems *problems)
{
    char *url = settings_url(settings, "GATEWAY_SITE_URL", "", problems);
    char *path = strdup(url ? url + url_origin_length(url) : "");
    free(url);
    return path;
}

/* A gateway with a path is on the site of others, most likely the chat's own. */
static void warn_of_no_origins(struct settings *settings, struct problems *problems,
                               const char *site_path)
{
    if (!settings_get(settings, "GATEWAY_ALLOWED_ORIGINS") && site_path && !*site_path)
        warning_add(problems, "GATEWAY_ALLOWED_ORIGINS",
                    "is empty: no page of another site can use this gateway");
}

static char *read_signing_key(struct settings *settings, const char *database,
                              struct problems *problems)
{
    char *path = settings_text(settings, "GATEWAY_SIGNING_KEY", NULL);
    if (!path && database) {
        BUF_AUTO(beside, 4096);
        buf_addf(&beside, "%s.key.pem", database);
        path = strdup(buf_str(&beside));
    }
    EVP_PKEY *key = NULL;
    enum err err = path ? signing_key_read(path, &key) : ERR_NOT_FOUND;
    EVP_PKEY_free(key);
    if (err == ERR_IO)
        problem_add(problems, "GATEWAY_SIGNING_KEY", "%s cannot be read: %s", path,
                    strerror(errno));
    else if (err && err != ERR_NOT_FOUND)
        problem_add(problems, "GATEWAY_SIGNING_KEY",
                    "%s must hold an RSA private key of at least 2048 bits as an unencrypted PEM, "
                    "or not exist: it is made then",
                    path);
    return path;
}

static struct keyset *read_trusted(struct settings *settings, struct problems *problems)
{
    struct keyset *trusted = keyset_new();
    const char *path = settings_get(settings, "GATEWAY_JWKS");
    if (!trusted || !path)
        return trusted;
    BUF_AUTO(content, JWKS_MAX_BYTES);
    BUF_AUTO(problem, 512);
    enum err err = file_read(path, &content);
    if (err == ERR_IO)
        buf_addf(&problem, "cannot be read: %s", strerror(errno));
    else if (!err)
        err = keyset_add_jwks(trusted, buf_str(&content), content.len, &problem);
    if (err)
        problem_add(problems, "GATEWAY_JWKS", "%s: %s", path,
                    problem.len ? problem.data : err_message(err));
    return trusted;
}

static void read_upstream(struct settings *settings, struct problems *problems,
                          struct gateway_config *config)
{
    config->upstream_url = settings_url(settings, "GATEWAY_UPSTREAM_URL", NULL, problems);
    config->upstream_key = settings_take_secret(settings, "GATEWAY_UPSTREAM_KEY");
    config->model = settings_text(settings, "GATEWAY_MODEL", NULL);
    if (config->upstream_key && !is_printable(config->upstream_key))
        problem_add(problems, "GATEWAY_UPSTREAM_KEY",
                    "must be an API key without blanks or control characters");
    if (config->upstream_key && !settings_get(settings, "GATEWAY_UPSTREAM_URL"))
        problem_add(problems, "GATEWAY_UPSTREAM_URL",
                    "must name the server that GATEWAY_UPSTREAM_KEY is for");
}

static void read_tiers(struct settings *settings, struct problems *problems,
                       struct tier_table *ret_table)
{
    const char *text = settings_get(settings, "GATEWAY_TIERS");
    if (tier_table_parse(text ? text : default_tiers, ret_table) != ERR_OK)
        problem_add(problems, "GATEWAY_TIERS",
                    "must list each tier once, as TIER:REQUESTS_A_MINUTE,REQUESTS_A_DAY,"
                    "TOKENS_A_DAY with whole numbers from 1, separated by semicolons: %s",
                    default_tiers);
}

/* Digits, and a fraction perhaps; what strtod() takes besides is not meant. */
static bool take_price(const char **at, char end, double *ret_price)
{
    char *rest = NULL;
    size_t len = strspn(*at, "0123456789.");
    double price = strtod(*at, &rest);
    if (!isdigit((unsigned char)**at) || rest != *at + len || *rest != end || price > PRICE_MAX)
        return false;
    *ret_price = price;
    *at = rest + (end != '\0');
    return true;
}

static void read_price(struct settings *settings, struct problems *problems,
                       struct gateway_config *config)
{
    const char *text = settings_get(settings, "GATEWAY_PRICE");
    if (text && (!take_price(&text, ',', &config->input_price) ||
                 !take_price(&text, '\0', &config->output_price)))
        problem_add(problems, "GATEWAY_PRICE",
                    "must be two amounts in US dollars for a million tokens, of input and of "
                    "output, such as 0.15,0.60");
}

static void read_conversations(struct settings *settings, struct problems *problems,
                               struct gateway_config *config)
{
    config->context_tokens =
        settings_number(settings, "GATEWAY_CONTEXT_TOKENS", 500, 2000000, 16000, problems);
    config->thread_days = settings_number(settings, "GATEWAY_THREAD_DAYS", 0, 36500, 365, problems);
    config->session_ttl =
        settings_number(settings, "GATEWAY_SESSION_TTL", 0, 86400, 3600, problems);
    config->user_bytes = settings_number(settings, "GATEWAY_USER_MIB", 0, 1048576, 1024, problems)
                         << 20;
}

void gateway_config_read(struct settings *settings, struct problems *problems,
                         struct gateway_config *ret_config)
{
    struct gateway_config config = {0};
    config.database = settings_text(settings, "GATEWAY_DATABASE", NULL);
    if (!config.database)
        problem_add(problems, "GATEWAY_DATABASE",
                    "must name the file to keep counters in; it is made when there is none");
    config.api_key = read_api_key(settings, problems);
    read_origins(settings, problems, config.origins);
    config.site_path = read_site_path(settings, problems);
    warn_of_no_origins(settings, problems, config.site_path);
    config.signing_key = read_signing_key(settings, config.database, problems);
    config.trusted = read_trusted(settings, problems);
    config.issuer = settings_text(settings, "GATEWAY_ISSUER", "https://api.behest.ai");
    config.audience = settings_text(settings, "GATEWAY_AUDIENCE", "behest");
    read_upstream(settings, problems, &config);
    read_tiers(settings, problems, &config.tiers);
    read_price(settings, problems, &config);
    read_conversations(settings, problems, &config);
    setting_names_check(settings, problems);
    metrics_access_read(settings, "GATEWAY_METRICS", "GATEWAY_METRICS_TOKEN", problems,
                        &config.metrics);
    config.log_level = settings_log_level(settings, "GATEWAY_LOG_LEVEL", problems);
    if (!config.site_path || !config.trusted || !config.issuer || !config.audience)
        problem_add(problems, "memory", "%s", err_message(ERR_NOMEM));
    *ret_config = config;
}

void gateway_config_free(struct gateway_config *config)
{
    free(config->database);
    secret_free(config->api_key);
    for (char **origin = config->origins; *origin; origin++)
        free(*origin);
    free(config->site_path);
    free(config->signing_key);
    keyset_free(config->trusted);
    free(config->issuer);
    free(config->audience);
    free(config->upstream_url);
    secret_free(config->upstream_key);
    metrics_access_free(&config->metrics);
    free(config->model);
    *config = (struct gateway_config){0};
}
