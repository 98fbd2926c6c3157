/* behest-admin role */
#include "admin/groups.h"

#include <stdio.h>

int role_add_command(struct admin *admin)
{
    struct user user;
    const char *role = admin->arguments.words[1];
    if (!admin_is_role(role))
        return admin_usage_error(ADMIN_ROLE_RULE);
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (code)
        return code;
    enum err err = user_role_add(admin->db, user.id, role);
    if (err == ERR_CONFLICT)
        return admin_fail("%s has the role %s already", user.handle, role);
    if (err)
        return admin_fail_err(err);
    return admin_print_user(admin, &user, NULL, NULL, "%s has the role %s now", user.handle, role);
}

int role_remove_command(struct admin *admin)
{
    struct user user;
    const char *role = admin->arguments.words[1];
    int code = admin_find_user(admin, admin->arguments.words[0], &user);
    if (code)
        return code;
    enum err err = user_role_remove(admin->db, user.id, role);
    if (err == ERR_NOT_FOUND)
        return admin_fail("%s does not have the role %s; behest-admin user show %s shows all",
                          user.handle, role, user.id);
    if (err)
        return admin_fail_err(err);
    return admin_print_user(admin, &user, NULL, NULL, "%s no longer has the role %s", user.handle,
                            role);
}
