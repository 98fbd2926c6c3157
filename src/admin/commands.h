/* The command table of behest-admin. */
#ifndef BEHEST_ADMIN_COMMANDS_H
#define BEHEST_ADMIN_COMMANDS_H

#include "admin/admin.h"

/* Finds and runs the command that the command line names, or prints help or the version. Returns
 * the exit code. */
int commands_run(int argc, char **argv);

#endif
