#include "gateway/upstream_answer.h"

#include "base/json.h"
#include "call/transfer.h"

#include <string.h>

enum { DEFAULT_RETRY_AFTER = 10, RETRY_AFTER_MAX = 86400 };

bool upstream_is_success(long status)
{
    return status >= 200 && status < 300;
}

static enum err fail(struct upstream_failure *failure, enum err err, const char *detail)
{
    failure->detail = detail;
    return err;
}

static enum err judge_transfer(CURL *easy, CURLcode code, struct upstream_failure *failure)
{
    curl_off_t connected = 0;
    switch (call_outcome_of(code)) {
    case CALL_ANSWERED:
        return ERR_OK;
    case CALL_TIMED_OUT:
        curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
        return fail(failure, ERR_TIMEOUT,
                    connected ? "upstream: silent for too long"
                              : "upstream: no connection in time");
    case CALL_NO_SUCH_NAME:
        return fail(failure, ERR_UPSTREAM,
                    "upstream: the host name of GATEWAY_UPSTREAM_URL does not resolve");
    case CALL_REFUSED:
        return fail(failure, ERR_UPSTREAM, "upstream: cannot connect to GATEWAY_UPSTREAM_URL");
    case CALL_TLS_FAILED:
        return fail(failure, ERR_UPSTREAM,
                    "upstream: the TLS certificate of GATEWAY_UPSTREAM_URL cannot be verified");
    default:
        return fail(failure, ERR_UPSTREAM, "upstream: the connection broke");
    }
}

static struct json_object *find_message(struct json_object *body)
{
    struct json_object *error = NULL;
    struct json_object *message = NULL;
    json_object_object_get_ex(body, "error", &error);
    if (json_object_is_type(error, json_type_string))
        return error;
    if (!json_object_is_type(error, json_type_object))
        error = body;
    json_object_object_get_ex(error, "message", &message);
    return json_object_is_type(message, json_type_string) ? message : NULL;
}

void upstream_error_message(const struct buf *refusal, struct buf *problem)
{
    AUTO_JSON struct json_object *body = NULL;
    const char *ignored;
    if (json_parse_object(buf_str(refusal), refusal->len, &body, &ignored) != ERR_OK)
        return;
    struct json_object *message = find_message(body);
    if (!message)
        return;
    const char *text = json_object_get_string(message);
    size_t len = strlen(text);
    if (len > UPSTREAM_PROBLEM_MAX_BYTES)
        for (len = UPSTREAM_PROBLEM_MAX_BYTES; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--; /* not in the middle of a character */
    buf_add(problem, text, len);
}

static int retry_after_of(CURL *easy)
{
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    return seconds > 0 && seconds <= RETRY_AFTER_MAX ? (int)seconds : DEFAULT_RETRY_AFTER;
}

static enum err judge_status(long status, struct upstream_failure *failure)
{
    switch (status) {
    case 400:
    case 422:
        return fail(failure, ERR_INVALID, "upstream: found the request wrong");
    case 401:
    case 403:
        return fail(failure, ERR_UPSTREAM,
                    "upstream: key refused (401 or 403); check GATEWAY_UPSTREAM_KEY");
    case 402:
        return fail(failure, ERR_UPSTREAM, "upstream: the account has no credit left (402)");
    case 404:
        return fail(failure, ERR_UPSTREAM,
                    "upstream: not found (404); check GATEWAY_UPSTREAM_URL and GATEWAY_MODEL");
    case 413:
        return fail(failure, ERR_TOO_LARGE, "upstream: found the request too large (413)");
    case 429:
        return fail(failure, ERR_RATE_LIMITED, "upstream: rate limited (429)");
    default:
        return fail(failure, ERR_UPSTREAM,
                    status < 400 ? "upstream: redirects; set GATEWAY_UPSTREAM_URL to where it leads"
                                 : "upstream: failed");
    }
}

enum err upstream_judge(CURL *easy, CURLcode code, const struct buf *refusal,
                        struct upstream_failure *failure)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 300)
        return judge_transfer(easy, code, failure);
    enum err err = judge_status(status, failure);
    if (err == ERR_INVALID)
        upstream_error_message(refusal, &failure->problem);
    if (err == ERR_RATE_LIMITED)
        failure->retry_after = retry_after_of(easy);
    return err;
}
