#include "config/setting_names.h"

#include <stdbool.h>
#include <string.h>

enum { NAME_MAX_BYTES = 128, CHARACTERS_PER_MISTAKE = 5 };

static const char *const prefixes[] = {"BEHEST_", "CHAT_", "GATEWAY_", NULL};

static const char *const names[] = {
    "BEHEST_API_KEY",
    "BEHEST_AUDIENCE",
    "BEHEST_BASE_URL",
    "BEHEST_ISSUER",
    "BEHEST_KEY",
    "BEHEST_KEY_FILE",
    "BEHEST_KID",
    "BEHEST_PROJECT_ID",
    "BEHEST_TENANT_ID",
    "BEHEST_TIER",
    "BEHEST_TTL",
    "CHAT_DATABASE",
    "CHAT_EXAMPLES",
    "CHAT_LOG_LEVEL",
    "CHAT_METRICS",
    "CHAT_METRICS_TOKEN",
    "CHAT_SIGNUP",
    "CHAT_SITE_URL",
    "CHAT_TRUSTED_PROXIES",
    "CHAT_UPGRADE_URL",
    "CHAT_WWW",
    "GATEWAY_ALLOWED_ORIGINS",
    "GATEWAY_API_KEY",
    "GATEWAY_AUDIENCE",
    "GATEWAY_CONTEXT_TOKENS",
    "GATEWAY_DATABASE",
    "GATEWAY_ISSUER",
    "GATEWAY_JWKS",
    "GATEWAY_LOG_LEVEL",
    "GATEWAY_METRICS",
    "GATEWAY_METRICS_TOKEN",
    "GATEWAY_MODEL",
    "GATEWAY_PRICE",
    "GATEWAY_SESSION_TTL",
    "GATEWAY_SIGNING_KEY",
    "GATEWAY_SITE_URL",
    "GATEWAY_THREAD_DAYS",
    "GATEWAY_TIERS",
    "GATEWAY_UPSTREAM_KEY",
    "GATEWAY_UPSTREAM_URL",
    "GATEWAY_USER_MIB",
    NULL,
};

static size_t least(size_t a, size_t b, size_t c)
{
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Levenshtein's distance: how many characters have to be put in, left out or changed. Both names
 * are at most NAME_MAX_BYTES long. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_BYTES + 1]; /* from the first i characters of a to the first j of b */
    size_t len = strlen(b);
    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            size_t changed = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(changed, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[len];
}

const char *setting_names_nearest(const char *name)
{
    if (strlen(name) > NAME_MAX_BYTES)
        return NULL;
    const char *nearest = NULL;
    size_t shortest = strlen(name) / CHARACTERS_PER_MISTAKE + 1;
    for (const char *const *known = names; *known; known++) {
        size_t away = distance(name, *known);
        if (away < shortest) {
            shortest = away;
            nearest = *known;
        }
    }
    return nearest;
}

static bool is_known(const char *name)
{
    const char *const *known = names;
    while (*known && strcmp(*known, name) != 0)
        known++;
    return *known != NULL;
}

static bool looks_like_ours(const char *name)
{
    for (const char *const *prefix = prefixes; *prefix; prefix++)
        if (strncmp(name, *prefix, strlen(*prefix)) == 0)
            return true;
    return false;
}

static void check_name(void *context, const char *name)
{
    struct problems *problems = context;
    if (!looks_like_ours(name) || is_known(name))
        return;
    const char *nearest = setting_names_nearest(name);
    if (nearest)
        warning_add(problems, name, "is not a setting; did you mean %s?", nearest);
    else
        warning_add(problems, name, "is not a setting");
}

void setting_names_check(const struct settings *settings, struct problems *problems)
{
    settings_visit_names(settings, check_name, problems);
}
