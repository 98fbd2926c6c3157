#include "admin/text.h"

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) /* controls */
           || c == 0xad || c == 0x061c         /* soft hyphen, Arabic letter mark */
           || (c >= 0x200b && c <= 0x200f)     /* zero width, left-to-right mark ... */
           || (c >= 0x2028 && c <= 0x202e)     /* line separators, embeddings, overrides */
           || (c >= 0x2060 && c <= 0x206f)     /* invisible operators, isolates */
           || c == 0xfeff || (c >= 0xe0000 && c <= 0xe0fff) /* byte order mark, tags */;
}

/* What the characters up to len cost, one by one; the locale of the thread is a UTF-8 one. */
static int clean(const char *text, size_t len, struct buf *out)
{
    int columns = 0;
    while (len) {
        wchar_t wide = 0;
        mbstate_t state = {0};
        size_t used = mbrtowc(&wide, text, len, &state);
        bool valid = used != (size_t)-1 && used != (size_t)-2 && !is_unsafe((uint32_t)wide);
        int width = valid ? wcwidth(wide) : 1;
        if (used == 0 || used > len)
            used = 1;
        if (valid && width >= 0)
            buf_add(out, text, used);
        else
            buf_adds(out, replacement);
        columns += width < 0 ? 1 : width;
        text += used;
        len -= used;
    }
    return columns;
}

static bool is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

/* Without any UTF-8 locale: ASCII as it is. */
static int clean_ascii(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++)
        buf_add(out, is_plain(text + i, 1) ? text + i : "?", 1);
    return (int)len;
}

/* The locale is not the environment's: what the database holds is UTF-8 wherever this runs. */
int text_clean(const char *text, size_t len, struct buf *out)
{
    if (is_plain(text, len)) {
        buf_add(out, text, len);
        return (int)len;
    }
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!utf8)
        return clean_ascii(text, len, out);
    locale_t before = uselocale(utf8);
    int columns = clean(text, len, out);
    uselocale(before);
    freelocale(utf8);
    return columns;
}
