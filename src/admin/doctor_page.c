/* behest-admin doctor: the folder of the page. */
#include "admin/doctor.h"
#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>

#include <fcntl.h>
#include <unistd.h>

enum { PAGE_MAX_BYTES = 256 * 1024, NAME_SIZE = 256 };

static const char asset_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

/* The next file below assets/ that the page names, from *text on. */
static bool next_asset(const char **text, char ret_name[static NAME_SIZE])
{
    static const char folder[] = "assets/";
    const char *found = strstr(*text, folder);
    if (!found)
        return false;
    size_t len = strlen(folder) + strspn(found + strlen(folder), asset_chars);
    *text = found + len;
    if (len >= NAME_SIZE)
        len = NAME_SIZE - 1;
    memcpy(ret_name, found, len);
    ret_name[len] = '\0';
    return true;
}

static bool is_whole(struct doctor *doctor, int folder, const char *page)
{
    char name[NAME_SIZE];
    while (next_asset(&page, name))
        if (faccessat(folder, name, R_OK, 0) != 0) {
            doctor_say(doctor, DOCTOR_PROBLEM, "page", "install it once more, whole",
                       "%s names %s, which cannot be read: %s", doctor->config.www, name,
                       strerror(errno));
            return false;
        }
    return true;
}

void doctor_check_page(struct doctor *doctor)
{
    const char *www = doctor->config.www;
    AUTO_CLOSE int folder = www ? open(www, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder < 0)
        return; /* a problem of the settings, told already */
    AUTO_CLOSE int fd = openat(folder, "index.html", O_RDONLY | O_CLOEXEC);
    BUF_AUTO(page, PAGE_MAX_BYTES);
    if (fd < 0 || file_read_fd(fd, &page) != ERR_OK || page.len == 0)
        doctor_say(doctor, DOCTOR_PROBLEM, "page",
                   "set CHAT_WWW to the folder of the page, or install it there",
                   "there is no index.html to read in %s", www);
    else if (is_whole(doctor, folder, buf_str(&page)))
        doctor_say(doctor, DOCTOR_OK, "page", NULL, "%s is whole", www);
}
