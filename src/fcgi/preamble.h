/* A look at the beginning of a FastCGI request before libfcgi reads it.
 *
 * libfcgi believes the lengths in the parameters and ends the process when they ask for more memory
 * than there is; it also knows no limit on their number. So what is not well-formed, or too long,
 * does not get that far. */
#ifndef BEHEST_FCGI_PREAMBLE_H
#define BEHEST_FCGI_PREAMBLE_H

#include "base/err.h"

enum { FCGI_PARAMS_MAX_BYTES = 64 * 1024 };

/* Looks at FCGI_BEGIN_REQUEST and all FCGI_PARAMS records on the connection (FastCGI
 * specification 1.0, sections 3.3, 3.4 and 5.2) and leaves them there to be read; answers
 * management records before them. ERR_INVALID when they are malformed, ERR_TOO_LARGE when the
 * parameters are longer than FCGI_PARAMS_MAX_BYTES, ERR_DISCONNECTED when the connection ends. What
 * trickles in rather than arriving at once is judged by as much of it as can be seen. */
MUST_CHECK enum err fcgi_preamble_check(int fd);

#endif
