/* The gateway's settings: read once, checked whole, unchanged from then on. */
#ifndef BEHEST_GATEWAY_CONFIG_H
#define BEHEST_GATEWAY_CONFIG_H

#include "base/log.h"
#include "base/settings.h"
#include "gateway/keyset.h"
#include "gateway/tiers.h"
#include "http/metrics.h"

enum { GATEWAY_ORIGINS_MAX = 64 };

struct gateway_config {
    char *database;
    char *api_key; /* what POST /v1/auth/mint asks for; from secret_new() */
    char *origins[GATEWAY_ORIGINS_MAX + 1]; /* whose pages may read answers; NULL at the end */
    char *site_path;                        /* "" at the root of a site, else "/gateway" */
    char *signing_key;                      /* path of the PEM */
    struct keyset *trusted;                 /* the keys of GATEWAY_JWKS; empty when there is none */
    char *issuer;
    char *audience;
    char *upstream_url; /* in front of /chat/completions; NULL: the demonstration model */
    char *upstream_key; /* from secret_new(); NULL when the upstream asks for none */
    char *model;        /* NULL: the upstream's own default */
    struct tier_table tiers;
    struct metrics_access metrics;
    double input_price; /* USD for a million tokens */
    double output_price;
    int64_t context_tokens; /* most of a conversation that goes to the model, estimated */
    int64_t thread_days;    /* how long a conversation is kept; 0: none is */
    int64_t session_ttl;    /* seconds that a chat session is remembered; 0: none is */
    int64_t user_bytes;     /* most that is kept of one user's conversations; 0: no limit */
    enum log_level log_level;
};

/* What --help says of the settings. */
extern const char gateway_config_help[];

/* Reads the settings; what is wrong with them goes to problems, all of it. Fills *ret_config in any
 * case, to be freed with gateway_config_free(); it is complete when there are no problems. */
void gateway_config_read(struct settings *settings, struct problems *problems,
                         struct gateway_config *ret_config);
void gateway_config_free(struct gateway_config *config);

/* True when text is an origin (RFC 6454 section 6.2) as a browser sends it: http or https, host,
 * and a port unless it is the scheme's own; in lower case, nothing after it. */
bool is_origin(const char *text);

#endif
