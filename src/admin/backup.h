/* Copies of a database that is in use. */
#ifndef BEHEST_ADMIN_BACKUP_H
#define BEHEST_ADMIN_BACKUP_H

#include "store/db.h"

#include <stdbool.h>

/* Copies the database, as it is at one moment, to a new file at path with mode 0600, and checks the
 * copy. The file appears whole or not at all: it is written as PATH.partial-XXXXXX first, which
 * whoever is killed leaves behind. The server may go on writing meanwhile. ERR_CONFLICT when path
 * exists already; ERR_IO, ERR_DATABASE; problem gets a sentence. */
MUST_CHECK enum err backup_create(struct db *db, const char *path, bool show_progress,
                                  int64_t *ret_bytes, struct buf *problem);

/* Adds to problem what PRAGMA integrity_check finds, a line each; nothing when all is well. */
MUST_CHECK enum err backup_check_integrity(sqlite3 *handle, struct buf *problem);

#endif
