#include "http/path.h"

#include "base/encode.h"

#include <string.h>
#include <strings.h>

/* An encoded slash or backslash would be a separator to the file system, not to whoever checked the
 * URL. */
static bool hides_separator(const char *raw, size_t len)
{
    for (size_t i = 0; i + 2 < len; i++)
        if (raw[i] == '%' &&
            (strncasecmp(raw + i, "%2f", 3) == 0 || strncasecmp(raw + i, "%5c", 3) == 0))
            return true;
    return false;
}

static bool has_dot_segment(const char *path)
{
    for (const char *at = path; (at = strchr(at, '/')); at++) {
        size_t dots = strspn(at + 1, ".");
        char after = at[1 + dots];
        if ((dots == 1 || dots == 2) && (after == '/' || after == '\0'))
            return true;
    }
    return false;
}

static enum err decode_path(const char *uri, struct buf *path)
{
    /* A proxy request has the absolute form (RFC 9112 section 3.2.2). */
    if (strncasecmp(uri, "http://", 7) == 0 || strncasecmp(uri, "https://", 8) == 0) {
        uri = strstr(uri, "://") + 3;
        uri += strcspn(uri, "/?#");
        if (*uri != '/')
            uri = "/";
    }
    size_t len = strcspn(uri, "?#");
    if (len > HTTP_PATH_MAX_BYTES)
        return ERR_TOO_LARGE;
    if (len == 0 || *uri != '/' || hides_separator(uri, len))
        return ERR_INVALID;
    enum err err = decode_percent(uri, len, path);
    if (err)
        return err;
    if (utf8_length(path->data, path->len) < 0 || has_control_characters(path->data, path->len) ||
        strchr(path->data, '\\') || has_dot_segment(path->data))
        return ERR_INVALID;
    return ERR_OK;
}

static bool is_below(const char *path, const char *mount)
{
    size_t len = strlen(mount);
    return strncmp(path, mount, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

enum err http_path_read(struct http_request *request, const char *site_path)
{
    const char *uri = http_param(request, "REQUEST_URI");
    BUF_AUTO(whole, HTTP_PATH_MAX_BYTES);
    enum err err = decode_path(uri ? uri : "", &request->path);
    if (err) {
        buf_clear(&request->path);
        buf_adds(&request->path, "/");
        return err;
    }
    size_t mount = site_path && is_below(request->path.data, site_path) ? strlen(site_path) : 0;
    buf_add(&whole, request->path.data, request->path.len);
    buf_clear(&request->path);
    buf_add(&request->mount, whole.data, mount);
    buf_adds(&request->path, whole.data[mount] ? whole.data + mount : "/");
    return buf_err(&request->path);
}
