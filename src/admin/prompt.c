#include "admin/prompt.h"

#include "base/cleanup.h"
#include "base/secret.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

/* Reads up to the end of the line, byte by byte because what follows is not ours. */
static enum err read_line(char line[static PROMPT_LINE_MAX + 1], const char **ret_problem)
{
    size_t len = 0;
    for (;;) {
        char c = '\0';
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_IO;
        if (got == 0 || c == '\n')
            break;
        if (c == '\0' || len == PROMPT_LINE_MAX) {
            *ret_problem = c ? "The password is too long" : "The password contains a NUL character";
            return ERR_INVALID;
        }
        line[len++] = c;
    }
    if (len && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    return ERR_OK;
}

/* Signals that would leave the terminal without echo if they ended or stopped the program. */
static sigset_t terminal_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTSTP);
    return set;
}

/* Waits until there is a line. False when a signal came first: it is still pending. */
static bool wait_for_line(const sigset_t *signals)
{
    AUTO_CLOSE int signal_fd = signalfd(-1, signals, SFD_CLOEXEC);
    struct pollfd wanted[] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = signal_fd, .events = POLLIN},
    };
    while (poll(wanted, 2, -1) < 0 && errno == EINTR)
        ;
    return wanted[1].revents == 0;
}

/* The terminal while its echo is off, with those signals held back. */
struct hidden {
    struct termios shown;
    sigset_t signals;
    sigset_t mask_before;
};

static enum err hide(struct hidden *hidden)
{
    if (tcgetattr(STDIN_FILENO, &hidden->shown) != 0)
        return ERR_IO;
    struct termios quiet = hidden->shown;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    hidden->signals = terminal_signals();
    sigprocmask(SIG_BLOCK, &hidden->signals, &hidden->mask_before);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    return ERR_OK;
}

static void show(const struct hidden *hidden)
{
    tcsetattr(STDIN_FILENO, TCSADRAIN, &hidden->shown);
    sigprocmask(SIG_SETMASK, &hidden->mask_before, NULL);
}

static enum err ask(const struct hidden *hidden, const char *question,
                    char line[static PROMPT_LINE_MAX + 1], const char **ret_problem)
{
    fputs(question, stderr);
    enum err err = ERR_INVALID;
    *ret_problem = "Interrupted; nothing was changed";
    if (wait_for_line(&hidden->signals))
        err = read_line(line, ret_problem);
    fputs("\n", stderr);
    return err;
}

static enum err ask_twice(char *password, const char **ret_problem)
{
    struct hidden hidden;
    char *again = sodium_malloc(PROMPT_LINE_MAX + 1);
    enum err err = again ? hide(&hidden) : ERR_NOMEM;
    if (!err) {
        err = ask(&hidden, "New password: ", password, ret_problem);
        if (!err && *password)
            err = ask(&hidden, "The same again: ", again, ret_problem);
        show(&hidden);
    }
    if (!err && *password && !secret_equal(password, again)) {
        *ret_problem = "The two passwords differ; nothing was changed";
        err = ERR_INVALID;
    }
    secret_free(again);
    return err;
}

enum err prompt_new_password(char **ret_password, const char **ret_problem)
{
    char *password = sodium_malloc(PROMPT_LINE_MAX + 1);
    if (!password)
        return ERR_NOMEM;
    enum err err =
        isatty(STDIN_FILENO) ? ask_twice(password, ret_problem) : read_line(password, ret_problem);
    if (!err && !*password) {
        *ret_problem = "There is no password: type it at the terminal, or give it as the first "
                       "line of standard input";
        err = ERR_INVALID;
    }
    if (err) {
        secret_free(password);
        return err;
    }
    *ret_password = password;
    return ERR_OK;
}

bool prompt_is_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool prompt_confirm(const char *question)
{
    char answer[16] = "";
    fprintf(stderr, "%s Type yes to go on: ", question);
    if (!fgets(answer, sizeof answer, stdin))
        return false;
    answer[strcspn(answer, "\n")] = '\0';
    return strcmp(answer, "yes") == 0;
}
