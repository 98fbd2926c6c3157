#include "http/html.h"

void html_attribute(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buf_adds(out, "&amp;");
            break;
        case '"':
            buf_adds(out, "&quot;");
            break;
        case '<':
            buf_adds(out, "&lt;");
            break;
        default:
            buf_add(out, text, 1);
        }
    }
}
