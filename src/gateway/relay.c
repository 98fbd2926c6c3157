/* Completions by the upstream. */
#include "gateway/completion.h"

#include "base/json.h"
#include "gateway/errors.h"
#include "gateway/metrics.h"
#include "gateway/sse.h"
#include "gateway/stream_usage.h"
#include "gateway/upstream.h"

#include <string.h>
#include <strings.h>

enum {
    ANSWER_MAX_BYTES = 8 << 20,
    LINES_MAX_BYTES = SSE_LINE_MAX_BYTES + 64 * 1024,
};

static const char path[] = "/chat/completions";
static const char broken_off[] = "The chat service broke off in the middle of its answer";

static struct http_response *response_of(const struct completion *completion)
{
    return &completion->exchange->response;
}

/* The client's request, with the model filled in where it names none. The JSON belongs to the
 * request. */
static const char *make_body(const struct completion *completion)
{
    struct json_object *body = completion->chat->body;
    if (!completion->chat->model) {
        json_object_object_del(body, "model");
        json_add_string(body, "model", completion->gateway->config->model);
    }
    return json_object_to_json_string_ext(body,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

static enum err perform(const struct completion *completion, struct upstream_call *call,
                        struct upstream_failure *ret_failure)
{
    const struct http_transport *transport = response_of(completion)->transport;
    call->path = path;
    call->body = make_body(completion);
    call->body_len = strlen(call->body);
    call->watch_fd = transport->watch_fd(transport->context);
    return upstream_perform(completion->gateway->upstream, call, ret_failure);
}

static enum err call_upstream(struct completion *completion, struct upstream_call *call)
{
    struct stream_usage *usage = completion->gateway->stream_usage;
    struct upstream_failure failure;
    bool asked = stream_usage_ask(usage, completion->chat);
    enum err err = perform(completion, call, &failure);
    if (asked && !err) {
        stream_usage_learn(usage, STREAM_USAGE_TAKEN);
    } else if (asked && err == ERR_INVALID && stream_usage_take_back(usage, completion->chat)) {
        upstream_failure_free(&failure);
        err = perform(completion, call, &failure);
        if (!err)
            stream_usage_learn(usage, STREAM_USAGE_REFUSED);
    }
    if (err)
        err = gateway_upstream_failed(completion->exchange, err, &failure);
    upstream_failure_free(&failure);
    return err;
}

static enum err fail(struct completion *completion, const char *detail)
{
    completion->exchange->log_detail = detail;
    return ERR_UPSTREAM;
}

/* An error that is neither the reader's nor ours. */
static void count_failure(const struct completion *completion, enum err err)
{
    static const size_t failures[ERR_COUNT] = {
        [ERR_INVALID] = 1 + UPSTREAM_REFUSED,
        [ERR_RATE_LIMITED] = 1 + UPSTREAM_RATE_LIMITED,
        [ERR_TIMEOUT] = 1 + UPSTREAM_TIMEOUT,
        [ERR_UPSTREAM] = 1 + UPSTREAM_FAILED,
    };
    if (failures[err])
        metric_add(metrics_at(completion->gateway->metrics, METRIC_GATEWAY_UPSTREAM_ERRORS),
                   METRIC_AT(failures[err] - 1), 1);
}

struct whole {
    struct completion *completion;
    struct buf answer;
};

/* Some servers send white space while they work. */
static enum err receive_whole(void *context, const char *content_type, const char *data, size_t len)
{
    struct whole *whole = context;
    (void)content_type;
    completion_progress(whole->completion);
    buf_add(&whole->answer, data, len);
    if (buf_err(&whole->answer) == ERR_TOO_LARGE)
        return fail(whole->completion, "upstream: the answer is over 8 MiB");
    return buf_err(&whole->answer);
}

/* Who lists the messages sees that the reply is still being written. */
static enum err note_silence(void *context)
{
    struct whole *whole = context;
    completion_progress(whole->completion);
    return ERR_OK;
}

static enum err send_whole(struct completion *completion, const struct buf *answer)
{
    struct http_response *response = response_of(completion);
    http_response_header(response, "Content-Type", "application/json");
    http_response_header(response, "Cache-Control", "no-store");
    http_response_headerf(response, "Content-Length", "%zu", answer->len);
    enum err err = http_response_begin(response);
    return err ? err : http_response_write(response, answer->data, answer->len);
}

static enum err pass_whole(struct completion *completion, const struct buf *answer)
{
    AUTO_JSON struct json_object *json = NULL;
    if (json_parse_answer(buf_str(answer), answer->len, &json) != ERR_OK)
        return fail(completion, "upstream: the answer is not JSON");
    if (openai_is_error(json))
        return fail(completion, "upstream: an error, in an answer with status 200");
    reply_add_answer(&completion->conversation->reply, json);
    completion_finish(completion);
    if (!openai_read_usage(json, &completion->used))
        completion->used.output = estimate_tokens(openai_content_bytes(json, "message"));
    return send_whole(completion, answer);
}

static enum err relay_whole(struct completion *completion)
{
    struct whole whole = {.completion = completion, .answer = BUF_MAX(ANSWER_MAX_BYTES)};
    struct upstream_call call = {.receive = receive_whole, .idle = note_silence, .context = &whole};
    enum err err = call_upstream(completion, &call);
    if (!err)
        err = pass_whole(completion, &whole.answer);
    count_failure(completion, err);
    buf_free(&whole.answer);
    return err;
}

struct flow {
    struct completion *completion;
    struct sse sse;
    struct buf lines; /* whole lines on their way to the reader */
    bool said_nothing;
    int64_t finished_bytes; /* what had been said when the completion was finished */
    bool went_on;           /* after that */
};

/* Some servers say on each chunk that it is the last one, also before the first word: then what has
 * been said is kept now and then until [DONE] comes. An error after the last one breaks the reply
 * off all the same. */
static void keep_said(struct flow *flow)
{
    struct completion *completion = flow->completion;
    const struct sse *sse = &flow->sse;
    completion->used.output = estimate_tokens(sse->content_bytes);
    bool goes_on = completion->finished && sse->content_bytes > flow->finished_bytes;
    flow->went_on = flow->went_on || goes_on;
    if (goes_on || sse->failed)
        completion->finished = false;
    bool has_ended = sse->done || !(flow->went_on || reply_is_empty(sse->reply));
    if (!sse_is_complete(sse) || !has_ended) {
        completion_progress(completion);
    } else if (!completion->finished) {
        flow->finished_bytes = sse->content_bytes;
        completion_finish(completion);
    }
}

static enum err receive_flow(void *context, const char *content_type, const char *data, size_t len)
{
    struct flow *flow = context;
    struct http_response *response = response_of(flow->completion);
    if (flow->said_nothing) {
        if (strncasecmp(content_type, "text/event-stream", strlen("text/event-stream")) != 0)
            return fail(flow->completion, "upstream: does not stream");
        enum err err = response->started ? ERR_OK : openai_stream_begin(response);
        if (err)
            return err;
    }
    if (len)
        flow->said_nothing = false;
    buf_clear(&flow->lines);
    if (sse_feed(&flow->sse, data, len, &flow->lines) != ERR_OK)
        return fail(flow->completion, "upstream: a line of the stream is over 1 MiB");
    keep_said(flow);
    return flow->lines.len ? http_response_write(response, flow->lines.data, flow->lines.len)
                           : ERR_OK;
}

/* Begins the stream, at the price that an error from now on cannot have its status any more. */
static enum err keep_alive(void *context)
{
    struct flow *flow = context;
    struct http_response *response = response_of(flow->completion);
    enum err err = response->started ? ERR_OK : openai_stream_begin(response);
    completion_progress(flow->completion);
    return err ? err : openai_stream_pulse(response);
}

/* The blank line that ends the last event, where it has not come. */
static enum err end_event(const struct flow *flow)
{
    return flow->sse.inside_event ? http_response_write(response_of(flow->completion), "\n", 1)
                                  : ERR_OK;
}

/* Says in an event of its own that the stream ends early. */
static enum err send_broken(const struct flow *flow, enum err why)
{
    const struct http_exchange *exchange = flow->completion->exchange;
    struct http_response *response = response_of(flow->completion);
    enum err err = end_event(flow);
    if (err)
        return err;
    if (flow->said_nothing)
        return openai_stream_error(response, gateway_error_code(http_status_of(why)),
                                   exchange->problem ? exchange->problem : err_message(why));
    return openai_stream_error(response, gateway_error_code(502), broken_off);
}

/* The end of a stream in which all has been said. Not every server says [DONE]. */
static enum err send_end(struct flow *flow)
{
    if (!flow->completion->finished)
        completion_finish(flow->completion);
    if (flow->sse.done)
        return ERR_OK;
    enum err err = end_event(flow);
    return err ? err : openai_stream_done(response_of(flow->completion));
}

static enum err end_flow(struct flow *flow, enum err err)
{
    struct http_response *response = response_of(flow->completion);
    if (err != ERR_DISCONNECTED && sse_is_complete(&flow->sse))
        return send_end(flow);
    if (!err)
        err = fail(flow->completion, flow->sse.failed ? "upstream: an error, in the stream"
                                                      : "upstream: the answer is not whole");
    count_failure(flow->completion, err);
    if (err == ERR_DISCONNECTED || !response->started)
        return err;
    return flow->sse.failed ? ERR_OK : send_broken(flow, err);
}

/* What the server counted or, where it did not count to the end, at least what was said. */
static void count_said(struct flow *flow)
{
    struct token_count *used = &flow->completion->used;
    int64_t said = flow->said_nothing ? 0 : estimate_tokens(flow->sse.content_bytes);
    if (flow->sse.has_usage)
        *used = flow->sse.usage;
    if (!flow->sse.has_usage || (!sse_is_complete(&flow->sse) && said > used->output))
        used->output = said;
}

static enum err relay_flow(struct completion *completion)
{
    struct flow flow = {
        .completion = completion, .lines = BUF_MAX(LINES_MAX_BYTES), .said_nothing = true};
    struct upstream_call call = {.receive = receive_flow, .idle = keep_alive, .context = &flow};
    sse_init(&flow.sse, &completion->conversation->reply, !completion->chat->include_usage);
    enum err err = end_flow(&flow, call_upstream(completion, &call));
    count_said(&flow);
    sse_free(&flow.sse);
    buf_free(&flow.lines);
    return err;
}

enum err relay_complete(struct completion *completion)
{
    completion->used.input = chat_request_tokens(completion->chat);
    enum err err = completion->chat->stream ? relay_flow(completion) : relay_whole(completion);
    if (err && err != ERR_DISCONNECTED && completion->used.output == 0)
        completion->used.input =
            0; /* the upstream refused or failed; a reader who left has had it read */
    return err;
}
