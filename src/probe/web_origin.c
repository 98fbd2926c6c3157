#include "probe/web_origin.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The pieces of SCHEME://HOST[:PORT][REST], within the text that they were found in. */
struct pieces {
    const char *scheme;
    size_t scheme_len;
    const char *host; /* with the brackets of an IPv6 address */
    size_t host_len;
    long port; /* the scheme's own when none is written; -1 when it is no port */
    bool names_default_port;
    const char *rest;
};

static long default_port(const struct pieces *pieces)
{
    return pieces->scheme_len == 5 && strncasecmp(pieces->scheme, "https", 5) == 0 ? 443 : 80;
}

static void read_port(struct pieces *pieces, const char *text)
{
    char *end = NULL;
    pieces->port = default_port(pieces);
    if (*text != ':') {
        pieces->rest = text;
        return;
    }
    long port = isdigit((unsigned char)text[1]) ? strtol(text + 1, &end, 10) : -1;
    pieces->names_default_port = port == pieces->port;
    pieces->port = port < 65536 ? port : -1;
    pieces->rest = end ? end : text;
}

static bool split(const char *text, struct pieces *ret_pieces)
{
    const char *mark = strstr(text, "://");
    if (!mark)
        return false;
    struct pieces pieces = {.scheme = text, .scheme_len = (size_t)(mark - text), .host = mark + 3};
    size_t bracket = *pieces.host == '[' ? strcspn(pieces.host, "]/") : 0;
    pieces.host_len = bracket + strcspn(pieces.host + bracket, ":/?#");
    read_port(&pieces, pieces.host + pieces.host_len);
    *ret_pieces = pieces;
    return pieces.host_len > 0;
}

/* What can stand in a host name or address. */
static bool is_host(const char *host, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)host[i]) && !strchr("-._[]:", host[i]))
            return false;
    return len > 0;
}

static bool is_web(const struct pieces *pieces)
{
    return (pieces->scheme_len == 4 && strncasecmp(pieces->scheme, "http", 4) == 0) ||
           (pieces->scheme_len == 5 && strncasecmp(pieces->scheme, "https", 5) == 0);
}

enum err web_origin_of(const char *url, char ret_origin[static WEB_ORIGIN_SIZE])
{
    struct pieces pieces;
    char origin[WEB_ORIGIN_SIZE];
    if (!split(url, &pieces) || !is_web(&pieces) || !is_host(pieces.host, pieces.host_len) ||
        pieces.port < 1 || (*pieces.rest && !strchr("/?#", *pieces.rest)))
        return ERR_INVALID;
    int len = snprintf(origin, sizeof origin, "%.*s://%.*s", (int)pieces.scheme_len, pieces.scheme,
                       (int)pieces.host_len, pieces.host);
    if (len < (int)sizeof origin && pieces.port != default_port(&pieces))
        len += snprintf(origin + len, sizeof origin - (size_t)len, ":%ld", pieces.port);
    if (len >= (int)sizeof origin)
        return ERR_INVALID;
    for (char *at = origin; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    memcpy(ret_origin, origin, (size_t)len + 1);
    return ERR_OK;
}

bool web_origin_is_loopback(const char *origin)
{
    static const char localhost[] = "localhost";
    struct pieces pieces;
    if (!split(origin, &pieces))
        return false;
    return (pieces.host_len == strlen(localhost) &&
            strncasecmp(pieces.host, localhost, pieces.host_len) == 0) ||
           strncmp(pieces.host, "127.", 4) == 0 ||
           (pieces.host_len == 5 && strncmp(pieces.host, "[::1]", 5) == 0);
}

static bool same_word(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

static void add_difference(struct buf *out, bool differs, const char *what)
{
    if (differs)
        buf_addf(out, "%s%s", out->len ? " and " : "", what);
}

void web_origin_describe_difference(const char *origin, const char *given, struct buf *out)
{
    struct pieces want;
    struct pieces have;
    BUF_AUTO(words, 256);
    if (!split(origin, &want) || !split(given, &have)) {
        buf_adds(out, "everything, for that is no origin");
        return;
    }
    bool same_scheme = same_word(want.scheme, want.scheme_len, have.scheme, have.scheme_len);
    add_difference(&words, !same_scheme, "the scheme");
    add_difference(&words, !same_word(want.host, want.host_len, have.host, have.host_len),
                   "the host name");
    bool implied = !same_scheme && want.port == default_port(&want) &&
                   have.port == default_port(&have) && !have.names_default_port;
    add_difference(&words, want.port != have.port && !implied, "the port");
    add_difference(&words, have.names_default_port, "the port, which browsers leave out");
    add_difference(&words, strcmp(have.rest, "/") == 0, "a slash at the end");
    add_difference(&words, *have.rest && strcmp(have.rest, "/") != 0, "what follows the host");
    if (!words.len)
        add_difference(&words, true, "capital letters");
    buf_adds(out, buf_str(&words));
}
