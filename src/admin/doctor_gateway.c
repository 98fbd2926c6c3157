/* behest-admin doctor: the gateway, from here and as a browser sees it. */
#include "admin/doctor.h"
#include "base/clock.h"
#include "probe/preflight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    URL_MAX_BYTES = 4096,
    HEADER_MAX_BYTES = MINT_TOKEN_MAX_BYTES + 64,
    CLOCK_TOLERANCE_SECONDS = 30, /* what gateways allow a token to be ahead of their clock */
};

static const char keys_path[] = "/.well-known/jwks.json";

/* The way there, a line for each step up to the one that failed. */

static bool ended_at(const struct probe_answer *answer, enum probe_step step)
{
    return answer->outcome != PROBE_ANSWERED && answer->step == step;
}

static void say_failure(struct doctor *doctor, const char *check, const struct probe_answer *answer)
{
    BUF_AUTO(sentence, PREFLIGHT_TEXT_MAX_BYTES);
    BUF_AUTO(advice, PREFLIGHT_TEXT_MAX_BYTES);
    probe_describe_failure(answer, doctor->config.base_url, &sentence, &advice);
    doctor_say(doctor, DOCTOR_PROBLEM, check, buf_str(&advice), "%s", buf_str(&sentence));
}

static void say_encryption(struct doctor *doctor, const struct probe_answer *answer)
{
    const char *base_url = doctor->config.base_url;
    if (strncmp(base_url, "https:", 6) == 0)
        doctor_say(doctor, DOCTOR_OK, "gateway TLS", NULL, "the certificate is good (%d ms)",
                   answer->ms[PROBE_TLS]);
    else if (web_origin_is_loopback(base_url))
        doctor_say(doctor, DOCTOR_OK, "gateway TLS", NULL, "none, within this machine");
    else
        doctor_say(doctor, DOCTOR_WARNING, "gateway TLS", "use an https address",
                   "none: key and tokens can be read on the way");
}

static void say_answer(struct doctor *doctor, const struct probe_answer *answer)
{
    BUF_AUTO(location, URL_MAX_BYTES);
    int status = answer->status;
    probe_header(answer, "Location", &location);
    if (status >= 300 && status < 400)
        doctor_say(doctor, DOCTOR_PROBLEM, "gateway answer",
                   "set BEHEST_BASE_URL to where it leads", "the gateway redirects to %.500s",
                   buf_str(&location));
    else if (status >= 500)
        doctor_say(doctor, DOCTOR_PROBLEM, "gateway answer", "look at the gateway and its log",
                   "the gateway answers with status %d", status);
    else if (status >= 400)
        doctor_say(doctor, DOCTOR_WARNING, "gateway answer", "check BEHEST_BASE_URL",
                   "status %d for %s, where gateways have their public keys", status, keys_path);
    else
        doctor_say(doctor, DOCTOR_OK, "gateway answer", NULL, "status %d (%d ms)", status,
                   answer->ms[PROBE_HTTP]);
}

static void say_way(struct doctor *doctor, const struct probe_answer *answer)
{
    static const char *const checks[] = {"gateway name", "gateway connection", "gateway TLS",
                                         "gateway answer"};
    for (enum probe_step step = PROBE_NAME; step <= PROBE_HTTP; step++) {
        if (ended_at(answer, step)) {
            say_failure(doctor, checks[step], answer);
            return;
        }
        if (step == PROBE_NAME)
            doctor_say(doctor, DOCTOR_OK, checks[step], NULL, "found (%d ms)", answer->ms[step]);
        else if (step == PROBE_CONNECTION)
            doctor_say(doctor, DOCTOR_OK, checks[step], NULL, "made to %s", answer->address);
        else if (step == PROBE_TLS)
            say_encryption(doctor, answer);
        else
            say_answer(doctor, answer);
    }
}

/* A token that is signed here is refused by a gateway whose clock is behind. */
static void check_clock(struct doctor *doctor, const struct probe_answer *answer)
{
    if (!answer->date)
        return;
    int64_t ahead = clock_now_ms(NULL) / MS_PER_SECOND - answer->date;
    bool fatal = (doctor->config.tenant_id && ahead > CLOCK_TOLERANCE_SECONDS) ||
                 llabs(ahead) > doctor->config.ttl;
    if (llabs(ahead) <= CLOCK_TOLERANCE_SECONDS)
        doctor_say(doctor, DOCTOR_OK, "clock", NULL, "as the gateway's");
    else
        doctor_say(doctor, fatal ? DOCTOR_PROBLEM : DOCTOR_WARNING, "clock",
                   "set both clocks by NTP", "this machine is %lld seconds %s the gateway%s",
                   llabs(ahead), ahead > 0 ? "ahead of" : "behind",
                   fatal ? ": tokens are refused" : "");
}

/* True when the gateway can be talked to. */
static bool check_way(struct doctor *doctor)
{
    BUF_AUTO(url, URL_MAX_BYTES);
    struct probe_answer answer = {0};
    buf_addf(&url, "%s%s", doctor->config.base_url, keys_path);
    const struct probe_request request = {.method = "GET", .url = buf_str(&url)};
    doctor_progress(doctor, "Asking the gateway");
    enum err err = buf_err(&url);
    if (!err)
        err = probe_fetch(&request, &answer);
    if (!err) {
        say_way(doctor, &answer);
        check_clock(doctor, &answer);
    }
    bool reached = !err && answer.outcome == PROBE_ANSWERED;
    probe_answer_free(&answer);
    return reached;
}

/* A token for the user of this command. */

