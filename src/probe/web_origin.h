/* Origins as browsers write them (RFC 6454 section 6.1): scheme, host and port, in lower case,
 * without the scheme's own port and without anything behind. */
#ifndef BEHEST_PROBE_WEB_ORIGIN_H
#define BEHEST_PROBE_WEB_ORIGIN_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

enum { WEB_ORIGIN_SIZE = 300 };

/* The origin of pages at an http or https URL. ERR_INVALID when url is none, holds a user name, or
 * is longer than any origin. */
MUST_CHECK enum err web_origin_of(const char *url, char ret_origin[static WEB_ORIGIN_SIZE]);

/* True for a host that browsers take for this machine: localhost, 127.0.0.0/8 or [::1]. */
bool web_origin_is_loopback(const char *origin);

/* Adds in what given, as found in a header, differs from origin, for people: "the scheme", "the
 * host name and the port", "a slash at the end". */
void web_origin_describe_difference(const char *origin, const char *given, struct buf *out);

#endif
