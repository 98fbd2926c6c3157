#include "probe/preflight.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX_BYTES = 4096, HEADER_MAX_BYTES = 8 * 1024 };

static const char allow_origin[] = "Access-Control-Allow-Origin";
static const char allow_headers[] = "Access-Control-Allow-Headers";
static const char allow_methods[] = "Access-Control-Allow-Methods";

/* What www/src/net/gateway.ts sends besides what needs no permission: sorted, as browsers ask. */
static const char *const page_headers[] = {"authorization", "content-type", "x-session-id",
                                           "x-thread-id", NULL};

static const char *const codes[PREFLIGHT_VERDICTS] = {
    [PREFLIGHT_ALLOWED] = "allowed",
    [PREFLIGHT_SAME_ORIGIN] = "sameOrigin",
    [PREFLIGHT_LOOPBACK] = "loopback",
    [PREFLIGHT_MIXED_CONTENT] = "mixedContent",
    [PREFLIGHT_NO_ORIGIN] = "noAllowOrigin",
    [PREFLIGHT_OTHER_ORIGIN] = "otherOrigin",
    [PREFLIGHT_SEVERAL_ORIGINS] = "severalOrigins",
    [PREFLIGHT_HEADER_REFUSED] = "headerRefused",
    [PREFLIGHT_METHOD_REFUSED] = "methodRefused",
    [PREFLIGHT_REDIRECT] = "redirect",
    [PREFLIGHT_STATUS] = "status",
    [PREFLIGHT_TLS] = "tls",
    [PREFLIGHT_NO_SUCH_NAME] = "noSuchName",
    [PREFLIGHT_REFUSED] = "refused",
    [PREFLIGHT_TIMED_OUT] = "timedOut",
    [PREFLIGHT_UNREACHABLE] = "unreachable",
    [PREFLIGHT_BROKEN] = "broken",
};

const char *preflight_code(enum preflight_verdict verdict)
{
    return codes[verdict];
}

bool preflight_passes(enum preflight_verdict verdict)
{
    return verdict == PREFLIGHT_ALLOWED || verdict == PREFLIGHT_SAME_ORIGIN;
}

void preflight_finding_free(struct preflight_finding *finding)
{
    buf_free(&finding->message);
    buf_free(&finding->advice);
}

/* A header's value, fit to be shown: what is not printable ASCII becomes "?", and a long one is
 * cut. */
static void show_value(const struct buf *value, char ret_text[static PREFLIGHT_VALUE_MAX])
{
    snprintf(ret_text, PREFLIGHT_VALUE_MAX, "%s", buf_str(value));
    for (char *at = ret_text; *at; at++)
        if (!isprint((unsigned char)*at))
            *at = '?';
}

/* Lists of names, as Access-Control-Allow-Headers and -Methods have them. */

static bool is_token_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* The next name of a comma-separated list; empty ones count as in RFC 9110 section 5.6.1. NULL at
 * the end. */
static const char *next_name(const char **list, size_t *ret_len)
{
    const char *name = *list + strspn(*list, ", \t");
    if (!*name)
        return NULL;
    size_t len = strcspn(name, ",");
    *list = name + len;
    while (len && (name[len - 1] == ' ' || name[len - 1] == '\t'))
        len--;
    *ret_len = len;
    return name;
}

static bool is_list(const char *list)
{
    size_t len = 0;
    for (const char *name; (name = next_name(&list, &len)) != NULL;)
        for (size_t i = 0; i < len; i++)
            if (!is_token_char(name[i]))
                return false;
    return true;
}

static bool lists(const char *list, const char *wanted, bool ignore_case)
{
    size_t len = 0;
    for (const char *name; (name = next_name(&list, &len)) != NULL;)
        if (len == strlen(wanted) &&
            (ignore_case ? strncasecmp(name, wanted, len) == 0 : strncmp(name, wanted, len) == 0))
            return true;
    return false;
}

/* The judgement, in the order in which browsers look. */

static void judge_failure(const struct preflight_question *question,
                          const struct probe_answer *answer, struct preflight_finding *finding)
{
    static const enum preflight_verdict verdicts[] = {
        [PROBE_ANSWERED] = PREFLIGHT_ALLOWED,       [PROBE_NO_SUCH_NAME] = PREFLIGHT_NO_SUCH_NAME,
        [PROBE_REFUSED] = PREFLIGHT_REFUSED,        [PROBE_UNREACHABLE] = PREFLIGHT_UNREACHABLE,
        [PROBE_TIMED_OUT] = PREFLIGHT_TIMED_OUT,    [PROBE_TLS_EXPIRED] = PREFLIGHT_TLS,
        [PROBE_TLS_UNKNOWN_ISSUER] = PREFLIGHT_TLS, [PROBE_TLS_WRONG_HOST] = PREFLIGHT_TLS,
        [PROBE_TLS_FAILED] = PREFLIGHT_TLS,         [PROBE_BROKEN] = PREFLIGHT_BROKEN,
    };
    finding->verdict = verdicts[answer->outcome];
    probe_describe_failure(answer, question->url, &finding->message, &finding->advice);
}

