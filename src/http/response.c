#include "http/response.h"

#include <poll.h>
#include <string.h>

static const struct {
    int status;
    const char *digits;
    const char *text;
} statuses[] = {
    {200, "200", "OK"},
    {204, "204", "No Content"},
    {302, "302", "Found"},
    {303, "303", "See Other"},
    {304, "304", "Not Modified"},
    {400, "400", "Bad Request"},
    {401, "401", "Unauthorized"},
    {402, "402", "Payment Required"},
    {403, "403", "Forbidden"},
    {404, "404", "Not Found"},
    {405, "405", "Method Not Allowed"},
    {409, "409", "Conflict"},
    {413, "413", "Content Too Large"},
    {415, "415", "Unsupported Media Type"},
    {422, "422", "Unprocessable Content"},
    {429, "429", "Too Many Requests"},
    {499, "499", "Client Closed Request"}, /* for the log alone, as nginx has it */
    {500, "500", "Internal Server Error"},
    {502, "502", "Bad Gateway"},
    {503, "503", "Service Unavailable"},
    {504, "504", "Gateway Timeout"},
};

static const int status_of_err[ERR_COUNT] = {
    [ERR_OK] = 200,          [ERR_INVALID] = 400,      [ERR_UNAUTHENTICATED] = 401,
    [ERR_QUOTA] = 402,       [ERR_FORBIDDEN] = 403,    [ERR_NOT_FOUND] = 404,
    [ERR_WRONG_VERB] = 405,  [ERR_CONFLICT] = 409,     [ERR_TOO_LARGE] = 413,
    [ERR_UNSUPPORTED] = 415, [ERR_RATE_LIMITED] = 429, [ERR_UPSTREAM] = 502,
    [ERR_OVERLOADED] = 503,  [ERR_TIMEOUT] = 504,
};

enum { STATUSES = sizeof statuses / sizeof statuses[0] };

size_t http_status_index(int status)
{
    size_t i = 0;
    while (i < STATUSES && statuses[i].status != status)
        i++;
    return i;
}

const char *http_status_text(int status)
{
    size_t i = http_status_index(status);
    return i < STATUSES ? statuses[i].text : "Status";
}

const char *http_status_value(size_t index)
{
    if (index < STATUSES)
        return statuses[index].digits;
    return index == STATUSES ? "other" : NULL;
}

int http_status_of(enum err err)
{
    int status = (unsigned)err < ERR_COUNT ? status_of_err[err] : 0;
    return status ? status : 500;
}

void http_response_init(struct http_response *response, const struct http_transport *transport)
{
    *response = (struct http_response){
        .transport = transport,
        .status = 200,
        .headers = BUF_MAX(HTTP_HEADERS_MAX_BYTES),
        .body = BUF_MAX(HTTP_BODY_MAX_BYTES),
    };
}

void http_response_free(struct http_response *response)
{
    buf_free(&response->headers);
    buf_free(&response->body);
}

void http_response_reset(struct http_response *response)
{
    response->status = 200;
    buf_clear(&response->headers);
    buf_clear(&response->body);
}

void http_response_header(struct http_response *response, const char *name, const char *value)
{
    if (!strpbrk(value, "\r\n"))
        buf_addf(&response->headers, "%s: %s\r\n", name, value);
}

void http_response_headerf(struct http_response *response, const char *name, const char *format,
                           ...)
{
    BUF_AUTO(value, HTTP_HEADERS_MAX_BYTES);
    va_list args;
    va_start(args, format);
    buf_vaddf(&value, format, args);
    va_end(args);
    if (buf_err(&value))
        response->headers.err = buf_err(&value);
    else
        http_response_header(response, name, buf_str(&value));
}

static void set_body(struct http_response *response, int status, const char *type, const char *body)
{
    response->status = status;
    http_response_header(response, "Content-Type", type);
    buf_clear(&response->body);
    buf_adds(&response->body, body);
}

void http_response_text(struct http_response *response, int status, const char *text)
{
    set_body(response, status, "text/plain; charset=utf-8", text);
}

void http_response_json(struct http_response *response, int status, struct json_object *json)
{
    set_body(response, status, "application/json",
             json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
                                                      JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* Status always goes along: with Location alone, CGI servers would redirect internally (RFC 3875
 * section 6.2.2). */
static enum err write_head(struct http_response *response)
{
    const struct http_transport *transport = response->transport;
    enum err err = buf_err(&response->headers);
    if (err)
        return err;
    BUF_AUTO(head, HTTP_HEADERS_MAX_BYTES + 128);
    buf_addf(&head, "Status: %d %s\r\n%s\r\n", response->status, http_status_text(response->status),
             buf_str(&response->headers));
    response->started = true;
    return buf_err(&head) ? buf_err(&head)
                          : transport->write(transport->context, head.data, head.len);
}

static bool has_no_body(int status)
{
    return status == 204 || status == 304;
}

enum err http_response_check(const struct http_response *response)
{
    return buf_err(&response->headers) ? buf_err(&response->headers) : buf_err(&response->body);
}

enum err http_response_send(struct http_response *response)
{
    const struct http_transport *transport = response->transport;
    enum err err = http_response_check(response);
    if (err)
        return err;
    if (!has_no_body(response->status))
        http_response_headerf(response, "Content-Length", "%zu", response->body.len);
    err = write_head(response);
    if (!err && !response->omit_body && !has_no_body(response->status))
        err = transport->write(transport->context, buf_str(&response->body), response->body.len);
    return err;
}

enum err http_response_begin(struct http_response *response)
{
    enum err err = write_head(response);
    return err ? err : response->transport->flush(response->transport->context);
}

enum err http_response_write(struct http_response *response, const void *data, size_t len)
{
    const struct http_transport *transport = response->transport;
    if (response->omit_body || has_no_body(response->status))
        return ERR_OK;
    enum err err = transport->write(transport->context, data, len);
    return err ? err : transport->flush(transport->context);
}

bool http_response_abandoned(const struct http_response *response, int wait_ms)
{
    int fd = response->transport->watch_fd(response->transport->context);
    struct pollfd watch = {.fd = fd, .events = POLLIN};
    return poll(&watch, 1, wait_ms) > 0;
}
