/* Escapers for HTML, one per context. */
#ifndef BEHEST_HTTP_HTML_H
#define BEHEST_HTTP_HTML_H

#include "base/buf.h"

/* Adds text so that it can stand in a double-quoted attribute. */
void html_attribute(struct buf *out, const char *text);

#endif
