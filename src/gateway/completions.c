#include "gateway/handlers.h"

#include "gateway/app.h"
#include "gateway/completion.h"
#include "gateway/errors.h"
#include "gateway/limits.h"
#include "gateway/metrics.h"

#include <string.h>

enum { BUSY_RETRY_AFTER = 2, PROBLEM_MAX_BYTES = 256, STATUS_READER_GONE = 499 };

static enum err read_request(struct http_exchange *exchange, struct chat_request *ret_chat)
{
    const struct http_request *request = &exchange->request;
    if (!http_has_content_type(request, "application/json"))
        return http_fail(exchange, ERR_UNSUPPORTED, "The request must be application/json");
    BUF_AUTO(problem, PROBLEM_MAX_BYTES);
    enum err err =
        chat_request_parse(buf_str(&request->body), request->body.len, ret_chat, &problem);
    return err == ERR_INVALID ? http_fail(exchange, err, "%s", buf_str(&problem)) : err;
}

/* refusal.kind is for ERR_QUOTA. */
static void count_refusal(const struct gateway *gateway, enum err err,
                          const struct refusal *refusal)
{
    size_t limit = REFUSED_MINUTE;
    if (err == ERR_QUOTA)
        limit = strcmp(refusal->kind, "requests_per_day") == 0 ? REFUSED_DAY_REQUESTS
                                                               : REFUSED_DAY_TOKENS;
    else if (err != ERR_RATE_LIMITED)
        return;
    metric_add(metrics_at(gateway->metrics, METRIC_GATEWAY_REFUSALS), METRIC_AT(limit), 1);
}

static void count_tokens(const struct gateway *gateway, const struct token_count *used)
{
    struct metric *tokens = metrics_at(gateway->metrics, METRIC_GATEWAY_TOKENS);
    metric_add(tokens, METRIC_AT(TOKENS_PROMPT), (uint64_t)used->input);
    metric_add(tokens, METRIC_AT(TOKENS_COMPLETION), (uint64_t)used->output);
}

static void spend(const struct gateway *gateway, const struct gateway_user *user, int64_t began_ms,
                  const struct token_count *used)
{
    if (used->input + used->output == 0)
        return;
    count_tokens(gateway, used);
    enum err err = limits_spend(gateway->pool, user, began_ms, used->input, used->output);
    if (err)
        log_event(gateway->log, LOG_ERROR, "tokens could not be counted", "detail",
                  err_message(err), "user", user->uid, NULL);
}

static enum err complete(struct http_exchange *exchange, const struct gateway_user *user,
                         const struct chat_request *chat)
{
    const struct gateway *gateway = exchange->app;
    int64_t now_ms = clock_now_ms(gateway->clock);
    struct refusal refusal = {0};
    enum err err = limits_take(gateway->pool, &gateway->config->tiers, user, now_ms, &refusal);
    if (err) {
        count_refusal(gateway, err, &refusal);
        return gateway_refuse(exchange, err, &refusal, user->tier);
    }
    struct metric *streams = metrics_at(gateway->metrics, METRIC_GATEWAY_STREAMS);
    struct completion completion = {.exchange = exchange, .gateway = gateway, .chat = chat};
    metric_add(streams, METRIC_ALONE, chat->stream ? 1 : 0);
    err = gateway->upstream ? relay_complete(&completion) : demo_complete(&completion);
    metric_subtract(streams, METRIC_ALONE, chat->stream ? 1 : 0);
    spend(gateway, user, now_ms, &completion.used);
    return err;
}

static enum err complete_inside_gate(struct http_exchange *exchange,
                                     const struct gateway_user *user,
                                     const struct chat_request *chat)
{
    struct gateway *gateway = exchange->app;
    enum err err = gate_enter(&gateway->completions);
    if (err) {
        metric_add(metrics_at(gateway->metrics, METRIC_GATEWAY_REFUSALS),
                   METRIC_AT(REFUSED_AT_ONCE), 1);
        exchange->retry_after = BUSY_RETRY_AFTER;
        exchange->log_detail = "too many completions at once; see --threads";
        return err;
    }
    err = complete(exchange, user, chat);
    gate_leave(&gateway->completions);
    return err;
}

enum err gateway_handle_completions(struct http_exchange *exchange)
{
    struct gateway_user user;
    struct chat_request chat = {0};
    enum err err = gateway_require_user(exchange, &user);
    if (!err)
        err = read_request(exchange, &chat);
    if (!err)
        err = complete_inside_gate(exchange, &user, &chat);
    chat_request_free(&chat);
    if (err == ERR_DISCONNECTED && !exchange->response.started) {
        /* Nobody reads it: this status is for the log, as nginx writes it. */
        exchange->response.status = STATUS_READER_GONE;
        return ERR_OK;
    }
    return err;
}
