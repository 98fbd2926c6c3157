#include "support.h"

#include "probe/preflight.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define ORIGIN "https://chat.example.com"
/* No name server has to be asked: a label has at most 63 characters. */
#define NOWHERE "http://nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-.invalid"
#define ACAO "Access-Control-Allow-Origin: "
#define ACAH "Access-Control-Allow-Headers: "
#define ACAM "Access-Control-Allow-Methods: "
#define LET_IN ACAO ORIGIN "\r\n"
#define ALL_HEADERS ACAH "authorization, content-type, x-session-id, x-thread-id\r\n"

static const char *const headers[] = {"authorization", "content-type", "x-session-id",
                                      "x-thread-id", NULL};

static const struct {
    int line;
    int status;
    const char *head;
    enum preflight_verdict verdict;
    const char *words; /* in the message */
} rows[] = {
    {__LINE__, 204, LET_IN ALL_HEADERS ACAM "GET, POST, DELETE\r\n", PREFLIGHT_ALLOWED, ORIGIN},
    {__LINE__, 200, ACAO "*\r\n" ALL_HEADERS, PREFLIGHT_ALLOWED, ORIGIN},
    {__LINE__, 299, LET_IN ALL_HEADERS, PREFLIGHT_ALLOWED, ORIGIN},
    {__LINE__, 204, "access-control-allow-origin:" ORIGIN "\r\n" ALL_HEADERS, PREFLIGHT_ALLOWED,
     ""},
    {__LINE__, 204, ACAO "   " ORIGIN " \t\r\n" ALL_HEADERS, PREFLIGHT_ALLOWED, ""},

    {__LINE__, 204, "", PREFLIGHT_NO_ORIGIN, ORIGIN},
    {__LINE__, 204, ALL_HEADERS, PREFLIGHT_NO_ORIGIN, "sends no Access-Control-Allow-Origin"},
    {__LINE__, 204, "X-" ACAO ORIGIN "\r\n", PREFLIGHT_NO_ORIGIN, ""},

    {__LINE__, 204, ACAO "http://chat.example.com\r\n", PREFLIGHT_OTHER_ORIGIN,
     "http://chat.example.com in, not of " ORIGIN ": the scheme differs"},
    {__LINE__, 204, ACAO "https://www.chat.example.com\r\n", PREFLIGHT_OTHER_ORIGIN,
     "the host name differs"},
    {__LINE__, 204, ACAO ORIGIN ":8443\r\n", PREFLIGHT_OTHER_ORIGIN, "the port differs"},
    {__LINE__, 204, ACAO ORIGIN "/\r\n", PREFLIGHT_OTHER_ORIGIN, "a slash at the end differs"},
    {__LINE__, 204, ACAO "https://Chat.example.com\r\n", PREFLIGHT_OTHER_ORIGIN, "capital letters"},
    {__LINE__, 204, ACAO "null\r\n", PREFLIGHT_OTHER_ORIGIN, "no origin"},
    {__LINE__, 204, ACAO "\r\n", PREFLIGHT_OTHER_ORIGIN, "no origin"},
    {__LINE__, 204, ACAO "* \v\r\n", PREFLIGHT_OTHER_ORIGIN, "no origin"},

    {__LINE__, 204, LET_IN LET_IN ALL_HEADERS, PREFLIGHT_SEVERAL_ORIGINS, ORIGIN ", " ORIGIN},
    {__LINE__, 204, LET_IN ACAO "*\r\n", PREFLIGHT_SEVERAL_ORIGINS, "several"},
    {__LINE__, 204, ACAO "https://a.example, " ORIGIN "\r\n", PREFLIGHT_SEVERAL_ORIGINS, "several"},

    {__LINE__, 204, LET_IN, PREFLIGHT_HEADER_REFUSED,
     "authorization, content-type, x-session-id, x-thread-id"},
    {__LINE__, 204, LET_IN ACAH "Authorization,CONTENT-TYPE,X-Session-Id\r\n",
     PREFLIGHT_HEADER_REFUSED, "let pages send x-thread-id:"},
    {__LINE__, 204,
     LET_IN ACAH "authorization, content-type\r\n" ACAH "x-session-id,x-thread-id\r\n",
     PREFLIGHT_ALLOWED, ""},
    {__LINE__, 204, LET_IN ACAH "*\r\n", PREFLIGHT_HEADER_REFUSED, "* does not stand for"},
    {__LINE__, 204, LET_IN ACAH "*, authorization\r\n", PREFLIGHT_ALLOWED, ""},
    {__LINE__, 204, LET_IN ACAH ",, authorization ,content-type,\tx-session-id , x-thread-id,\r\n",
     PREFLIGHT_ALLOWED, ""},
    {__LINE__, 204, LET_IN ACAH "authorization content-type x-session-id x-thread-id\r\n",
     PREFLIGHT_HEADER_REFUSED, "no list of names"},
    {__LINE__, 204, LET_IN ACAH "authorization; content-type, *\r\n", PREFLIGHT_HEADER_REFUSED,
     "no list of names"},
    {__LINE__, 204, LET_IN ACAH "authorizations, content-typ, xx-session-id, x-thread-id\r\n",
     PREFLIGHT_HEADER_REFUSED, "send authorization, content-type, x-session-id:"},

    /* POST needs no permission, but a list that is none is an error. */
    {__LINE__, 204, LET_IN ALL_HEADERS ACAM "GET\r\n", PREFLIGHT_ALLOWED, ""},
    {__LINE__, 204, LET_IN ALL_HEADERS ACAM "GET POST\r\n", PREFLIGHT_METHOD_REFUSED,
     "\"GET POST\""},

    {__LINE__, 301, LET_IN ALL_HEADERS "Location: https://www.gateway.example/v1\r\n",
     PREFLIGHT_REDIRECT, "https://www.gateway.example/v1"},
    {__LINE__, 308, "Location: https://x/\x1b[31m\xff\r\n", PREFLIGHT_REDIRECT, "https://x/?[31m?"},
    {__LINE__, 302, "", PREFLIGHT_REDIRECT, "nowhere"},

    {__LINE__, 404, LET_IN ALL_HEADERS, PREFLIGHT_STATUS, "404"},
    {__LINE__, 405, "", PREFLIGHT_STATUS, "405"},
    {__LINE__, 403, "", PREFLIGHT_STATUS, "403"},
    {__LINE__, 500, LET_IN ALL_HEADERS, PREFLIGHT_STATUS, "500"},
};

