#include "support.h"

#include "base/file.h"
#include "probe/fetch.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Makes the authority ca.pem, and certificates from it: good.pem for 127.0.0.1 and localhost,
 * other.pem for other.example, old.pem whose time is over. */
static const char make_certificates[] =
    "set -e; cd \"$0\"\n"
    "key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $1.key; }\n"
    "key ca; openssl req -x509 -key ca.key -out ca.pem -days 2 -subj /CN=authority\n"
    "issue() {\n"
    "    key $1; printf 'subjectAltName=%s\\n' $2 >$1.ext\n"
    "    openssl req -new -key $1.key -subj /CN=$1 |\n"
    "        openssl x509 -req -CA ca.pem -CAkey ca.key -set_serial $4 -days $3 -extfile $1.ext "
    "-out $1.pem\n"
    "}\n"
    "issue good IP:127.0.0.1,DNS:localhost 2 2\n"
    "issue other DNS:other.example 2 3\n"
    "issue old IP:127.0.0.1 -1 4\n";

struct fixture {
    char folder[TEST_PATH_SIZE];
    char ca[TEST_PATH_SIZE];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    test_folder_make(fixture.folder);
    test_path(fixture.ca, fixture.folder, "ca.pem");
    assert_int_equal(probe_begin(), ERR_OK);
    pid_t pid = fork();
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(126);
        execlp("sh", "sh", "-c", make_certificates, fixture.folder, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    *state = &fixture;
    return status;
}

static int tear_down(void **state)
{
    const struct fixture *fixture = *state;
    test_folder_remove(fixture->folder);
    probe_end();
    return 0;
}

/* No name server has to be asked: a label has at most 63 characters. */
#define NOWHERE "nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-.invalid"

static int listen_somewhere(int *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* A server that does not outlive the tests, also when one fails. */
static pid_t fork_server(void)
{
    pid_t pid = fork();
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

/* A child that gives every connection the same bytes, once it has seen the end of a head; none:
 * closes at once. */
static pid_t answer_with(const char *bytes, int *ret_port)
{
    int fd = listen_somewhere(ret_port);
    pid_t pid = fork_server();
    if (pid) {
        close(fd);
        return pid;
    }
    for (;;) {
        char head[4096];
        int connection = accept(fd, NULL, NULL);
        if (bytes && read(connection, head, sizeof head) > 0 &&
            write(connection, bytes, strlen(bytes)) > 0)
            shutdown(connection, SHUT_WR);
        close(connection);
    }
}

/* openssl s_server with a certificate of the fixture's. */
static pid_t serve_tls(const struct fixture *fixture, const char *name, const char *version,
                       int *ret_port)
{
    int out[2];
    char cert[TEST_PATH_SIZE + 8];
    char key[TEST_PATH_SIZE + 8];
    char line[256] = "";
    snprintf(cert, sizeof cert, "%s/%s.pem", fixture->folder, name);
    snprintf(key, sizeof key, "%s/%s.key", fixture->folder, name);
    assert_int_equal(pipe(out), 0);
    pid_t pid = fork_server();
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        if (!freopen("/dev/null", "w", stderr))
            _exit(126);
        close(out[0]);
        execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", cert, "-key",
               key, "-cipher", "DEFAULT@SECLEVEL=0", "-www", version, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *file = fdopen(out[0], "r");
    *ret_port = 0;
    while (!*ret_port && fgets(line, sizeof line, file)) {
        const char *colon = strrchr(line, ':');
        if (strncmp(line, "ACCEPT", 6) == 0 && colon)
            *ret_port = (int)strtol(colon + 1, NULL, 10);
    }
    assert_int_not_equal(*ret_port, 0);
    fclose(file);
    return pid;
}

static void stop(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static struct probe_answer fetch(const char *scheme, const char *host, int port,
                                 const char *ca_file)
{
    char url[256];
    struct probe_answer answer;
    snprintf(url, sizeof url, "%s://%s:%d/x", scheme, host, port);
    const struct probe_request request = {
        .method = "GET", .url = url, .ca_file = ca_file, .timeout_ms = 4000};
    assert_int_equal(probe_fetch(&request, &answer), ERR_OK);
    return answer;
}

static void certificates_are_told_apart(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        int line;
        const char *certificate;
        const char *host;
        bool trusted;
        enum probe_outcome outcome;
    } rows[] = {
        {__LINE__, "good", "127.0.0.1", true, PROBE_ANSWERED},
        {__LINE__, "good", "localhost", true, PROBE_ANSWERED},
        {__LINE__, "good", "127.0.0.1", false, PROBE_TLS_UNKNOWN_ISSUER},
        {__LINE__, "ca", "127.0.0.1", false, PROBE_TLS_UNKNOWN_ISSUER},
        {__LINE__, "other", "127.0.0.1", true, PROBE_TLS_WRONG_HOST},
        {__LINE__, "other", "localhost", true, PROBE_TLS_WRONG_HOST},
        {__LINE__, "old", "127.0.0.1", true, PROBE_TLS_EXPIRED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int port = 0;
        pid_t server = serve_tls(fixture, rows[i].certificate, "-tls1_2", &port);
        struct probe_answer answer =
            fetch("https", rows[i].host, port, rows[i].trusted ? fixture->ca : NULL);
        stop(server);
        if (answer.outcome != rows[i].outcome)
            fail_msg("row of line %d: %d %s", rows[i].line, answer.outcome, answer.reason);
        bool answered = rows[i].outcome == PROBE_ANSWERED;
        assert_row(rows[i].line, answer.step == (answered ? PROBE_HTTP : PROBE_TLS));
        assert_row(rows[i].line, answer.status == (answered ? 200 : 0));
        assert_row(rows[i].line, !answered || answer.ms[PROBE_TLS] > 0);
        assert_row(rows[i].line, (*answer.reason == '\0') == answered);
        assert_row(rows[i].line, strcmp(answer.address, "127.0.0.1") == 0);
        probe_answer_free(&answer);
    }
}

static void tls_before_1_2_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    int port = 0;
    pid_t server = serve_tls(fixture, "good", "-tls1_1", &port);
    struct probe_answer answer = fetch("https", "127.0.0.1", port, fixture->ca);
    stop(server);
    BUF_AUTO(sentence, 1024);
    BUF_AUTO(advice, 1024);
    assert_int_equal(answer.outcome, PROBE_TLS_FAILED);
    probe_describe_failure(&answer, "https://127.0.0.1/x", &sentence, &advice);
    assert_non_null(strstr(buf_str(&sentence), "no TLS 1.2"));
    probe_answer_free(&answer);
}

static void a_port_without_tls_is_told(void **state)
{
    (void)state;
    int port = 0;
    pid_t server = answer_with("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", &port);
    struct probe_answer answer = fetch("https", "127.0.0.1", port, NULL);
    stop(server);
    BUF_AUTO(sentence, 1024);
    BUF_AUTO(advice, 1024);
    assert_int_equal(answer.outcome, PROBE_TLS_FAILED);
    probe_describe_failure(&answer, "https://127.0.0.1/x", &sentence, &advice);
    assert_string_equal(buf_str(&sentence), "127.0.0.1 does not speak TLS on this port");
    probe_answer_free(&answer);
}

static void answers_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *bytes;
        enum probe_outcome outcome;
        int status;
        const char *value; /* of the header X */
        int64_t date;
    } rows[] = {
        {__LINE__, "HTTP/1.1 200 OK\r\nX: a\r\n\r\nbody", PROBE_ANSWERED, 200, "a", 0},
        {__LINE__, "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\n\r\n", PROBE_ANSWERED,
         301, "", 0},
        {__LINE__, "HTTP/1.1 204 No\r\nx:b\r\nXX: no\r\nX: \tc \r\n\r\n", PROBE_ANSWERED, 204,
         "b, c", 0},
        {__LINE__, "HTTP/1.1 103 Early\r\nX: early\r\n\r\nHTTP/1.1 200 OK\r\nX: late\r\n\r\n",
         PROBE_ANSWERED, 200, "late", 0},
        /* an endless body does not matter */
        {__LINE__, "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\nX: a\r\n\r\nb", PROBE_ANSWERED,
         200, "a", 0},
        {__LINE__, "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n", PROBE_ANSWERED,
         200, "", 784111777},
        {__LINE__, "HTTP/1.1 200 OK\r\nDate: tomorrow\r\n\r\n", PROBE_ANSWERED, 200, "", 0},
        {__LINE__, "HTTP/1.1 200 OK\r\nX: a\r\n", PROBE_BROKEN, 0, NULL, 0},
        {__LINE__, "SSH-2.0-OpenSSH_9.2\r\n", PROBE_BROKEN, 0, NULL, 0},
        {__LINE__, NULL, PROBE_BROKEN, 0, NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int port = 0;
        pid_t server = answer_with(rows[i].bytes, &port);
        struct probe_answer answer = fetch("http", "127.0.0.1", port, NULL);
        stop(server);
        BUF_AUTO(value, 256);
        probe_header(&answer, "X", &value);
        if (answer.outcome != rows[i].outcome)
            fail_msg("row of line %d: %d %s", rows[i].line, answer.outcome, answer.reason);
        assert_row(rows[i].line, answer.status == rows[i].status);
        assert_row(rows[i].line, answer.date == rows[i].date);
        assert_row(rows[i].line, !rows[i].value || strcmp(buf_str(&value), rows[i].value) == 0);
        probe_answer_free(&answer);
    }
}

static void a_head_has_its_limit(void **state)
{
    (void)state;
    BUF_AUTO(bytes, 2 * PROBE_HEAD_MAX_BYTES);
    int port = 0;
    buf_adds(&bytes, "HTTP/1.1 200 OK\r\n");
    while (bytes.len < PROBE_HEAD_MAX_BYTES + 1024)
        buf_adds(&bytes, "X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
    buf_adds(&bytes, "\r\n");
    pid_t server = answer_with(buf_str(&bytes), &port);
    struct probe_answer answer = fetch("http", "127.0.0.1", port, NULL);
    stop(server);
    assert_int_equal(answer.outcome, PROBE_BROKEN);
    assert_true(answer.head.len <= PROBE_HEAD_MAX_BYTES);
    probe_answer_free(&answer);
}

static void what_does_not_answer_is_told_apart(void **state)
{
    (void)state;
    int port = 0;
    int fd = listen_somewhere(&port);
    struct probe_answer answer;
    char url[256];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    const struct probe_request request = {.method = "GET", .url = url, .timeout_ms = 300};
    assert_int_equal(probe_fetch(&request, &answer), ERR_OK); /* nobody accepts */
    assert_int_equal(answer.outcome, PROBE_TIMED_OUT);
    assert_int_equal(answer.step, PROBE_HTTP);
    probe_answer_free(&answer);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", port);
    assert_int_equal(probe_fetch(&request, &answer), ERR_OK);
    assert_int_equal(answer.outcome, PROBE_TIMED_OUT);
    assert_int_equal(answer.step, PROBE_TLS);
    probe_answer_free(&answer);
    close(fd);
    answer = fetch("http", "127.0.0.1", port, NULL);
    assert_int_equal(answer.outcome, PROBE_REFUSED);
    assert_int_equal(answer.step, PROBE_CONNECTION);
    probe_answer_free(&answer);
    answer = fetch("http", NOWHERE, 80, NULL);
    assert_int_equal(answer.outcome, PROBE_NO_SUCH_NAME);
    assert_int_equal(answer.step, PROBE_NAME);
    probe_answer_free(&answer);
}

static void only_the_web_is_asked(void **state)
{
    const struct fixture *fixture = *state;
    char url[TEST_PATH_SIZE + 16];
    struct probe_answer answer;
    snprintf(url, sizeof url, "file://%s", fixture->ca);
    const struct probe_request request = {.method = "GET", .url = url};
    assert_int_equal(probe_fetch(&request, &answer), ERR_OK);
    assert_int_equal(answer.outcome, PROBE_BROKEN);
    assert_int_equal(answer.head.len, 0);
    probe_answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_are_told_apart),
        cmocka_unit_test(tls_before_1_2_is_refused),
        cmocka_unit_test(a_port_without_tls_is_told),
        cmocka_unit_test(answers_are_told_apart),
        cmocka_unit_test(a_head_has_its_limit),
        cmocka_unit_test(what_does_not_answer_is_told_apart),
        cmocka_unit_test(only_the_web_is_asked),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
