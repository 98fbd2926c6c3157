/* A look at the beginning of a FastCGI request before libfcgi reads it: libfcgi believes the
 * lengths in the parameters, and ends the process when they ask for more memory than there is. */
#ifndef BEHEST_FCGI_PREAMBLE_H
#define BEHEST_FCGI_PREAMBLE_H

#include "base/err.h"

/* All records up to the end of the parameters: less than what a Unix socket holds. */
enum { FCGI_PREAMBLE_MAX_BYTES = 192 * 1024 };

/* Looks at FCGI_BEGIN_REQUEST and all FCGI_PARAMS records on the connection (FastCGI
 * specification 1.0, sections 3.3, 3.4 and 5.2) and leaves them there to be read; answers
 * management records before them. ERR_INVALID when they are malformed, ERR_TOO_LARGE when they are
 * longer than FCGI_PREAMBLE_MAX_BYTES, ERR_TIMEOUT when they have not arrived after five seconds,
 * ERR_DISCONNECTED when the connection ends. */
MUST_CHECK enum err fcgi_preamble_check(int fd);

#endif
