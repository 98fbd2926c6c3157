/* Files compiled into the programs (sql/embed.sh writes the arrays). */
#ifndef BEHEST_BASE_EMBED_H
#define BEHEST_BASE_EMBED_H

#include <stddef.h>

struct embedded_file {
    const char *name; /* without folder; NULL ends an array */
    const char *data; /* with a NUL behind it */
    size_t len;
};

#endif
