#include "http/request.h"

#include "base/encode.h"
#include "http/client.h"
#include "http/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

static const struct {
    const char *name;
    enum http_verb verb;
} verbs[] = {
    {"GET", HTTP_GET},       {"HEAD", HTTP_HEAD},       {"POST", HTTP_POST},
    {"DELETE", HTTP_DELETE}, {"OPTIONS", HTTP_OPTIONS},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static enum http_verb parse_verb(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(name, verbs[i].name) == 0)
            return verbs[i].verb;
    return HTTP_OTHER;
}

size_t http_verb_index(enum http_verb verb)
{
    size_t i = 0;
    while (i < VERBS && verbs[i].verb != verb)
        i++;
    return i;
}

const char *http_verb_value(size_t index)
{
    if (index < VERBS)
        return verbs[index].name;
    return index == VERBS ? "other" : NULL;
}

enum err http_request_init(struct http_request *request, const struct http_transport *transport,
                           const char *site_path, const struct http_trust *trust)
{
    *request = (struct http_request){
        .transport = transport,
        .path = BUF_MAX(HTTP_PATH_MAX_BYTES),
        .mount = BUF_MAX(HTTP_PATH_MAX_BYTES),
    };
    unsigned char id[(HTTP_ID_SIZE - 1) / 2];
    randombytes_buf(id, sizeof id);
    sodium_bin2hex(request->id, sizeof request->id, id, sizeof id);
    request->verb_name = http_param(request, "REQUEST_METHOD");
    if (!request->verb_name)
        request->verb_name = "";
    request->verb = parse_verb(request->verb_name);
    http_client_identify(request, trust);
    return http_path_read(request, site_path);
}

void http_request_free(struct http_request *request)
{
    buf_free(&request->path);
    buf_free(&request->mount);
    buf_free(&request->body);
}

const char *http_param(const struct http_request *request, const char *name)
{
    size_t len = strlen(name);
    for (const char *const *param = request->transport->params; *param; param++)
        if (strncmp(*param, name, len) == 0 && (*param)[len] == '=')
            return *param + len + 1;
    return NULL;
}

const char *http_cookie(const struct http_request *request, const char *name, const char *previous,
                        size_t *ret_len)
{
    const char *at =
        previous ? previous + strcspn(previous, ";") : http_param(request, "HTTP_COOKIE");
    size_t name_len = strlen(name);
    while (at && *at) {
        at += strspn(at, " \t;");
        size_t len = strcspn(at, ";");
        if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
            *ret_len = len - name_len - 1;
            return at + name_len + 1;
        }
        at += len;
    }
    return NULL;
}

/* The announced length, or -1 when the web server announces none (a chunked body). */
static enum err content_length(const struct http_request *request, long long *ret_length)
{
    const char *text = http_param(request, "CONTENT_LENGTH");
    *ret_length = -1;
    if (!text || !*text)
        return ERR_OK;
    if (strspn(text, "0123456789") != strlen(text))
        return ERR_INVALID;
    errno = 0;
    *ret_length = strtoll(text, NULL, 10);
    return errno ? ERR_TOO_LARGE : ERR_OK;
}

enum err http_request_read_body(struct http_request *request, size_t max)
{
    long long announced;
    enum err err = content_length(request, &announced);
    if (err)
        return err;
    if (announced > (long long)max)
        return ERR_TOO_LARGE;
    request->body = BUF_MAX(max);
    const struct http_transport *transport = request->transport;
    char chunk[8192];
    size_t got;
    while ((got = transport->read(transport->context, chunk, sizeof chunk)) > 0) {
        buf_add(&request->body, chunk, got);
        if (buf_err(&request->body))
            return buf_err(&request->body);
    }
    if (announced >= 0 && (size_t)announced != request->body.len)
        return ERR_INVALID;
    return ERR_OK;
}

bool http_has_content_type(const struct http_request *request, const char *media_type)
{
    const char *value = http_param(request, "CONTENT_TYPE");
    size_t len = strlen(media_type);
    return value && strncasecmp(value, media_type, len) == 0 && strchr("; \t", value[len]);
}

const char *http_bearer_token(const struct http_request *request)
{
    const char *value = http_param(request, "HTTP_AUTHORIZATION");
    if (!value || strncasecmp(value, "Bearer ", 7) != 0)
        return NULL;
    value += 7;
    value += strspn(value, " ");
    return *value ? value : NULL;
}
