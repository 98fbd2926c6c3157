#include "base/settings.h"

#include "base/dotenv.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/secret.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

enum { FILE_MAX_BYTES = 64 * 1024, URL_MAX_BYTES = 2048 };

struct entry {
    char *name;
    char *value;
    struct entry *next;
};

struct settings {
    struct entry *entries; /* newest first: a later line of the file wins */
};

void problem_add(struct problems *problems, const char *name, const char *format, ...)
{
    problems->count++;
    problems->lines.max = PROBLEMS_MAX_BYTES;
    buf_addf(&problems->lines, "%s: ", name);
    va_list args;
    va_start(args, format);
    buf_vaddf(&problems->lines, format, args);
    va_end(args);
    buf_adds(&problems->lines, "\n");
}

static enum err add_entry(void *context, const char *name, const char *value)
{
    struct settings *settings = context;
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return ERR_NOMEM;
    entry->next = settings->entries;
    settings->entries = entry;
    entry->name = strdup(name);
    entry->value = secret_new(value, strlen(value));
    return entry->name && entry->value ? ERR_OK : ERR_NOMEM;
}

static void load_file(struct settings *settings, const char *path, struct problems *problems)
{
    BUF_AUTO(content, FILE_MAX_BYTES);
    unsigned line = 0;
    enum err err = file_read(path, &content);
    if (err == ERR_IO) {
        problem_add(problems, path, "cannot be read: %s", strerror(errno));
        return;
    }
    if (!err)
        err = dotenv_parse(buf_str(&content), content.len, add_entry, settings, &line);
    if (err == ERR_INVALID)
        problem_add(problems, path, "line %u is not of the form NAME=value", line);
    else if (err)
        problem_add(problems, path, "%s (at most %d bytes)", err_message(err), FILE_MAX_BYTES);
}

struct settings *settings_load(const char *path, struct problems *problems)
{
    struct settings *settings = calloc(1, sizeof *settings);
    if (settings && path)
        load_file(settings, path, problems);
    return settings;
}

static void entry_free(struct entry *entry)
{
    free(entry->name);
    secret_free(entry->value);
    free(entry);
}

void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    while (settings->entries) {
        struct entry *next = settings->entries->next;
        entry_free(settings->entries);
        settings->entries = next;
    }
    free(settings);
}

/* White space around a value goes, in place. */
static char *trim(char *value)
{
    while (isspace((unsigned char)*value))
        value++;
    size_t len = strlen(value);
    while (len && isspace((unsigned char)value[len - 1]))
        value[--len] = '\0';
    return value;
}

static char *find(struct settings *settings, const char *name)
{
    char *value = getenv(name);
    if (!value)
        for (struct entry *entry = settings->entries; entry && !value; entry = entry->next)
            if (strcmp(entry->name, name) == 0)
                value = entry->value;
    return value;
}

const char *settings_get(struct settings *settings, const char *name)
{
    char *value = find(settings, name);
    if (!value)
        return NULL;
    value = trim(value);
    return *value ? value : NULL;
}

char *settings_take_secret(struct settings *settings, const char *name)
{
    const char *value = settings_get(settings, name);
    char *secret = value ? secret_new(value, strlen(value)) : NULL;
    char *environment = getenv(name);
    if (environment) {
        sodium_memzero(environment, strlen(environment));
        unsetenv(name);
    }
    for (struct entry *entry = settings->entries; entry; entry = entry->next)
        if (strcmp(entry->name, name) == 0)
            sodium_memzero(entry->value, strlen(entry->value));
    return secret;
}

int64_t settings_number(struct settings *settings, const char *name, int64_t min, int64_t max,
                        int64_t fallback, struct problems *problems)
{
    const char *value = settings_get(settings, name);
    if (!value)
        return fallback;
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno || *end || number < min || number > max) {
        problem_add(problems, name, "must be a whole number from %lld to %lld", (long long)min,
                    (long long)max);
        return fallback;
    }
    return number;
}

int settings_choice(struct settings *settings, const char *name, const char *const *choices,
                    int fallback, struct problems *problems)
{
    const char *value = settings_get(settings, name);
    if (!value)
        return fallback;
    BUF_AUTO(accepted, 256);
    for (int i = 0; choices[i]; i++) {
        if (strcmp(value, choices[i]) == 0)
            return i;
        buf_addf(&accepted, "%s%s", i ? ", " : "", choices[i]);
    }
    problem_add(problems, name, "must be one of: %s", buf_str(&accepted));
    return fallback;
}

enum log_level settings_log_level(struct settings *settings, const char *name,
                                  struct problems *problems)
{
    enum log_level level = LOG_INFO;
    const char *value = settings_get(settings, name);
    if (value && !log_level_parse(value, &level))
        problem_add(problems, name, "must be one of: error, warn, info, debug");
    return level;
}

size_t url_origin_length(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? (size_t)(host - url) + 3 + strcspn(host + 3, "/") : 0;
}

/* An http or https URL without any of the characters in unwanted. */
static bool is_web_url(const char *url, const char *unwanted)
{
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return false;
    if (strlen(url) > URL_MAX_BYTES || strpbrk(url, " \\\"'<>") || strpbrk(url, unwanted) ||
        has_control_characters(url, strlen(url)))
        return false;
    const char *host = strstr(url, "://") + 3;
    return isalnum((unsigned char)*host) || *host == '[';
}

char *settings_url(struct settings *settings, const char *name, const char *fallback,
                   struct problems *problems)
{
    const char *value = settings_get(settings, name);
    if (!value)
        return fallback ? strdup(fallback) : NULL;
    if (!is_web_url(value, "?#@%;,*")) {
        problem_add(problems, name,
                    "must be an http:// or https:// URL without user name, query or fragment");
        return NULL;
    }
    char *url = strdup(value);
    if (url)
        for (size_t len = strlen(url); len && url[len - 1] == '/'; len--)
            url[len - 1] = '\0';
    return url;
}

char *settings_link(struct settings *settings, const char *name, struct problems *problems)
{
    const char *value = settings_get(settings, name);
    if (!value)
        value = "";
    else if (!is_web_url(value, "")) {
        problem_add(problems, name, "must be an http:// or https:// URL");
        return NULL;
    }
    return strdup(value);
}

char *settings_text(struct settings *settings, const char *name, const char *fallback)
{
    const char *value = settings_get(settings, name);
    if (!value)
        value = fallback;
    return value ? strdup(value) : NULL;
}
