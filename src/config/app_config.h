/* The settings of behest-fcgi, read once and checked whole: what it serves by, and what
 * behest-admin examines. */
#ifndef BEHEST_CONFIG_APP_CONFIG_H
#define BEHEST_CONFIG_APP_CONFIG_H

#include "base/log.h"
#include "base/settings.h"
#include "http/client.h"
#include "http/metrics.h"
#include "mint/key.h"
#include "mint/mint.h"

#include <stdbool.h>

struct app_config {
    char *database;
    char *www;
    char *site_url;    /* NULL when not set */
    char *site_origin; /* the part of site_url that a browser sends as Origin; NULL when not set */
    char *site_path;   /* the part behind it: "" or "/chat"; "" when not set */
    bool signup_open;
    char *upgrade_url; /* "" when there is none */
    char *examples;    /* questions separated by "|", without blanks around them; "" for none */
    struct http_trust *trust;
    struct metrics_access metrics;
    enum log_level log_level;

    struct mint_key key; /* moves on to the minter */
    char *base_url;
    int ttl;  /* seconds */
    int tier; /* of users that have none */
    char *issuer;
    char *audience;
    char *kid; /* these three for local signing alone */
    char *tenant_id;
    char *project_id;
};

/* The text that --help shows. */
extern const char app_config_help[];

/* Reads all settings; everything that is wrong goes to problems. Fills *ret_config in any case, to
 * be freed with app_config_free(); it is complete when there are no problems. */
void app_config_read(struct settings *settings, struct problems *problems,
                     struct app_config *ret_config);
void app_config_free(struct app_config *config);

/* The minter that the settings describe, which takes over their key; of a remote one, at most
 * max_at_once calls are under way. Errors as of mint_remote_new() and mint_local_new(). */
MUST_CHECK enum err app_config_minter(struct app_config *config, unsigned max_at_once,
                                      struct minter **ret_minter);

#endif
