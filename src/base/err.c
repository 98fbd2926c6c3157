#include "base/err.h"

#include <stddef.h>

static const char *const messages[ERR_COUNT] = {
    [ERR_OK] = "No error",
    [ERR_NOMEM] = "The server is out of memory",
    [ERR_IO] = "The server could not read or write a file",
    [ERR_DATABASE] = "The database could not be used",
    [ERR_DATABASE_NEWER] = "The database was written by a newer version of this program",
    [ERR_INVALID] = "The request is not valid",
    [ERR_UNSUPPORTED] = "This content type is not supported",
    [ERR_TOO_LARGE] = "The request is too large",
    [ERR_UNAUTHENTICATED] = "Please sign in first",
    [ERR_FORBIDDEN] = "This is not allowed",
    [ERR_NOT_FOUND] = "Not found",
    [ERR_WRONG_VERB] = "This HTTP method is not allowed here",
    [ERR_CONFLICT] = "This value is already taken",
    [ERR_QUOTA] = "The quota is used up",
    [ERR_RATE_LIMITED] = "Too many requests, please try again later",
    [ERR_OVERLOADED] = "The server is busy, please try again in a moment",
    [ERR_UPSTREAM] = "The chat service gave no usable answer, please try again later",
    [ERR_TIMEOUT] = "The chat service did not answer in time, please try again later",
    [ERR_DISCONNECTED] = "The connection was closed",
};

const char *err_message(enum err err)
{
    const char *message = (unsigned)err < ERR_COUNT ? messages[err] : NULL;
    return message ? message : "Unknown error";
}
