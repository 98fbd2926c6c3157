/* One request to a web server, and how far it came: for finding out what is wrong. Nothing is
 * followed or repeated, and of the answer only the head is read. */
#ifndef BEHEST_PROBE_FETCH_H
#define BEHEST_PROBE_FETCH_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROBE_TIMEOUT_MS = 5000, PROBE_HEAD_MAX_BYTES = 32 * 1024, PROBE_REASON_SIZE = 256 };

struct probe_request {
    const char *method;
    const char *url;            /* http or https */
    const char *const *headers; /* "Name: value" lines, NULL at the end; may be NULL */
    const char *body;           /* may be NULL */
    const char *ca_file;        /* PEM with the authorities to trust; NULL: the system's */
    long timeout_ms;            /* 0: PROBE_TIMEOUT_MS */
};

/* The steps on the way, and where a request ended when it failed. */
enum probe_step { PROBE_NAME, PROBE_CONNECTION, PROBE_TLS, PROBE_HTTP };

enum probe_outcome {
    PROBE_ANSWERED,
    PROBE_NO_SUCH_NAME,
    PROBE_REFUSED,     /* nothing listens there */
    PROBE_UNREACHABLE, /* no way to the address */
    PROBE_TIMED_OUT,
    PROBE_TLS_EXPIRED, /* the certificate's time is over, or has not come */
    PROBE_TLS_UNKNOWN_ISSUER,
    PROBE_TLS_WRONG_HOST,
    PROBE_TLS_FAILED, /* otherwise */
    PROBE_BROKEN,     /* the connection ended, or what came is not HTTP */
};

struct probe_answer {
    enum probe_outcome outcome;
    enum probe_step step;           /* the last one that was begun */
    char reason[PROBE_REASON_SIZE]; /* the libraries' own words for a failure; "" when there are
                                       none */
    int status;
    int64_t date;           /* the server's clock, in seconds since 1970; 0 when it does not tell */
    struct buf head;        /* header lines, each "Name: value" and CR LF */
    char address[64];       /* numeric, of the server; "" when there is no connection */
    int ms[PROBE_HTTP + 1]; /* when each step was done, since the beginning; 0: it was not, or
                               nobody noted it */
};

/* Once before the first probe_fetch() of a program, while it has one thread; and once at the end
 * for each that succeeded. */
MUST_CHECK enum err probe_begin(void);
void probe_end(void);

/* Sends the request and fills *ret_answer, to be freed with probe_answer_free(). At least TLS 1.2,
 * the certificate verified. ERR_NOMEM; whatever happens on the network is an outcome. */
MUST_CHECK enum err probe_fetch(const struct probe_request *request,
                                struct probe_answer *ret_answer);
void probe_answer_free(struct probe_answer *answer);

/* Adds the values of all headers of this name, joined with ", " as in RFC 9110 section 5.3, and
 * returns how many there are. */
unsigned probe_header(const struct probe_answer *answer, const char *name, struct buf *value);

/* Adds a sentence about a failure, and what to do about it; url is what was asked. */
void probe_describe_failure(const struct probe_answer *answer, const char *url,
                            struct buf *sentence, struct buf *advice);

#endif
