/* Minting by asking the gateway. */
#include "mint/minter.h"

#include "base/clock.h"
#include "base/json.h"
#include "call/caller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX_BYTES = 64 * 1024 };

struct remote_minter {
    struct minter minter;
    struct caller *caller;
    char *url;
    struct bearer bearer;
};

static enum err fail(struct mint_result *result, enum err err, const char *operators)
{
    result->operators = operators;
    return err;
}

static enum err check_outcome(enum call_outcome outcome, struct mint_result *result)
{
    switch (outcome) {
    case CALL_ANSWERED:
        return ERR_OK;
    case CALL_TIMED_OUT:
        return fail(result, ERR_TIMEOUT, "mint: no answer in time");
    case CALL_TOO_LARGE:
        return fail(result, ERR_UPSTREAM, "mint: the answer is over 64 KiB");
    case CALL_NO_SUCH_NAME:
        return fail(result, ERR_UPSTREAM,
                    "mint: the host name of BEHEST_BASE_URL does not resolve");
    case CALL_REFUSED:
        return fail(result, ERR_UPSTREAM, "mint: cannot connect to BEHEST_BASE_URL");
    case CALL_TLS_FAILED:
        return fail(result, ERR_UPSTREAM,
                    "mint: the TLS certificate of BEHEST_BASE_URL cannot be verified");
    case CALL_BROKEN:
        break;
    }
    return fail(result, ERR_UPSTREAM, "mint: the connection to BEHEST_BASE_URL broke");
}

static enum err check_status(const struct call_answer *answer, struct mint_result *result)
{
    if (answer->status >= 200 && answer->status < 300)
        return ERR_OK;
    if (answer->status >= 300 && answer->status < 400)
        return fail(result, ERR_UPSTREAM,
                    "mint: BEHEST_BASE_URL redirects; set it to where it leads");
    if (answer->status == 429)
        result->retry_after = answer->retry_after;
    switch (answer->status) {
    case 400:
        return fail(result, ERR_UPSTREAM,
                    "mint: the request was refused (400); check user id and BEHEST_TTL");
    case 401:
        return fail(result, ERR_UPSTREAM, "mint: key refused (401); check BEHEST_KEY");
    case 402:
        return fail(result, ERR_QUOTA, "mint: quota of the account used up (402)");
    case 403:
        return fail(result, ERR_UPSTREAM, "mint: the key may not mint (403)");
    case 404:
        return fail(result, ERR_UPSTREAM, "mint: no /v1/auth/mint at BEHEST_BASE_URL (404)");
    case 429:
        return fail(result, ERR_RATE_LIMITED, "mint: rate limited (429)");
    default:
        return fail(result, ERR_UPSTREAM, "mint: the gateway failed");
    }
}

static void read_ttl(struct json_object *json, const struct mint_order *order,
                     struct mint_result *result)
{
    int64_t ttl = 0;
    if (json_get_integer(json, "ttl", &ttl) != ERR_OK &&
        json_get_integer(json, "expires_in", &ttl) != ERR_OK)
        ttl = order->ttl;
    if (ttl <= 0 || ttl > 86400)
        ttl = order->ttl;
    result->ttl = (int)ttl;
    result->expires_at = clock_now_ms(NULL) / MS_PER_SECOND + ttl;
}

/* A token goes into a header of the browser's: anything that is no token (RFC 6750 section 2.1)
 * would break there. */
static bool is_token(const char *text)
{
    return *text &&
           text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "-._~+/=")] == '\0';
}

static enum err read_answer(const struct call_answer *answer, const struct mint_order *order,
                            struct mint_result *result)
{
    AUTO_JSON struct json_object *json = NULL;
    const char *problem;
    const char *token = NULL;
    if (json_parse_object(buf_str(&answer->body), answer->body.len, &json, &problem) != ERR_OK)
        return fail(result, ERR_UPSTREAM, "mint: the answer is not JSON");
    if (json_get_string(json, "jwt", &token) != ERR_OK &&
        json_get_string(json, "access_token", &token) != ERR_OK)
        return fail(result, ERR_UPSTREAM, "mint: the answer has no token");
    if (!is_token(token))
        return fail(result, ERR_UPSTREAM, "mint: the answer's token is not one");
    const char *session_id = NULL;
    if (json_get_string(json, "session_id", &session_id) != ERR_OK ||
        strlen(session_id) >= MINT_SESSION_ID_SIZE)
        session_id = order->session_id;
    snprintf(result->session_id, sizeof result->session_id, "%s", session_id);
    read_ttl(json, order, result);
    buf_adds(&result->token, token);
    return buf_err(&result->token) ? fail(result, ERR_UPSTREAM, "mint: the token is too long")
                                   : ERR_OK;
}

static struct json_object *make_body(const struct mint_order *order)
{
    struct json_object *body = json_object_new_object();
    json_add_string(body, "user_id", order->user_id);
    json_add_string(body, "role", "user");
    json_object_object_add(body, "ttl", json_object_new_int(order->ttl));
    json_add_string(body, "session_id", order->session_id);
    if (order->tier)
        json_object_object_add(body, "tier", json_object_new_int(order->tier));
    return body;
}

static enum err remote_mint(struct minter *minter, const struct mint_order *order,
                            struct mint_result *result)
{
    struct remote_minter *remote = (struct remote_minter *)minter;
    AUTO_JSON struct json_object *body = make_body(order);
    struct call_answer answer;
    const struct call_order call = {
        .method = "POST",
        .url = remote->url,
        .bearer = &remote->bearer,
        .body = json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN),
        .answer_max_bytes = ANSWER_MAX_BYTES,
    };
    enum err err = caller_call(remote->caller, &call, &answer);
    if (err == ERR_OVERLOADED)
        fail(result, err, "mint: too many mints wait for the gateway");
    if (!err)
        err = check_outcome(answer.outcome, result);
    if (!err)
        err = check_status(&answer, result);
    if (!err)
        err = read_answer(&answer, order, result);
    call_answer_free(&answer);
    return err;
}

static void remote_free(struct minter *minter)
{
    struct remote_minter *remote = (struct remote_minter *)minter;
    caller_free(remote->caller);
    bearer_free(&remote->bearer);
    free(remote->url);
    free(remote);
}

static const struct minter_ops remote_ops = {
    .mode = "remote", .mint = remote_mint, .free = remote_free};

enum err mint_remote_new(struct mint_key *key, const char *base_url, unsigned max_at_once,
                         struct minter **ret_minter)
{
    struct remote_minter *remote = calloc(1, sizeof *remote);
    if (!remote)
        return ERR_NOMEM;
    remote->minter.ops = &remote_ops;
    BUF_AUTO(url, 4096);
    buf_addf(&url, "%s/v1/auth/mint", base_url);
    remote->url = buf_err(&url) ? NULL : strdup(url.data);
    enum err err = bearer_init(&remote->bearer, key->api_key);
    if (!err)
        err = caller_new(max_at_once, &remote->caller);
    if (!err && !remote->url)
        err = ERR_NOMEM;
    if (err) {
        remote_free(&remote->minter);
        return err;
    }
    mint_key_free(key);
    *ret_minter = &remote->minter;
    return ERR_OK;
}
