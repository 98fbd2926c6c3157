#include "admin/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    const char *value; /* what stands for the value in the help; NULL: takes none */
    const char *help;
} options[OPTION_COUNT] = {
    [OPTION_DATABASE] = {"database", "FILE", "the database; otherwise CHAT_DATABASE names it"},
    [OPTION_ENV_FILE] = {"env-file", "FILE", "settings as NAME=value lines; the environment wins"},
    [OPTION_JSON] = {"json", NULL, "print JSON for programs"},
    [OPTION_HELP] = {"help", NULL, "print help, and exit"},
    [OPTION_VERSION] = {"version", NULL, "print the version, and exit"},
    [OPTION_EMAIL] = {"email", "ADDRESS", "e-mail address to sign in with"},
    [OPTION_HANDLE] = {"handle", "NAME", "3 to 50 characters; otherwise made from the address"},
    [OPTION_FIRST_NAME] = {"first-name", "NAME", "at most 50 characters"},
    [OPTION_LAST_NAME] = {"last-name", "NAME", "at most 50 characters"},
    [OPTION_TIER] = {"tier", "NUMBER", "1 to 1000; otherwise the server's default"},
    [OPTION_ROLE] = {"role", "ROLE", "a first role, such as admin"},
    [OPTION_YES] = {"yes", NULL, "do not ask for confirmation"},
    [OPTION_OUT] = {"out", "FILE", "write the secret settings to a new file (mode 0600)"},
    [OPTION_ORIGIN] = {"origin", "URL", "the page's address; otherwise CHAT_SITE_URL"},
};

/* getopt's codes: apart from characters. */
enum { FIRST_CODE = 256 };

/* The table above in getopt's own form. */
struct long_options {
    struct option entries[OPTION_COUNT + 1];
};

static struct long_options long_options(void)
{
    struct long_options list = {0};
    for (int i = 0; i < OPTION_COUNT; i++)
        list.entries[i] = (struct option){
            .name = options[i].name,
            .has_arg = options[i].value ? required_argument : no_argument,
            .val = FIRST_CODE + i,
        };
    return list;
}

/* What getopt_long() did not like, without a value that may be a secret. */
static enum err describe_mistake(int code, char **argv, struct buf *problem)
{
    const char *text = argv[optind - 1];
    int name_len = (int)strcspn(text, "=");
    if (code == ':')
        buf_addf(problem, "the option %.*s needs a value", name_len, text);
    else if (optopt >= FIRST_CODE)
        buf_addf(problem, "the option %.*s takes no value", name_len, text);
    else if (optopt)
        buf_addf(problem, "there is no option -%c", optopt);
    else
        buf_addf(problem, "there is no option %.*s", name_len, text);
    return ERR_INVALID;
}

static enum err set_option(struct arguments *arguments, int index, struct buf *problem)
{
    if (arguments->options[index]) {
        buf_addf(problem, "the option --%s is given twice", options[index].name);
        return ERR_INVALID;
    }
    arguments->options[index] = optarg ? optarg : "";
    return ERR_OK;
}

static enum err read_options(int argc, char **argv, struct arguments *arguments,
                             struct buf *problem)
{
    struct long_options list = long_options();
    enum err err = ERR_OK;
    int code;
    opterr = 0;
    while (!err && (code = getopt_long(argc, argv, ":h", list.entries, NULL)) != -1) {
        if (code == 'h')
            arguments->options[OPTION_HELP] = "";
        else if (code < FIRST_CODE)
            err = describe_mistake(code, argv, problem);
        else
            err = set_option(arguments, code - FIRST_CODE, problem);
    }
    return err;
}

enum err arguments_parse(int argc, char **argv, struct arguments *ret_arguments,
                         struct buf *problem)
{
    struct arguments arguments = {0};
    enum err err = read_options(argc, argv, &arguments, problem);
    if (err)
        return err;
    if (argc - optind > WORDS_MAX) {
        buf_addf(problem, "there is an argument too many: %s", argv[optind + WORDS_MAX]);
        return ERR_INVALID;
    }
    while (optind < argc)
        arguments.words[arguments.word_count++] = argv[optind++];
    *ret_arguments = arguments;
    return ERR_OK;
}

const char *arguments_stray_option(const struct arguments *arguments, unsigned set)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        if (arguments->options[i] && !(set & OPTION_SET(i)))
            return options[i].name;
    return NULL;
}

void arguments_print_options(FILE *file, unsigned set)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        if (!(set & OPTION_SET(i)))
            continue;
        const char *value = options[i].value ? options[i].value : "";
        int pad = 22 - (int)(strlen(options[i].name) + strlen(value));
        fprintf(file, "  --%s %s%*s%s\n", options[i].name, value, pad, "", options[i].help);
    }
}

bool arguments_number(const char *text, int min, int max, int *ret_number)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end || number < min || number > max)
        return false;
    *ret_number = (int)number;
    return true;
}
