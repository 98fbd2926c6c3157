/* The operator's command line: users, tiers, roles, sessions, the database, signing keys. */
#include "admin/commands.h"
#include "base/secret.h"

#include <stdio.h>

#include <sodium.h>

int main(int argc, char **argv)
{
    secret_protect_process();
    if (sodium_init() < 0) {
        fputs("behest-admin: libsodium cannot be used\n", stderr);
        return ADMIN_FAILED;
    }
    return commands_run(argc, argv);
}
