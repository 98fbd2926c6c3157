/* Small files, whole. */
#ifndef BEHEST_BASE_FILE_H
#define BEHEST_BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Adds the content of the file at path. ERR_IO with errno (ETIMEDOUT when a pipe is not read to its
 * end within 5 s), or ERR_TOO_LARGE when it is more than content can take. */
MUST_CHECK enum err file_read(const char *path, struct buf *content);

/* The same for what is left of an open file. */
MUST_CHECK enum err file_read_fd(int fd, struct buf *content);

/* Writes a new file with mode 0600 that appears at path whole or not at all, also when several
 * processes try at once. ERR_CONFLICT when path exists already: it is left as it is. */
MUST_CHECK enum err file_create(const char *path, const void *data, size_t len);

#endif