static void judge_redirect(const struct probe_answer *answer, struct preflight_finding *finding)
{
    BUF_AUTO(location, HEADER_MAX_BYTES);
    char shown[PREFLIGHT_VALUE_MAX];
    probe_header(answer, "Location", &location);
    show_value(&location, shown);
    finding->verdict = PREFLIGHT_REDIRECT;
    buf_addf(&finding->message, "The gateway redirects to %s, which browsers do not follow here",
             *shown ? shown : "nowhere");
    buf_adds(&finding->advice, "set BEHEST_BASE_URL to where it leads");
}

static const char *status_advice(int status)
{
    if (status == 401 || status == 403)
        return "let OPTIONS requests pass without a key; some gateways also answer so to an origin "
               "that is not on their list";
    if (status >= 500)
        return "the gateway is down or has a problem: look at it and its log";
    return "check BEHEST_BASE_URL: the call does not seem to exist there";
}

static void judge_status(const struct probe_answer *answer, struct preflight_finding *finding)
{
    finding->verdict = PREFLIGHT_STATUS;
    buf_addf(&finding->message, "The gateway answers the browser's question with status %d",
             answer->status);
    buf_adds(&finding->advice, status_advice(answer->status));
}

static void advise_to_add(const struct preflight_question *question,
                          struct preflight_finding *finding)
{
    buf_addf(&finding->advice,
             "add exactly %s to the allowed origins: in the project's settings at Behest, or in "
             "GATEWAY_ALLOWED_ORIGINS of behest-gateway",
             question->origin);
}

/* True when the answer lets the origin in. */
static bool judge_origin(const struct preflight_question *question,
                         const struct probe_answer *answer, struct preflight_finding *finding)
{
    BUF_AUTO(value, HEADER_MAX_BYTES);
    unsigned count = probe_header(answer, allow_origin, &value);
    show_value(&value, finding->allowed_origin);
    if (count == 1 &&
        (strcmp(buf_str(&value), "*") == 0 || strcmp(buf_str(&value), question->origin) == 0))
        return true;
    if (count == 0) {
        finding->verdict = PREFLIGHT_NO_ORIGIN;
        buf_addf(&finding->message, "The gateway does not let pages of %s in: it sends no %s",
                 question->origin, allow_origin);
        advise_to_add(question, finding);
    } else if (count > 1 || strchr(buf_str(&value), ',')) {
        finding->verdict = PREFLIGHT_SEVERAL_ORIGINS;
        buf_addf(&finding->message,
                 "The gateway sends several values of %s (%s); browsers take one", allow_origin,
                 finding->allowed_origin);
        buf_adds(&finding->advice,
                 "let one place add the header: the gateway, or the web server before it");
    } else {
        finding->verdict = PREFLIGHT_OTHER_ORIGIN;
        buf_addf(&finding->message,
                 "The gateway lets pages of %s in, not of %s: ", finding->allowed_origin,
                 question->origin);
        web_origin_describe_difference(question->origin, finding->allowed_origin,
                                       &finding->message);
        buf_adds(&finding->message, " differs");
        advise_to_add(question, finding);
    }
    return false;
}

static bool is_safelisted(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 || strcmp(method, "POST") == 0;
}

static bool judge_method(const struct preflight_question *question,
                         const struct probe_answer *answer, struct preflight_finding *finding)
{
    BUF_AUTO(list, HEADER_MAX_BYTES);
    char shown[PREFLIGHT_VALUE_MAX];
    probe_header(answer, allow_methods, &list);
    if (is_list(buf_str(&list)) &&
        (is_safelisted(question->method) || lists(buf_str(&list), "*", false) ||
         lists(buf_str(&list), question->method, false)))
        return true;
    show_value(&list, shown);
    finding->verdict = PREFLIGHT_METHOD_REFUSED;
    buf_addf(&finding->message, "The gateway does not allow %s: its %s is \"%s\"", question->method,
             allow_methods, shown);
    buf_addf(&finding->advice, "have it list GET, POST, DELETE there");
    return false;
}

/* Adds the headers that the list leaves out; a star does not stand for authorization. */
static void add_missing(const char *list, const char *const *headers, struct buf *missing)
{
    bool any = lists(list, "*", false);
    for (; *headers; headers++)
        if (!lists(list, *headers, true) && (!any || strcmp(*headers, "authorization") == 0))
            buf_addf(missing, "%s%s", missing->len ? ", " : "", *headers);
}

