/* The headers of a JSON request that carries a key, for libcurl. The key stays in locked memory:
 * the list is made of nodes of our own, since curl_slist_append() would copy it. */
#ifndef BEHEST_CALL_BEARER_H
#define BEHEST_CALL_BEARER_H

#include "base/err.h"

#include <curl/curl.h>

struct bearer {
    struct curl_slist nodes[3]; /* nodes[0] is the list for CURLOPT_HTTPHEADER */
    char content_type[40];
    char expect[8];
    char *authorization; /* from secret_new(); NULL without a key */
};

/* Fills bearer, which must not move afterwards. key NULL: without Authorization. ERR_TOO_LARGE when
 * the key is over 4000 bytes. */
MUST_CHECK enum err bearer_init(struct bearer *bearer, const char *key);
void bearer_free(struct bearer *bearer);

#endif