static void say_mint_failure(struct doctor *doctor, const char *operators, enum err err)
{
    const char *text = operators ? operators : err_message(err);
    const char *colon = strstr(text, ": ");
    const char *start = colon ? colon + 2 : text;
    int len = (int)strcspn(start, ";");
    doctor_say(doctor, DOCTOR_PROBLEM, "mint",
               start[len] ? start + len + 2 : "look at the gateway and its log", "%.*s", len,
               start);
}

static bool mint(struct doctor *doctor, struct mint_result *ret_result)
{
    char session_id[UUID_SIZE];
    const struct app_config *config = &doctor->config;
    uuid_v4(session_id);
    const struct mint_order order = {.user_id = "behest-admin-doctor",
                                     .session_id = session_id,
                                     .tier = config->tier,
                                     .ttl = config->ttl};
    doctor_progress(doctor, "Asking for a token");
    enum err err = minter_mint(doctor->minter, &order, ret_result);
    if (err)
        say_mint_failure(doctor, ret_result->operators, err);
    else
        doctor_say(doctor, DOCTOR_OK, "mint", NULL, "a token for %d seconds (%s)", ret_result->ttl,
                   minter_mode(doctor->minter));
    return !err;
}

static void say_reception(struct doctor *doctor, int status)
{
    bool signs = strcmp(minter_mode(doctor->minter), "local") == 0;
    if (status == 401 || status == 403)
        doctor_say(doctor, DOCTOR_PROBLEM, "token",
                   signs ? "register the public key there under BEHEST_KID, and compare "
                           "BEHEST_TENANT_ID, BEHEST_PROJECT_ID, BEHEST_ISSUER, BEHEST_AUDIENCE"
                         : "look at the gateway's log: it refuses what it minted",
                   "the gateway refuses the token (status %d)", status);
    else if (status < 200 || (status >= 300 && status < 400) || status == 404 || status == 405 ||
             status >= 500)
        doctor_say(doctor, DOCTOR_PROBLEM, "token",
                   status >= 500 ? "look at the gateway and its log" : "check BEHEST_BASE_URL",
                   "the gateway answers a chat request with status %d", status);
    else
        doctor_say(doctor, DOCTOR_OK, "token", NULL, "the gateway accepts it");
}

/* Some web servers add headers to successes alone. */
static void note_unreadable(struct doctor *doctor, const struct probe_answer *answer)
{
    BUF_AUTO(origin, URL_MAX_BYTES);
    if (answer->outcome == PROBE_ANSWERED && answer->status >= 400 &&
        probe_header(answer, "Access-Control-Allow-Origin", &origin) == 0)
        doctor->unreadable_status = answer->status;
}

/* Without messages a request is refused before a model sees it, but not before the token is looked
 * at. */
static void present(struct doctor *doctor, const char *token)
{
    BUF_AUTO(url, URL_MAX_BYTES);
    BUF_AUTO(authorization, HEADER_MAX_BYTES);
    BUF_AUTO(origin, HEADER_MAX_BYTES);
    struct probe_answer answer = {0};
    buf_addf(&url, "%s/v1/chat/completions", doctor->config.base_url);
    buf_addf(&authorization, "Authorization: Bearer %s", token);
    buf_addf(&origin, "Origin: %s", doctor->origin);
    const char *const headers[] = {buf_str(&authorization), "Content-Type: application/json",
                                   *doctor->origin ? buf_str(&origin) : NULL, NULL};
    const struct probe_request request = {
        .method = "POST", .url = buf_str(&url), .headers = headers, .body = "{}"};
    doctor_progress(doctor, "Showing the token to the gateway");
    enum err err = buf_err(&url);
    if (!err)
        err = buf_err(&authorization);
    if (!err)
        err = probe_fetch(&request, &answer);
    if (!err && answer.outcome == PROBE_ANSWERED)
        say_reception(doctor, answer.status);
    else if (!err)
        say_failure(doctor, "token", &answer);
    note_unreadable(doctor, &answer);
    probe_answer_free(&answer);
}

static void check_token(struct doctor *doctor)
{
    struct mint_result result;
    if (!doctor->minter)
        return; /* without a usable key, told already */
    if (mint(doctor, &result))
        present(doctor, buf_str(&result.token));
    mint_result_free(&result);
}

/* What a browser would say. */

static void check_browser(struct doctor *doctor)
{
    struct preflight_finding finding;
    if (!*doctor->origin) {
        doctor_say(doctor, DOCTOR_WARNING, "browser",
                   "name the page's address: --origin https://chat.example.com, or CHAT_SITE_URL",
                   "not looked at whether browsers may use the gateway");
        return;
    }
    doctor_progress(doctor, "Asking what a browser asks");
    if (preflight_check(doctor->config.base_url, doctor->origin, &finding) != ERR_OK)
        return;
    enum doctor_result result = preflight_passes(finding.verdict)       ? DOCTOR_OK
                                : finding.verdict == PREFLIGHT_LOOPBACK ? DOCTOR_WARNING
                                                                        : DOCTOR_PROBLEM;
    doctor_say(doctor, result, "browser", finding.advice.len ? buf_str(&finding.advice) : NULL,
               "%s", buf_str(&finding.message));
    if (finding.verdict == PREFLIGHT_ALLOWED && doctor->unreadable_status)
        doctor_say(doctor, DOCTOR_WARNING, "browser",
                   "send the header with errors, too (nginx: add_header ... always)",
                   "an error (status %d) comes without Access-Control-Allow-Origin: the page takes "
                   "it for a gateway that is down",
                   doctor->unreadable_status);
    preflight_finding_free(&finding);
}

void doctor_check_gateway(struct doctor *doctor)
{
    if (!doctor->config.base_url)
        return; /* a problem of the settings, told already */
    bool reached = check_way(doctor);
    if (reached)
        check_token(doctor);
    if (reached || preflight_is_mixed(doctor->config.base_url, doctor->origin))
        check_browser(doctor);
}