static struct preflight_question question(const char *method)
{
    return (struct preflight_question){.origin = ORIGIN,
                                       .url = "https://gateway.example/v1/chat/completions",
                                       .method = method,
                                       .headers = headers};
}

static struct probe_answer answer(int status, const char *head)
{
    struct probe_answer answer = {.status = status, .head = BUF_MAX(PROBE_HEAD_MAX_BYTES)};
    buf_adds(&answer.head, head);
    return answer;
}

static void answers_are_judged_as_browsers_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct preflight_question asked = question("POST");
        struct probe_answer given = answer(rows[i].status, rows[i].head);
        struct preflight_finding finding;
        preflight_judge(&asked, &given, &finding);
        if (finding.verdict != rows[i].verdict || !strstr(buf_str(&finding.message), rows[i].words))
            fail_msg("row of line %d: %s: %s", rows[i].line, preflight_code(finding.verdict),
                     buf_str(&finding.message));
        assert_row(rows[i].line, preflight_passes(finding.verdict) == (finding.advice.len == 0));
        preflight_finding_free(&finding);
        probe_answer_free(&given);
    }
}

static const struct {
    int line;
    const char *method;
    const char *allowed;
    bool passes;
} methods[] = {
    {__LINE__, "DELETE", "GET, POST, DELETE", true},
    {__LINE__, "DELETE", "*", true},
    {__LINE__, "DELETE", "GET, POST", false},
    {__LINE__, "DELETE", "delete", false},
    {__LINE__, "DELETE", "", false},
    {__LINE__, "GET", "", true},
    {__LINE__, "PATCH", "POST,PATCH", true},
};

static void other_methods_have_to_be_listed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        char head[512];
        snprintf(head, sizeof head, "%s%s%s%s\r\n", LET_IN, ALL_HEADERS, ACAM, methods[i].allowed);
        const struct preflight_question asked = question(methods[i].method);
        struct probe_answer given = answer(204, head);
        struct preflight_finding finding;
        preflight_judge(&asked, &given, &finding);
        assert_row(methods[i].line,
                   finding.verdict ==
                       (methods[i].passes ? PREFLIGHT_ALLOWED : PREFLIGHT_METHOD_REFUSED));
        preflight_finding_free(&finding);
        probe_answer_free(&given);
    }
}

static void the_pages_own_origin_needs_no_permission(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *url;
        int status;
        enum preflight_verdict verdict;
    } cases[] = {
        {__LINE__, ORIGIN "/gateway/v1/chat/completions", 204, PREFLIGHT_SAME_ORIGIN},
        {__LINE__, ORIGIN ":443/v1/chat/completions", 405, PREFLIGHT_SAME_ORIGIN},
        {__LINE__, ORIGIN "/v1/chat/completions", 502, PREFLIGHT_STATUS},
        {__LINE__, ORIGIN ":8443/v1/chat/completions", 204, PREFLIGHT_NO_ORIGIN},
        {__LINE__, "http://chat.example.com/v1/chat/completions", 204, PREFLIGHT_NO_ORIGIN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preflight_question asked = question("POST");
        struct probe_answer given = answer(cases[i].status, "");
        struct preflight_finding finding;
        asked.url = cases[i].url;
        preflight_judge(&asked, &given, &finding);
        assert_row(cases[i].line, finding.verdict == cases[i].verdict);
        preflight_finding_free(&finding);
        probe_answer_free(&given);
    }
}

