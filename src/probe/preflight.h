/* Would a browser let the page talk to the gateway? The page's preflight is asked from here, and
 * judged as browsers do (Fetch Standard, "CORS-preflight fetch" and "CORS check", for a request
 * without credentials). */
#ifndef BEHEST_PROBE_PREFLIGHT_H
#define BEHEST_PROBE_PREFLIGHT_H

#include "probe/fetch.h"
#include "probe/web_origin.h"

enum preflight_verdict {
    PREFLIGHT_ALLOWED,
    PREFLIGHT_SAME_ORIGIN, /* the page's own origin: browsers do not ask */
    PREFLIGHT_LOOPBACK,    /* allowed, but browsers look for this address on their own machine */
    PREFLIGHT_MIXED_CONTENT,
    PREFLIGHT_NO_ORIGIN, /* no Access-Control-Allow-Origin: the origin is not on the list */
    PREFLIGHT_OTHER_ORIGIN,
    PREFLIGHT_SEVERAL_ORIGINS,
    PREFLIGHT_HEADER_REFUSED,
    PREFLIGHT_METHOD_REFUSED,
    PREFLIGHT_REDIRECT,
    PREFLIGHT_STATUS, /* neither a success nor a redirect */
    PREFLIGHT_TLS,
    PREFLIGHT_NO_SUCH_NAME,
    PREFLIGHT_REFUSED,
    PREFLIGHT_TIMED_OUT,
    PREFLIGHT_UNREACHABLE,
    PREFLIGHT_BROKEN,
    PREFLIGHT_VERDICTS,
};

struct preflight_question {
    const char *origin;         /* of the page, from web_origin_of() */
    const char *url;            /* of the call */
    const char *method;         /* of the call */
    const char *const *headers; /* that a browser asks for, in lower case; NULL at the end */
};

enum { PREFLIGHT_TEXT_MAX_BYTES = 2048, PREFLIGHT_VALUE_MAX = 300 };

struct preflight_finding {
    enum preflight_verdict verdict;
    struct buf message;                       /* a sentence without full stop: what is the matter */
    struct buf advice;                        /* what to do about it; empty when nothing is */
    char allowed_origin[PREFLIGHT_VALUE_MAX]; /* what the answer allows; "" when nothing */
};

/* Judges an answer to a preflight. *ret_finding is freed with preflight_finding_free(). What it
 * quotes of the answer holds no control characters. */
void preflight_judge(const struct preflight_question *question, const struct probe_answer *answer,
                     struct preflight_finding *ret_finding);
void preflight_finding_free(struct preflight_finding *finding);

/* Asks and judges the page's own preflight, for POST <base_url>/v1/chat/completions. Takes at most
 * PROBE_TIMEOUT_MS. ERR_NOMEM; ERR_TOO_LARGE when the URL is. */
MUST_CHECK enum err preflight_check(const char *base_url, const char *origin,
                                    struct preflight_finding *ret_finding);

/* True when browsers block the call as mixed content: the page came by https, the gateway is at
 * http, and not on this machine. */
bool preflight_is_mixed(const char *base_url, const char *origin);

/* True when a browser would let the call through. */
bool preflight_passes(enum preflight_verdict verdict);

/* The verdict for programs: "allowed", "noAllowOrigin" ...; static. */
const char *preflight_code(enum preflight_verdict verdict);

#endif
