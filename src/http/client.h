/* Who sends a request: the address, and whether over HTTPS.
 *
 * Both are what the web server saw, unless that is a proxy the operator trusts: then
 * X-Forwarded-For counts, from the right up to the first address that is not trusted, and
 * X-Forwarded-Proto. Anybody can send those headers, so nobody is trusted by default. */
#ifndef BEHEST_HTTP_CLIENT_H
#define BEHEST_HTTP_CLIENT_H

#include "http/request.h"

struct http_trust; /* a set of addresses */

/* Reads a list of addresses and CIDR ranges (RFC 4632), separated by commas or blanks. ERR_INVALID
 * when one is neither. The caller frees with http_trust_free(). */
MUST_CHECK enum err http_trust_parse(const char *list, struct http_trust **ret_trust);
void http_trust_free(struct http_trust *trust);

/* Fills request->client_address and request->https. */
void http_client_identify(struct http_request *request, const struct http_trust *trust);

/* What rate limits count as one client: an IPv4 address, or the /64 network of an IPv6 one (RFC
 * 6177), since a subscriber has that many to choose from. "unknown" when there is no address. */
void http_client_key(const struct http_request *request, char ret_key[static HTTP_ADDRESS_SIZE]);

#endif