static bool judge_headers(const struct preflight_question *question,
                          const struct probe_answer *answer, struct preflight_finding *finding)
{
    BUF_AUTO(list, HEADER_MAX_BYTES);
    BUF_AUTO(missing, 1024);
    char shown[PREFLIGHT_VALUE_MAX];
    probe_header(answer, allow_headers, &list);
    bool sound = is_list(buf_str(&list));
    add_missing(sound ? buf_str(&list) : "", question->headers, &missing);
    if (!missing.len)
        return true;
    show_value(&list, shown);
    finding->verdict = PREFLIGHT_HEADER_REFUSED;
    buf_addf(&finding->message, "The gateway does not let pages send %s: its %s is \"%s\"%s",
             buf_str(&missing), allow_headers, shown,
             !sound                              ? ", which is no list of names"
             : lists(buf_str(&list), "*", false) ? ", and * does not stand for authorization"
                                                 : "");
    buf_addf(&finding->advice, "have it list %s there", buf_str(&missing));
    return false;
}

static void begin(struct preflight_finding *finding, enum preflight_verdict verdict)
{
    *finding = (struct preflight_finding){.verdict = verdict,
                                          .message = BUF_MAX(PREFLIGHT_TEXT_MAX_BYTES),
                                          .advice = BUF_MAX(PREFLIGHT_TEXT_MAX_BYTES)};
}

static bool is_same_origin(const struct preflight_question *question)
{
    char gateway[WEB_ORIGIN_SIZE];
    return web_origin_of(question->url, gateway) == ERR_OK &&
           strcmp(gateway, question->origin) == 0;
}

static void judge_address(const struct preflight_question *question,
                          struct preflight_finding *finding)
{
    buf_addf(&finding->message, "The gateway lets pages of %s in", question->origin);
    if (!web_origin_is_loopback(question->url) || web_origin_is_loopback(question->origin))
        return;
    finding->verdict = PREFLIGHT_LOOPBACK;
    buf_adds(&finding->message, ", but its address means this machine: browsers elsewhere look for "
                                "it on their own");
    buf_adds(&finding->advice, "set BEHEST_BASE_URL to an address that browsers can reach");
}

void preflight_judge(const struct preflight_question *question, const struct probe_answer *answer,
                     struct preflight_finding *ret_finding)
{
    struct preflight_finding *finding = ret_finding;
    begin(finding, PREFLIGHT_ALLOWED);
    if (answer->outcome != PROBE_ANSWERED)
        judge_failure(question, answer, finding);
    else if (answer->status >= 300 && answer->status < 400)
        judge_redirect(answer, finding);
    else if (is_same_origin(question) && answer->status < 500) {
        finding->verdict = PREFLIGHT_SAME_ORIGIN;
        buf_addf(&finding->message, "The gateway is at the page's own origin, %s: all is allowed",
                 question->origin);
    } else if (answer->status < 200 || answer->status > 299)
        judge_status(answer, finding);
    else if (judge_origin(question, answer, finding) && judge_method(question, answer, finding) &&
             judge_headers(question, answer, finding))
        judge_address(question, finding);
}

/* The asking. */

bool preflight_is_mixed(const char *base_url, const char *origin)
{
    return strncmp(origin, "https:", 6) == 0 && strncasecmp(base_url, "http:", 5) == 0 &&
           !web_origin_is_loopback(base_url);
}

static enum err ask(const struct preflight_question *question, struct probe_answer *ret_answer)
{
    BUF_AUTO(origin, HEADER_MAX_BYTES);
    BUF_AUTO(method, HEADER_MAX_BYTES);
    BUF_AUTO(headers, HEADER_MAX_BYTES);
    buf_addf(&origin, "Origin: %s", question->origin);
    buf_addf(&method, "Access-Control-Request-Method: %s", question->method);
    buf_adds(&headers, "Access-Control-Request-Headers: ");
    for (const char *const *name = question->headers; *name; name++)
        buf_addf(&headers, "%s%s", name == question->headers ? "" : ",", *name);
    if (buf_err(&origin) || buf_err(&method) || buf_err(&headers))
        return ERR_NOMEM;
    const char *const lines[] = {origin.data, method.data, headers.data, "Sec-Fetch-Mode: cors",
                                 NULL};
    const struct probe_request request = {
        .method = "OPTIONS", .url = question->url, .headers = lines};
    return probe_fetch(&request, ret_answer);
}

enum err preflight_check(const char *base_url, const char *origin,
                         struct preflight_finding *ret_finding)
{
    if (preflight_is_mixed(base_url, origin)) {
        begin(ret_finding, PREFLIGHT_MIXED_CONTENT);
        buf_adds(&ret_finding->message,
                 "The page comes by https and the gateway is at http, which browsers block");
        buf_adds(&ret_finding->advice,
                 "serve the gateway over https, and set BEHEST_BASE_URL to that address");
        return ERR_OK;
    }
    BUF_AUTO(url, URL_MAX_BYTES);
    buf_addf(&url, "%s/v1/chat/completions", base_url);
    enum err err = buf_err(&url);
    if (err)
        return err;
    const struct preflight_question question = {
        .origin = origin, .url = url.data, .method = "POST", .headers = page_headers};
    struct probe_answer answer = {0};
    err = ask(&question, &answer);
    if (!err)
        preflight_judge(&question, &answer, ret_finding);
    probe_answer_free(&answer);
    return err;
}
