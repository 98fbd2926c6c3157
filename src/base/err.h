/* The one list of what can go wrong, for the whole library. */
#ifndef BEHEST_BASE_ERR_H
#define BEHEST_BASE_ERR_H

enum err {
    ERR_OK = 0,
    ERR_NOMEM,
    ERR_IO,              /* a system call failed; errno says why */
    ERR_DATABASE,        /* SQLite failed other than by a constraint or a lock */
    ERR_DATABASE_NEWER,  /* the database was written by a newer version of the program */
    ERR_INVALID,         /* input that is not of the asked form */
    ERR_UNSUPPORTED,     /* a content type that is not served */
    ERR_TOO_LARGE,       /* a declared maximum was exceeded */
    ERR_UNAUTHENTICATED, /* nobody is signed in, or the credentials are wrong */
    ERR_FORBIDDEN,       /* signed in, but not allowed */
    ERR_NOT_FOUND,
    ERR_WRONG_VERB,   /* the path exists, not for this HTTP method */
    ERR_CONFLICT,     /* a unique value is taken */
    ERR_QUOTA,        /* a paid-for amount is used up */
    ERR_RATE_LIMITED, /* too many requests; later is fine */
    ERR_OVERLOADED,   /* as much as is allowed at once is under way already */
    ERR_UPSTREAM,     /* a server behind this one failed, or gave an answer that makes no sense */
    ERR_TIMEOUT,      /* a server behind this one did not answer in time */
    ERR_DISCONNECTED, /* whoever asked is gone */
    ERR_COUNT,
};

/* Functions whose result must be looked at carry this. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* A sentence about err for a person: static, never NULL, without detail. */
const char *err_message(enum err err);

#endif
