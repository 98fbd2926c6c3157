#include "gateway/handlers.h"

#include "base/encode.h"
#include "gateway/app.h"
#include "gateway/completion.h"
#include "gateway/errors.h"
#include "gateway/limits.h"
#include "gateway/metrics.h"

#include <string.h>

enum {
    PROBLEM_MAX_BYTES = 256,
    STATUS_READER_GONE = 499,
    MODEL_NAME_MAX_BYTES = 128,
    SPEND_EVERY_MS = 2000,
};

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

/* A name for the books, which does not grow with what clients think up. */
static const char *model_name(const struct completion *completion)
{
    const struct gateway *gateway = completion->gateway;
    const char *name = gateway->upstream ? completion->chat->model : NULL;
    if (!name)
        name = gateway->config->model;
    if (!name)
        name = gateway->upstream ? "default" : DEMO_MODEL_NAME;
    return strlen(name) <= MODEL_NAME_MAX_BYTES ? name : "other";
}

/* What has been used, and is not in the books. A request of which nothing came does not count. */
static struct usage unspent(const struct completion *completion)
{
    const struct token_count *used = &completion->used;
    const struct usage *spent = &completion->spent;
    return (struct usage){
        .requests = (used->input + used->output > 0 ? 1 : 0) - spent->requests,
        .input_tokens = used->input - spent->input_tokens,
        .output_tokens = used->output - spent->output_tokens,
    };
}

static enum err spend(struct completion *completion, bool may_wait)
{
    const struct usage more = unspent(completion);
    if (!more.requests && !more.input_tokens && !more.output_tokens)
        return ERR_OK;
    enum err err = limits_spend(completion->gateway->pool, completion->user, completion->began_ms,
                                model_name(completion), &more, may_wait);
    if (err)
        return err;
    completion->spent.requests += more.requests;
    completion->spent.input_tokens += more.input_tokens;
    completion->spent.output_tokens += more.output_tokens;
    return ERR_OK;
}

static void settle(struct completion *completion)
{
    const struct gateway *gateway = completion->gateway;
    char text[DB_FAILURE_SIZE];
    count_tokens(gateway, &completion->used);
    enum err err = spend(completion, true);
    if (err)
        log_event(gateway->log, LOG_ERROR, "tokens could not be counted", "detail",
                  db_pool_message(gateway->pool, err, text), "user", completion->user->uid, NULL);
}

void completion_progress(struct completion *completion)
{
    if (!completion->finished)
        conversation_progress(completion->conversation);
    int64_t now_ms = clock_monotonic_ms();
    if (!completion->used.output || now_ms - completion->spent_ms < SPEND_EVERY_MS)
        return;
    completion->spent_ms = now_ms;
    enum err ignored = spend(completion, false); /* the reader would wait with it */
    (void)ignored;
}

void completion_finish(struct completion *completion)
{
    completion->finished = true;
    conversation_end(completion->conversation, MESSAGE_COMPLETE);
}

static enum err answer(struct completion *completion)
{
    const struct gateway *gateway = completion->gateway;
    struct metric *streams = metrics_at(gateway->metrics, METRIC_GATEWAY_STREAMS);
    uint64_t stream = completion->chat->stream ? 1 : 0;
    metric_add(streams, METRIC_ALONE, stream);
    enum err err = gateway->upstream ? relay_complete(completion) : demo_complete(completion);
    metric_subtract(streams, METRIC_ALONE, stream);
    if (!completion->finished)
        conversation_end(completion->conversation,
                         err == ERR_DISCONNECTED ? MESSAGE_STOPPED : MESSAGE_INCOMPLETE);
    settle(completion);
    return err;
}

static enum err read_id(struct http_exchange *exchange, const char *header, const char *variable,
                        const char **ret_id)
{
    const char *id = http_param(&exchange->request, variable);
    if (!id || !*id)
        return ERR_NOT_FOUND;
    if (!is_url_segment(id, THREAD_ID_MAX_BYTES))
        return http_fail(exchange, ERR_INVALID,
                         "%s must be 1 to %d letters, digits and any of - _ . ~ :", header,
                         THREAD_ID_MAX_BYTES);
    *ret_id = id;
    return ERR_OK;
}

