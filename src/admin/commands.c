#include "admin/commands.h"

#include "admin/database.h"
#include "admin/groups.h"
#include "config.h"

#include <stdio.h>
#include <string.h>

#define USER_ADD_OPTIONS                                                                           \
    (OPTION_SET(OPTION_EMAIL) | OPTION_SET(OPTION_HANDLE) | OPTION_SET(OPTION_FIRST_NAME) |        \
     OPTION_SET(OPTION_LAST_NAME) | OPTION_SET(OPTION_TIER) | OPTION_SET(OPTION_ROLE))

struct command {
    const char *group;
    const char *name; /* NULL: the group is the command */
    int (*run)(struct admin *admin);
    enum database_use database;
    unsigned options; /* besides the general ones */
    int min_words;    /* behind group and name */
    int max_words;
    const char *usage;
    const char *help;
};

static const struct command commands[] = {
    {"user", "add", user_add_command, DATABASE_MAKE, USER_ADD_OPTIONS, 0, 0,
     "--email ADDRESS [...]", "make an account; the password is asked for, or read from stdin"},
    {"user", "list", user_list_command, DATABASE_EXISTING, 0, 0, 0, "", "show all users"},
    {"user", "show", user_show_command, DATABASE_EXISTING, 0, 1, 1, "USER", "show one user"},
    {"user", "set-password", user_set_password_command, DATABASE_EXISTING, 0, 1, 1, "USER",
     "give a new password (asked for, or from stdin); ends the user's sessions"},
    {"user", "disable", user_disable_command, DATABASE_EXISTING, 0, 1, 1, "USER",
     "lock an account; ends the user's sessions"},
    {"user", "enable", user_enable_command, DATABASE_EXISTING, 0, 1, 1, "USER",
     "unlock an account"},
    {"user", "delete", user_delete_command, DATABASE_EXISTING, OPTION_SET(OPTION_YES), 1, 1,
     "USER [--yes]", "remove an account and all that belongs to it, after asking"},
    {"tier", "set", tier_set_command, DATABASE_EXISTING, 0, 2, 2, "USER NUMBER|default",
     "set a user's tier, from the next token on"},
    {"tier", "show", tier_show_command, DATABASE_EXISTING, 0, 1, 1, "USER", "show a user's tier"},
    {"tier", "list", tier_list_command, DATABASE_EXISTING, 0, 0, 0, "",
     "show the users whose tier is not the default"},
    {"role", "add", role_add_command, DATABASE_EXISTING, 0, 2, 2, "USER ROLE", "give a role"},
    {"role", "remove", role_remove_command, DATABASE_EXISTING, 0, 2, 2, "USER ROLE",
     "take a role away"},
    {"session", "list", session_list_command, DATABASE_EXISTING, 0, 0, 1, "[USER]",
     "show who is signed in"},
    {"session", "revoke", session_revoke_command, DATABASE_EXISTING, 0, 1, 1, "USER",
     "sign a user out everywhere"},
    {"db", "migrate", db_migrate_command, DATABASE_NONE, 0, 0, 0, "",
     "make the database, or bring it up to date"},
    {"db", "backup", db_backup_command, DATABASE_EITHER, 0, 1, 1, "FILE",
     "copy the database, or a gateway's, to a new file, also while the server runs"},
    {"db", "check", db_check_command, DATABASE_EXISTING, 0, 0, 0, "",
     "look for damage, and count what is there"},
    {"keygen", NULL, keygen_command, DATABASE_NONE, OPTION_SET(OPTION_OUT), 0, 0, "[--out FILE]",
     "make an RSA key for signing tokens locally"},
    {"doctor", NULL, doctor_command, DATABASE_NONE, OPTION_SET(OPTION_ORIGIN), 0, 0,
     "[--origin URL]", "look what is wrong: settings, key, database, page, gateway, CORS"},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static const char general_help[] =
    "USER is an id, an e-mail address or a handle (an id wins). A new password is asked for twice\n"
    "on a terminal; otherwise it is the first line of standard input.\n"
    "All of it works while the server runs.\n"
    "\n"
    "Exit codes: 0 done; 1 failed (not found, taken, refused, not readable ...); 64 the command\n"
    "line is wrong; 78 no database is named, or the settings are wrong.\n";

static bool is_of_group(const struct command *command, const char *group)
{
    return !group || strcmp(command->group, group) == 0;
}

enum { LINE_SIZE = 80 };

/* Writes "group name usage", of which the latter two may be empty. */
static void format_command(const struct command *command, const char *usage,
                           char ret_line[static LINE_SIZE])
{
    const char *name = command->name ? command->name : "";
    snprintf(ret_line, LINE_SIZE, "%s%s%s%s%s", command->group, *name ? " " : "", name,
             *usage ? " " : "", usage);
}

static void print_command(FILE *file, const struct command *command)
{
    char line[LINE_SIZE];
    format_command(command, command->usage, line);
    fprintf(file, "  %-31s %s\n", line, command->help);
}

/* Some groups are commands themselves. */
static bool is_command(const char *group)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].group, group) == 0)
            return !commands[i].name;
    return false;
}

