#include "http/static.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "http/html.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ETAG_SIZE = 64, PAGE_MAX_BYTES = 256 * 1024, CHUNK_BYTES = 64 * 1024 };

static const struct {
    const char *extension;
    const char *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *type_of(const char *path)
{
    const char *extension = strrchr(path, '.');
    for (size_t i = 0; extension && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(extension, types[i].extension) == 0)
            return types[i].type;
    return "application/octet-stream";
}

/* Opens one segment after the other, so that no symbolic link is followed anywhere on the way. */
static int open_below(int root_fd, const char *path)
{
    int folder = dup(root_fd);
    while (folder >= 0) {
        path += strspn(path, "/");
        char segment[256];
        size_t len = strcspn(path, "/");
        if (len == 0 || len >= sizeof segment || *path == '.')
            break;
        memcpy(segment, path, len);
        segment[len] = '\0';
        path += len;
        int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (*path ? O_DIRECTORY : 0);
        int next = openat(folder, segment, flags);
        close(folder);
        if (next < 0 || !*path)
            return next;
        folder = next;
    }
    if (folder >= 0)
        close(folder);
    return -1;
}

static int open_regular(int root_fd, const char *path, struct stat *ret_status)
{
    int fd = open_below(root_fd, path);
    if (fd < 0)
        return -1;
    if (fstat(fd, ret_status) == 0 && S_ISREG(ret_status->st_mode) &&
        ret_status->st_size <= STATIC_FILE_MAX_BYTES)
        return fd;
    close(fd);
    return -1;
}

/* Whether Accept-Encoding lists gzip, with a weight that is not 0 (RFC 9110 section 12.5.3). */
static bool accepts_gzip(const struct http_request *request)
{
    const char *at = http_param(request, "HTTP_ACCEPT_ENCODING");
    while (at && *at) {
        at += strspn(at, ", \t");
        size_t name = strcspn(at, ",; \t");
        if (name == 4 && strncasecmp(at, "gzip", name) == 0) {
            const char *weight = at + name + strspn(at + name, "; \t");
            return strncasecmp(weight, "q=", 2) != 0 || strtod(weight + 2, NULL) > 0;
        }
        at += strcspn(at, ",");
    }
    return false;
}

static int open_precompressed(const struct http_request *request, int root_fd, const char *path,
                              struct stat *ret_status)
{
    BUF_AUTO(name, HTTP_PATH_MAX_BYTES + 4);
    buf_addf(&name, "%s.gz", path);
    if (!accepts_gzip(request) || buf_err(&name))
        return -1;
    return open_regular(root_fd, name.data, ret_status);
}

static void format_etag(const struct stat *status, const char *variant,
                        char ret_etag[static ETAG_SIZE])
{
    snprintf(ret_etag, ETAG_SIZE, "\"%llx-%llx%03lx%s\"", (unsigned long long)status->st_size,
             (unsigned long long)status->st_mtim.tv_sec, status->st_mtim.tv_nsec / 1000000,
             variant);
}

/* If-None-Match compares weakly (RFC 9110 section 13.1.2): web servers that compress turn an ETag
 * into a weak one. */
static bool client_has(const struct http_request *request, const char *etag)
{
    const char *known = http_param(request, "HTTP_IF_NONE_MATCH");
    return known && (strcmp(known, "*") == 0 || strstr(known, etag));
}

static void add_file_headers(struct http_exchange *exchange, const char *path, const char *etag)
{
    bool hashed = strncmp(path, "/assets/", 8) == 0;
    struct http_response *response = &exchange->response;
    http_response_header(response, "Cache-Control",
                         hashed ? "public, max-age=31536000, immutable" : "no-cache");
    http_response_header(response, "Vary", "Accept-Encoding");
    http_response_header(response, "ETag", etag);
    response->status = client_has(&exchange->request, etag) ? 304 : 200;
    if (response->status == 200)
        http_response_header(response, "Content-Type", type_of(path));
}

static enum err send_content(struct http_response *response, int fd, off_t size)
{
    http_response_headerf(response, "Content-Length", "%lld", (long long)size);
    enum err err = http_response_begin(response);
    char *chunk = malloc(CHUNK_BYTES);
    if (!chunk)
        err = ERR_NOMEM;
    ssize_t got = 1;
    while (!err && !response->omit_body && got > 0) {
        got = read(fd, chunk, CHUNK_BYTES);
        if (got > 0)
            err = http_response_write(response, chunk, (size_t)got);
        else if (got < 0)
            err = ERR_IO;
    }
    free(chunk);
    return err;
}

enum err http_static_send(struct http_exchange *exchange, int root_fd, const char *path)
{
    struct stat status;
    char etag[ETAG_SIZE];
    struct stat gzip_status;
    AUTO_CLOSE int fd = open_regular(root_fd, path, &status);
    if (fd < 0)
        return ERR_NOT_FOUND;
    AUTO_CLOSE int gzip = open_precompressed(&exchange->request, root_fd, path, &gzip_status);
    format_etag(&status, gzip >= 0 ? "z" : "", etag);
    add_file_headers(exchange, path, etag);
    if (exchange->response.status == 304)
        return ERR_OK;
    if (gzip < 0)
        return send_content(&exchange->response, fd, status.st_size);
    http_response_header(&exchange->response, "Content-Encoding", "gzip");
    return send_content(&exchange->response, gzip, gzip_status.st_size);
}

enum err http_static_send_page(struct http_exchange *exchange, int root_fd, const char *path)
{
    static const char base[] = "<base href=\"/\">";
    const char *mount = buf_str(&exchange->request.mount);
    if (!*mount)
        return http_static_send(exchange, root_fd, path);
    struct stat status;
    char etag[ETAG_SIZE];
    AUTO_CLOSE int fd = open_regular(root_fd, path, &status);
    if (fd < 0)
        return ERR_NOT_FOUND;
    BUF_AUTO(page, PAGE_MAX_BYTES);
    enum err err = file_read_fd(fd, &page);
    if (err)
        return err;
    format_etag(&status, "m", etag);
    add_file_headers(exchange, path, etag);
    const char *at = strstr(buf_str(&page), base);
    if (exchange->response.status == 304 || !at) {
        buf_adds(&exchange->response.body, buf_str(&page));
        return ERR_OK;
    }
    struct buf *body = &exchange->response.body;
    buf_add(body, page.data, (size_t)(at - page.data));
    buf_adds(body, "<base href=\"");
    html_attribute(body, mount);
    buf_adds(body, "/\">");
    buf_adds(body, at + strlen(base));
    return ERR_OK;
}
