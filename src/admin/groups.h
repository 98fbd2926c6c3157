/* The handlers of the command table, a file per group. Each returns an exit code, having printed
 * what it did or what is wrong. */
#ifndef BEHEST_ADMIN_GROUPS_H
#define BEHEST_ADMIN_GROUPS_H

#include "admin/admin.h"

/* user.c */
int user_add_command(struct admin *admin);
int user_list_command(struct admin *admin);
int user_show_command(struct admin *admin);
int user_set_password_command(struct admin *admin);
int user_disable_command(struct admin *admin);
int user_enable_command(struct admin *admin);
int user_delete_command(struct admin *admin);

/* tier.c */
int tier_set_command(struct admin *admin);
int tier_show_command(struct admin *admin);
int tier_list_command(struct admin *admin);

/* role.c */
int role_add_command(struct admin *admin);
int role_remove_command(struct admin *admin);

/* session.c */
int session_list_command(struct admin *admin);
int session_revoke_command(struct admin *admin);

/* db.c */
int db_migrate_command(struct admin *admin);
int db_backup_command(struct admin *admin);
int db_check_command(struct admin *admin);

/* keygen.c */
int keygen_command(struct admin *admin);

/* doctor.c */
int doctor_command(struct admin *admin);
extern const char doctor_help[]; /* what the table has no room for */

#endif
