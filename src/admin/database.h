/* Which database, and opening it. */
#ifndef BEHEST_ADMIN_DATABASE_H
#define BEHEST_ADMIN_DATABASE_H

#include "admin/admin.h"

enum database_use {
    DATABASE_NONE,
    DATABASE_EXISTING, /* a missing file is an error */
    DATABASE_EITHER,   /* the same, and it may be behest-gateway's */
    DATABASE_MAKE,     /* a missing file is made */
};

enum { DATABASE_PATH_SIZE = 4096 };

/* The path from --database, CHAT_DATABASE in the environment or in the file of --env-file. Returns
 * an exit code, having said what is wrong. */
int database_path(const struct admin *admin, char ret_path[static DATABASE_PATH_SIZE]);

/* Opens it, brought up to date, as admin->db. Returns an exit code, likewise. */
int database_open(struct admin *admin, enum database_use use);

/* The schema version that the file at path has before it is opened by anything that could change
 * it: 0 when there is none. ERR_DATABASE when it cannot be read. */
MUST_CHECK enum err database_peek_version(const char *path, int *ret_version);

#endif
