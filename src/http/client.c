#include "http/client.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct range {
    unsigned char network[16];
    unsigned bits;
};

struct http_trust {
    size_t count;
    struct range ranges[];
};

enum { RANGES_MAX = 64, RANGE_MAX_BYTES = 64, V4_MAPPED_BITS = 96 };

/* IPv4 addresses are kept as IPv4-mapped IPv6 ones (RFC 4291 section 2.5.5.2), so that there is one
 * form to compare. */
static bool parse_address(const char *text, unsigned char ret_address[static 16], bool *ret_v4)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (inet_pton(AF_INET6, text, ret_address) == 1) {
        *ret_v4 = memcmp(ret_address, mapped, sizeof mapped) == 0;
        return true;
    }
    memcpy(ret_address, mapped, sizeof mapped);
    *ret_v4 = true;
    return inet_pton(AF_INET, text, ret_address + sizeof mapped) == 1;
}

static bool parse_range(char *text, struct range *ret_range)
{
    char *slash = strchr(text, '/');
    if (slash)
        *slash = '\0';
    bool v4 = false;
    if (!parse_address(text, ret_range->network, &v4))
        return false;
    unsigned most = v4 ? 32 : 128;
    unsigned bits = most;
    if (slash) {
        size_t digits = strspn(slash + 1, "0123456789");
        unsigned long number = strtoul(slash + 1, NULL, 10);
        if (digits == 0 || slash[1 + digits] || number > most)
            return false;
        bits = (unsigned)number;
    }
    ret_range->bits = bits + (v4 ? V4_MAPPED_BITS : 0);
    return true;
}

enum err http_trust_parse(const char *list, struct http_trust **ret_trust)
{
    struct http_trust *trust = calloc(1, sizeof *trust + RANGES_MAX * sizeof trust->ranges[0]);
    if (!trust)
        return ERR_NOMEM;
    for (const char *at = list + strspn(list, ", \t"); *at; at += strspn(at, ", \t")) {
        char text[RANGE_MAX_BYTES];
        size_t len = strcspn(at, ", \t");
        bool valid = len < sizeof text && trust->count < RANGES_MAX;
        if (valid) {
            memcpy(text, at, len);
            text[len] = '\0';
            valid = parse_range(text, &trust->ranges[trust->count++]);
        }
        if (!valid) {
            free(trust);
            return ERR_INVALID;
        }
        at += len;
    }
    *ret_trust = trust;
    return ERR_OK;
}

void http_trust_free(struct http_trust *trust)
{
    free(trust);
}

static bool range_holds(const struct range *range, const unsigned char address[static 16])
{
    unsigned bytes = range->bits / 8;
    unsigned rest = range->bits % 8;
    if (memcmp(range->network, address, bytes) != 0)
        return false;
    return rest == 0 || (range->network[bytes] ^ address[bytes]) >> (8 - rest) == 0;
}

static bool is_trusted(const struct http_trust *trust, const char *text)
{
    unsigned char address[16];
    bool v4;
    if (!trust || !parse_address(text, address, &v4))
        return false;
    for (size_t i = 0; i < trust->count; i++)
        if (range_holds(&trust->ranges[i], address))
            return true;
    return false;
}

/* False, and the address stays, when text is not an address. */
static bool set_address(struct http_request *request, const char *text, size_t len)
{
    unsigned char address[16];
    bool v4;
    char copy[HTTP_ADDRESS_SIZE];
    if (len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (!parse_address(copy, address, &v4))
        return false;
    if (v4)
        inet_ntop(AF_INET, address + 12, request->client_address, HTTP_ADDRESS_SIZE);
    else
        inet_ntop(AF_INET6, address, request->client_address, HTTP_ADDRESS_SIZE);
    return true;
}

/* Several headers may become one and the same variable (X-Forwarded-For and X_Forwarded_For do):
 * then it is not known which of them the proxy sent. */
static const char *unambiguous_param(const struct http_request *request, const char *name)
{
    size_t len = strlen(name);
    const char *found = NULL;
    for (const char *const *param = request->transport->params; *param; param++) {
        if (strncmp(*param, name, len) != 0 || (*param)[len] != '=')
            continue;
        if (found)
            return NULL;
        found = *param + len + 1;
    }
    return found;
}

/* Walks X-Forwarded-For from the right, as long as the address before was a trusted proxy's. */
static void follow_proxies(struct http_request *request, const struct http_trust *trust)
{
    const char *list = unambiguous_param(request, "HTTP_X_FORWARDED_FOR");
    size_t end = list ? strlen(list) : 0;
    while (end && is_trusted(trust, request->client_address)) {
        size_t start = end;
        while (start && list[start - 1] != ',')
            start--;
        size_t first = start + strspn(list + start, " \t");
        size_t last = end;
        while (last > first && (list[last - 1] == ' ' || list[last - 1] == '\t'))
            last--;
        if (!set_address(request, list + first, last - first))
            return;
        end = start ? start - 1 : 0;
    }
}

void http_client_identify(struct http_request *request, const struct http_trust *trust)
{
    const char *remote = http_param(request, "REMOTE_ADDR");
    const char *https = http_param(request, "HTTPS");
    const char *scheme = http_param(request, "REQUEST_SCHEME");
    request->https = (https && (strcasecmp(https, "on") == 0 || strcmp(https, "1") == 0)) ||
                     (scheme && strcasecmp(scheme, "https") == 0);
    if (remote)
        set_address(request, remote, strlen(remote));
    if (!is_trusted(trust, request->client_address))
        return;
    const char *proto = unambiguous_param(request, "HTTP_X_FORWARDED_PROTO");
    if (proto)
        request->https = strcasecmp(proto, "https") == 0;
    follow_proxies(request, trust);
}

void http_client_key(const struct http_request *request, char ret_key[static HTTP_ADDRESS_SIZE])
{
    unsigned char address[16];
    bool v4;
    if (!parse_address(request->client_address, address, &v4)) {
        memcpy(ret_key, "unknown", sizeof "unknown");
    } else if (v4) {
        inet_ntop(AF_INET, address + 12, ret_key, HTTP_ADDRESS_SIZE);
    } else {
        memset(address + 8, 0, 8);
        inet_ntop(AF_INET6, address, ret_key, HTTP_ADDRESS_SIZE);
    }
}
