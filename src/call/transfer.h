/* What every request has in common that a program makes with libcurl. */
#ifndef BEHEST_CALL_TRANSFER_H
#define BEHEST_CALL_TRANSFER_H

#include <curl/curl.h>

/* Sets a new or reset handle to an address, http or https. Redirects are not followed, TLS is 1.2
 * at least with a verified certificate, and no signal is raised. Time-outs are the caller's. url is
 * copied. */
void transfer_prepare(CURL *handle, const char *url);

enum call_outcome {
    CALL_ANSWERED,
    CALL_TIMED_OUT,
    CALL_TOO_LARGE, /* what the write function said */
    CALL_NO_SUCH_NAME,
    CALL_REFUSED, /* or no way to the address */
    CALL_TLS_FAILED,
    CALL_BROKEN,
};

enum call_outcome call_outcome_of(CURLcode code);

#endif