/* The conversation that the request's headers name. A session remembers for clients that send one
 * question alone: others bring along what was said. ERR_NOT_FOUND when none is to be kept. */
static enum err conversation_key(struct http_exchange *exchange, const struct gateway_user *user,
                                 const struct chat_request *chat, struct thread_key *ret_key)
{
    const struct gateway_config *config = ((const struct gateway *)exchange->app)->config;
    *ret_key = (struct thread_key){.project_id = user->pid, .user_id = user->uid};
    enum err err = read_id(exchange, "X-Thread-Id", "HTTP_X_THREAD_ID", &ret_key->id);
    if (!err && config->thread_days)
        return ERR_OK;
    if (err && err != ERR_NOT_FOUND)
        return err;
    ret_key->kind = THREAD_SESSION;
    err = read_id(exchange, "X-Session-Id", "HTTP_X_SESSION_ID", &ret_key->id);
    if (!err && (!config->session_ttl || !chat_request_is_single(chat)))
        return ERR_NOT_FOUND;
    return err;
}

static enum err begin_conversation(struct http_exchange *exchange, const struct thread_key *key,
                                   struct chat_request *chat, struct conversation *conversation)
{
    enum err err = conversation_begin(conversation, key, chat);
    if (err == ERR_TOO_LARGE)
        return http_fail(exchange, ERR_INVALID,
                         "This conversation is full: please begin a new one");
    if (err == ERR_CONFLICT)
        return http_fail(exchange, ERR_INVALID,
                         "messages answer a call of tools that is not in this conversation");
    if (err == ERR_QUOTA)
        metric_add(metrics_at(conversation->gateway->metrics, METRIC_GATEWAY_REFUSALS),
                   METRIC_AT(REFUSED_KEPT_BYTES), 1);
    return err;
}

/* key names the conversation; NULL: none is to be kept. */
static enum err complete(struct http_exchange *exchange, const struct gateway_user *user,
                         const struct thread_key *key, struct chat_request *chat)
{
    const struct gateway *gateway = exchange->app;
    int64_t now_ms = clock_now_ms(gateway->clock);
    struct refusal refusal = {0};
    enum err err = limits_take(gateway->pool, &gateway->config->tiers, user, now_ms, &refusal);
    if (err) {
        count_refusal(gateway, err, &refusal);
        return gateway_refuse(exchange, err, &refusal, user->tier);
    }
    struct conversation conversation;
    conversation_init(&conversation, gateway);
    struct completion completion = {
        .exchange = exchange,
        .gateway = gateway,
        .chat = chat,
        .conversation = &conversation,
        .user = user,
        .began_ms = now_ms,
        .spent_ms = clock_monotonic_ms(),
    };
    if (key)
        err = begin_conversation(exchange, key, chat, &conversation);
    if (!err)
        err = answer(&completion);
    else if (err == ERR_QUOTA)
        err = gateway_refuse_to_keep(exchange, gateway->config->user_bytes);
    conversation_free(&conversation);
    return err;
}

static enum err complete_in_a_place(struct http_exchange *exchange, const struct gateway_user *user,
                                    struct chat_request *chat)
{
    struct gateway *gateway = exchange->app;
    struct thread_key key;
    enum err err = conversation_key(exchange, user, chat, &key);
    bool is_kept = !err;
    if (!err || err == ERR_NOT_FOUND)
        err = gateway_take_place(exchange, user);
    if (err)
        return err;
    err = complete(exchange, user, is_kept ? &key : NULL, chat);
    places_leave(gateway->places, user);
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
        err = complete_in_a_place(exchange, &user, &chat);
    chat_request_free(&chat);
    if (err == ERR_DISCONNECTED && !exchange->response.started) {
        /* Nobody reads it: this status is for the log, as nginx writes it. */
        exchange->response.status = STATUS_READER_GONE;
        return ERR_OK;
    }
    return err;
}
