/* The schemas of the two databases; their migrations are the files of sql/. */
#ifndef BEHEST_STORE_SCHEMA_H
#define BEHEST_STORE_SCHEMA_H

#include "store/db.h"

extern const struct db_schema app_schema;     /* behest-fcgi's, sql/app */
extern const struct db_schema gateway_schema; /* behest-gateway's, sql/gateway */

/* The version that a database has after all migrations. */
int schema_version(const struct db_schema *schema);

#endif
