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
    char *path;            /* NULL: the environment alone */
    struct entry *entries; /* of the file, newest first: a later line wins */
    struct entry *hidden;  /* secrets that were taken out of the environment */
};

__attribute__((format(printf, 3, 0))) static void add_line(struct buf *lines, const char *name,
                                                           const char *format, va_list args)
{
    lines->max = PROBLEMS_MAX_BYTES;
    buf_addf(lines, "%s: ", name);
    buf_vaddf(lines, format, args);
    buf_adds(lines, "\n");
}

void problem_add(struct problems *problems, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_line(&problems->lines, name, format, args);
    va_end(args);
    problems->count++;
}

void warning_add(struct problems *problems, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_line(&problems->warnings, name, format, args);
    va_end(args);
}

void problems_free(struct problems *problems)
{
    buf_free(&problems->lines);
    buf_free(&problems->warnings);
    *problems = (struct problems){0};
}

static void entry_free(struct entry *entry)
{
    free(entry->name);
    secret_free(entry->value);
    free(entry);
}

static void entries_free(struct entry **entries)
{
    while (*entries) {
        struct entry *next = (*entries)->next;
        entry_free(*entries);
        *entries = next;
    }
}

static struct entry *find_entry(struct entry *entries, const char *name)
{
    while (entries && strcmp(entries->name, name) != 0)
        entries = entries->next;
    return entries;
}

static enum err add_entry(struct entry **entries, const char *name, const char *value)
{
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return ERR_NOMEM;
    entry->name = strdup(name);
    entry->value = secret_new(value, strlen(value));
    if (!entry->name || !entry->value) {
        entry_free(entry);
        return ERR_NOMEM;
    }
    entry->next = *entries;
    *entries = entry;
    return ERR_OK;
}

static enum err add_assignment(void *context, const char *name, const char *value)
{
    struct settings *settings = context;
    return add_entry(&settings->entries, name, value);
}

static void load_file(struct settings *settings, struct problems *problems)
{
    const char *path = settings->path;
    BUF_AUTO(content, FILE_MAX_BYTES);
    unsigned line = 0;
    enum err err = file_read(path, &content);
    if (err == ERR_IO) {
        problem_add(problems, path, "cannot be read: %s", strerror(errno));
        return;
    }
    if (!err)
        err = dotenv_parse(buf_str(&content), content.len, add_assignment, settings, &line);
    if (err == ERR_INVALID)
        problem_add(problems, path, "line %u is not of the form NAME=value", line);
    else if (err)
        problem_add(problems, path, "%s (at most %d bytes)", err_message(err), FILE_MAX_BYTES);
}

struct settings *settings_load(const char *path, struct problems *problems)
{
    struct settings *settings = calloc(1, sizeof *settings);
    if (!settings)
        return NULL;
    settings->path = path ? strdup(path) : NULL;
    if (path && !settings->path) {
        free(settings);
        return NULL;
    }
    if (path)
        load_file(settings, problems);
    return settings;
}

void settings_forget_file(struct settings *settings)
{
    entries_free(&settings->entries);
}

void settings_reload(struct settings *settings, struct problems *problems)
{
    settings_forget_file(settings);
    if (settings->path)
        load_file(settings, problems);
}

void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    entries_free(&settings->entries);
    entries_free(&settings->hidden);
    free(settings->path);
    free(settings);
}

void settings_visit_names(const struct settings *settings,
                          void (*visit)(void *context, const char *name), void *context)
{
    for (const struct entry *entry = settings->entries; entry; entry = entry->next)
        visit(context, entry->name);
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

/* The value without white space around it; NULL when it is blank or not there. */
static const char *text_of(char *value)
{
    if (!value)
        return NULL;
    value = trim(value);
    return *value ? value : NULL;
}

const char *settings_get(struct settings *settings, const char *name)
{
    char *value = getenv(name);
    struct entry *entry = value ? NULL : find_entry(settings->entries, name);
    return text_of(entry ? entry->value : value);
}

/* From the environment, which other programs may read, to locked memory. */
static void hide(struct settings *settings, const char *name)
{
    char *value = getenv(name);
    if (!value)
        return;
    enum err err = add_entry(&settings->hidden, name, value);
    (void)err; /* then it is not set */
    sodium_memzero(value, strlen(value));
    unsetenv(name);
}

char *settings_take_secret(struct settings *settings, const char *name)
{
    hide(settings, name);
    struct entry *hidden = find_entry(settings->hidden, name);
    struct entry *entry = hidden ? hidden : find_entry(settings->entries, name);
    const char *value = text_of(entry ? entry->value : NULL);
    char *secret = value ? secret_new(value, strlen(value)) : NULL;
    for (entry = settings->entries; entry; entry = entry->next)
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

/* As browsers write origins: the host in lower case, without the port that the scheme has anyway.
 */
static void write_as_browsers_do(char *url)
{
    size_t len = url_origin_length(url);
    for (size_t i = 0; i < len; i++)
        url[i] = (char)tolower((unsigned char)url[i]);
    const char *port = strncmp(url, "https:", 6) == 0 ? ":443" : ":80";
    size_t port_len = strlen(port);
    if (len > port_len && strncmp(url + len - port_len, port, port_len) == 0)
        memmove(url + len - port_len, url + len, strlen(url + len) + 1);
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
    if (!url)
        return NULL;
    for (size_t len = strlen(url); len && url[len - 1] == '/'; len--)
        url[len - 1] = '\0';
    write_as_browsers_do(url);
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
