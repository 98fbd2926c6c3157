/* Brings a database to the schema's version. */
#ifndef BEHEST_STORE_MIGRATE_H
#define BEHEST_STORE_MIGRATE_H

#include "store/db.h"

/* Runs the migrations that the database lacks in one transaction, so that whoever is killed in
 * between leaves it as it was, and of several processes one does the work. Errors as for db_open().
 */
MUST_CHECK enum err migrate(struct db *db, const struct db_schema *schema, struct buf *problem);

#endif