/* Help about a group; NULL for all of them. */
static void print_help(FILE *file, const char *group)
{
    unsigned options = 0;
    fprintf(file, "Usage: behest-admin %s%s[options]\n\nCommands:\n", group ? group : "GROUP",
            group && is_command(group) ? " " : " COMMAND ");
    for (int i = 0; i < COMMANDS; i++) {
        if (!is_of_group(&commands[i], group))
            continue;
        print_command(file, &commands[i]);
        options |= commands[i].options;
    }
    if (group && strcmp(group, "doctor") == 0)
        fprintf(file, "\n%s", doctor_help);
    fputs("\nOptions:\n", file);
    arguments_print_options(file, options | OPTIONS_GENERAL);
    fprintf(file, "\n%s", general_help);
}

static bool group_exists(const char *group)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].group, group) == 0)
            return true;
    return false;
}

static const struct command *find_command(const struct arguments *arguments)
{
    if (!arguments->words[0])
        return NULL;
    for (int i = 0; i < COMMANDS; i++) {
        if (!is_of_group(&commands[i], arguments->words[0]))
            continue;
        if (!commands[i].name ||
            (arguments->words[1] && strcmp(commands[i].name, arguments->words[1]) == 0))
            return &commands[i];
    }
    return NULL;
}

static int complain_about_words(const struct arguments *arguments)
{
    if (!arguments->words[0])
        print_help(stderr, NULL);
    else if (!group_exists(arguments->words[0]))
        return admin_usage_error("there is no command %s", arguments->words[0]);
    else if (arguments->words[1])
        return admin_usage_error("there is no command %s %s", arguments->words[0],
                                 arguments->words[1]);
    else
        print_help(stderr, arguments->words[0]);
    return ADMIN_USAGE;
}

/* Leaves the command's own words alone in arguments. */
static int take_words(const struct command *command, struct arguments *arguments)
{
    int skip = command->name ? 2 : 1;
    int count = arguments->word_count - skip;
    const char *stray = arguments_stray_option(arguments, command->options | OPTIONS_GENERAL);
    char line[LINE_SIZE];
    format_command(command, stray ? "" : command->usage, line);
    if (stray)
        return admin_usage_error("--%s is not for %s", stray, line);
    if (count < command->min_words || count > command->max_words)
        return admin_usage_error("usage: behest-admin %s", line);
    for (int i = 0; i < WORDS_MAX; i++)
        arguments->words[i] = i + skip < WORDS_MAX ? arguments->words[i + skip] : NULL;
    arguments->word_count = count;
    return ADMIN_OK;
}

static int run(const struct command *command, struct admin *admin)
{
    int code = take_words(command, &admin->arguments);
    if (!code && command->database != DATABASE_NONE)
        code = database_open(admin, command->database);
    if (!code)
        code = command->run(admin);
    db_close(admin->db);
    return code;
}

static int print_version(void)
{
    printf("behest-admin %s\n", PACKAGE_VERSION);
    return ADMIN_OK;
}

static int print_requested_help(const char *group)
{
    if (group && !group_exists(group))
        return admin_usage_error("there is no command %s", group);
    print_help(stdout, group);
    return ADMIN_OK;
}

static int run_arguments(struct admin *admin)
{
    const struct arguments *arguments = &admin->arguments;
    if (arguments->options[OPTION_VERSION])
        return print_version();
    if (arguments->options[OPTION_HELP])
        return print_requested_help(arguments->words[0]);
    const struct command *command = find_command(arguments);
    return command ? run(command, admin) : complain_about_words(arguments);
}

int commands_run(int argc, char **argv)
{
    struct admin admin = {.output.file = stdout};
    BUF_AUTO(problem, 1024);
    if (arguments_parse(argc, argv, &admin.arguments, &problem) != ERR_OK)
        return admin_usage_error("%s", buf_str(&problem));
    admin.output.json = admin.arguments.options[OPTION_JSON] != NULL;
    int code = run_arguments(&admin);
    if (output_finish(&admin.output) != ERR_OK)
        return admin_fail("the output could not be written");
    return code;
}
