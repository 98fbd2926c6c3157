/* behest-admin doctor: the settings and the key. */
#include "admin/doctor.h"
#include "mint/jwt.h"

#include <string.h>
#include <strings.h>

#include <sys/stat.h>

/* A file with secrets in it that others may read. */
static void check_secret_file(struct doctor *doctor, const char *path)
{
    struct stat status;
    if (path && stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_mode & S_IRWXO)
        doctor_say(doctor, DOCTOR_WARNING, "settings", "take that right away: chmod o= FILE",
                   "every user of this machine may read or write %s, which holds secrets", path);
}

static void say_lines(struct doctor *doctor, enum doctor_result result, const struct buf *lines)
{
    for (const char *line = buf_str(lines); *line;) {
        int len = (int)strcspn(line, "\n");
        doctor_say(doctor, result, "settings", NULL, "%.*s", len, line);
        line += len + (line[len] == '\n');
    }
}

/* Requests come with the origin that browsers write, and are compared with the one that is set. */
static void check_site(struct doctor *doctor)
{
    char origin[WEB_ORIGIN_SIZE];
    const char *set = doctor->config.site_origin;
    if (!set)
        return;
    if (web_origin_of(set, origin) != ERR_OK || strcasecmp(origin, set) != 0)
        doctor_say(doctor, DOCTOR_PROBLEM, "settings", "write it as browsers do",
                   "CHAT_SITE_URL begins with %s, which no browser calls a page's origin", set);
    else if (!*doctor->origin)
        memcpy(doctor->origin, origin, sizeof origin);
}

void doctor_check_settings(struct doctor *doctor)
{
    const char *const *options = doctor->admin->arguments.options;
    struct problems problems = {0};
    doctor->settings = settings_load(options[OPTION_ENV_FILE], &problems);
    if (!doctor->settings) {
        doctor_say(doctor, DOCTOR_PROBLEM, "settings", NULL, "%s", err_message(ERR_NOMEM));
        return;
    }
    app_config_read(doctor->settings, &problems, &doctor->config);
    doctor->database =
        options[OPTION_DATABASE] ? options[OPTION_DATABASE] : doctor->config.database;
    say_lines(doctor, DOCTOR_PROBLEM, &problems.lines);
    if (!problems.count)
        doctor_say(doctor, DOCTOR_OK, "settings", NULL, "complete");
    say_lines(doctor, DOCTOR_WARNING, &problems.warnings);
    problems_free(&problems);
    check_secret_file(doctor, options[OPTION_ENV_FILE]);
    check_secret_file(doctor, settings_get(doctor->settings, "BEHEST_KEY_FILE"));
    check_site(doctor);
}

static EVP_PKEY *find_key(void *context, const char *kid)
{
    (void)kid;
    return context;
}

/* Signs a token and reads it back. */
static enum err try_signing(struct doctor *doctor, EVP_PKEY *key)
{
    char session_id[UUID_SIZE];
    uuid_v4(session_id);
    const struct mint_order order = {
        .user_id = "behest-admin-doctor", .session_id = session_id, .tier = 1, .ttl = 60};
    struct mint_result result;
    struct json_object *claims = NULL;
    enum err err = minter_mint(doctor->minter, &order, &result);
    if (!err)
        err = jwt_verify(buf_str(&result.token), find_key, key, &claims);
    json_object_put(claims);
    mint_result_free(&result);
    return err;
}

static void check_signing_key(struct doctor *doctor, EVP_PKEY *key)
{
    int bits = EVP_PKEY_get_bits(key);
    enum err err = try_signing(doctor, key);
    if (err)
        doctor_say(doctor, DOCTOR_PROBLEM, "key", "make another one: behest-admin keygen",
                   "a signing key (RSA, %d bits), whose signature does not verify", bits);
    else
        doctor_say(doctor, DOCTOR_OK, "key", NULL,
                   "a signing key (RSA, %d bits), whose signature verifies", bits);
}

void doctor_check_key(struct doctor *doctor)
{
    struct app_config *config = &doctor->config;
    EVP_PKEY *rsa = config->key.rsa;
    bool complete = config->key.api_key
                        ? config->base_url != NULL
                        : rsa && config->kid && config->tenant_id && config->project_id &&
                              config->issuer && config->audience;
    if (!complete)
        return; /* a problem of the settings, told already */
    if (rsa)
        EVP_PKEY_up_ref(rsa);
    enum err err = app_config_minter(config, 1, &doctor->minter);
    if (err)
        doctor_say(doctor, DOCTOR_PROBLEM, "key", NULL, "cannot be used: %s", err_message(err));
    else if (rsa)
        check_signing_key(doctor, rsa);
    else
        doctor_say(doctor, DOCTOR_OK, "key", NULL, "an API key: the gateway mints");
    EVP_PKEY_free(rsa);
}