static void an_address_of_this_machine_is_of_no_use_elsewhere(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *origin;
        const char *url;
        enum preflight_verdict verdict;
    } cases[] = {
        {__LINE__, ORIGIN, "http://127.0.0.1:8081/v1/chat/completions", PREFLIGHT_LOOPBACK},
        {__LINE__, ORIGIN, "https://localhost/v1/chat/completions", PREFLIGHT_LOOPBACK},
        {__LINE__, "http://localhost:3000", "http://127.0.0.1:8081/x", PREFLIGHT_ALLOWED},
        {__LINE__, "http://localhost:3000", "https://gateway.example/x", PREFLIGHT_ALLOWED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preflight_question asked = question("POST");
        struct probe_answer given = answer(204, ACAO "*\r\n" ALL_HEADERS);
        struct preflight_finding finding;
        asked.origin = cases[i].origin;
        asked.url = cases[i].url;
        preflight_judge(&asked, &given, &finding);
        assert_row(cases[i].line, finding.verdict == cases[i].verdict);
        preflight_finding_free(&finding);
        probe_answer_free(&given);
    }
}

static void what_keeps_the_gateway_from_answering_is_told(void **state)
{
    (void)state;
    static const struct {
        int line;
        enum probe_outcome outcome;
        enum probe_step step;
        const char *reason;
        enum preflight_verdict verdict;
        const char *words;
    } cases[] = {
        {__LINE__, PROBE_NO_SUCH_NAME, PROBE_NAME, "", PREFLIGHT_NO_SUCH_NAME, "does not resolve"},
        {__LINE__, PROBE_REFUSED, PROBE_CONNECTION, "", PREFLIGHT_REFUSED, "refused"},
        {__LINE__, PROBE_UNREACHABLE, PROBE_CONNECTION, "No route to host", PREFLIGHT_UNREACHABLE,
         "No route to host"},
        {__LINE__, PROBE_TIMED_OUT, PROBE_CONNECTION, "", PREFLIGHT_TIMED_OUT, "the connection"},
        {__LINE__, PROBE_TIMED_OUT, PROBE_HTTP, "", PREFLIGHT_TIMED_OUT, "waited for the answer"},
        {__LINE__, PROBE_TLS_EXPIRED, PROBE_TLS, "", PREFLIGHT_TLS, "expired"},
        {__LINE__, PROBE_TLS_UNKNOWN_ISSUER, PROBE_TLS, "", PREFLIGHT_TLS, "issuer"},
        {__LINE__, PROBE_TLS_WRONG_HOST, PROBE_TLS, "", PREFLIGHT_TLS, "another host name"},
        {__LINE__, PROBE_TLS_FAILED, PROBE_TLS, "routines::wrong version number", PREFLIGHT_TLS,
         "does not speak TLS"},
        {__LINE__, PROBE_TLS_FAILED, PROBE_TLS, "tlsv1 alert protocol version", PREFLIGHT_TLS,
         "no TLS 1.2"},
        {__LINE__, PROBE_TLS_FAILED, PROBE_TLS, "strange", PREFLIGHT_TLS, "strange"},
        {__LINE__, PROBE_BROKEN, PROBE_HTTP, "Empty reply from server", PREFLIGHT_BROKEN,
         "Empty reply"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct preflight_question asked = question("POST");
        struct probe_answer given = {.outcome = cases[i].outcome, .step = cases[i].step};
        struct preflight_finding finding;
        snprintf(given.reason, sizeof given.reason, "%s", cases[i].reason);
        preflight_judge(&asked, &given, &finding);
        assert_row(cases[i].line, finding.verdict == cases[i].verdict);
        assert_row(cases[i].line, strstr(buf_str(&finding.message), cases[i].words));
        assert_row(cases[i].line, strstr(buf_str(&finding.message), "gateway.example"));
        assert_row(cases[i].line, finding.advice.len > 0);
        preflight_finding_free(&finding);
    }
}

static void a_page_by_https_cannot_use_a_gateway_without(void **state)
{
    (void)state;
    struct preflight_finding finding;
    assert_int_equal(preflight_check(NOWHERE, ORIGIN, &finding), ERR_OK);
    assert_int_equal(finding.verdict, PREFLIGHT_MIXED_CONTENT);
    preflight_finding_free(&finding);
    assert_int_equal(preflight_check(NOWHERE, "http://chat.example.com", &finding), ERR_OK);
    assert_int_not_equal(finding.verdict, PREFLIGHT_MIXED_CONTENT);
    preflight_finding_free(&finding);
    assert_int_equal(preflight_check("http://127.0.0.1:1", ORIGIN, &finding), ERR_OK);
    assert_int_equal(finding.verdict, PREFLIGHT_REFUSED);
    preflight_finding_free(&finding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_judged_as_browsers_do),
        cmocka_unit_test(other_methods_have_to_be_listed),
        cmocka_unit_test(the_pages_own_origin_needs_no_permission),
        cmocka_unit_test(an_address_of_this_machine_is_of_no_use_elsewhere),
        cmocka_unit_test(what_keeps_the_gateway_from_answering_is_told),
        cmocka_unit_test(a_page_by_https_cannot_use_a_gateway_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
