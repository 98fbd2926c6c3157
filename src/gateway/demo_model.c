/* The demonstration model: quotes the passage of the project's manual that fits best. */
#include "gateway/completion.h"

#include "base/clock.h"
#include "base/json.h"
#include "gateway/manual.h"

#include <stdio.h>
#include <string.h>

enum {
    TEXT_MAX_BYTES = 128 * 1024,
    PAUSE_MS = 15,    /* between pieces, so that one sees it stream, and can stop it */
    PIECES_MAX = 600, /* hence at most some 9 s */
    PIECE_MIN_BYTES = 12,
};

static const char introduction[] =
    "*This is the demonstration model of behest-gateway. It looks your question up in this "
    "project's manual, and knows nothing else. To talk to a real model, set "
    "`GATEWAY_UPSTREAM_URL` to an OpenAI-compatible server.*\n\n";

static const char nothing_found[] =
    "The manual has nothing about that. Questions that it can answer:\n\n"
    "- How do I put it behind nginx?\n"
    "- How do I connect a real model?\n"
    "- How do I add a user?\n"
    "- How do I change the tier of a user?\n";

/* Once is enough: what was said before holds for the whole conversation. */
static bool is_first_reply(struct json_object *messages)
{
    for (size_t i = 0; i < json_object_array_length(messages); i++) {
        const char *role = NULL;
        if (json_get_string(json_object_array_get_idx(messages, i), "role", &role) == ERR_OK &&
            strcmp(role, "assistant") == 0)
            return false;
    }
    return true;
}

static enum err write_answer(const struct completion *completion, struct buf *answer)
{
    BUF_AUTO(question, CHAT_REQUEST_MAX_BYTES);
    enum err err = chat_request_last_question(completion->chat, &question);
    if (err)
        return err;
    if (is_first_reply(completion->chat->messages))
        buf_adds(answer, introduction);
    err = manual_search(completion->gateway->manual, buf_str(&question), answer);
    if (err == ERR_NOT_FOUND) {
        buf_adds(answer, nothing_found);
        err = buf_err(answer);
    }
    return err;
}

/* Ends after the first blank that follows the least length, so that no character is cut. */
static size_t piece_length(const char *text, size_t least)
{
    size_t len = strnlen(text, least);
    len += strcspn(text + len, " \n");
    return len + strspn(text + len, " \n");
}

static struct json_object *delta_of(const char *role, const char *text, size_t len)
{
    struct json_object *delta = json_object_new_object();
    json_add_string(delta, "role", role);
    json_object_object_add(delta, "content", json_object_new_string_len(text, (int)len));
    return delta;
}

static enum err stream_text(struct completion *completion, const struct openai_head *head,
                            const struct buf *answer)
{
    struct http_response *response = &completion->exchange->response;
    size_t least = answer->len / PIECES_MAX;
    if (least < PIECE_MIN_BYTES)
        least = PIECE_MIN_BYTES;
    enum err err = ERR_OK;
    for (const char *text = answer->data; *text && !err;) {
        size_t len = piece_length(text, least);
        err = openai_stream_event(response, openai_chunk(head, delta_of(NULL, text, len), NULL));
        reply_add_text(&completion->conversation->reply, text, len);
        text += len;
        completion->used.output = estimate_tokens(text - answer->data);
        completion_progress(completion);
        if (!err && http_response_abandoned(response, PAUSE_MS))
            err = ERR_DISCONNECTED;
    }
    return err;
}

static enum err stream_answer(struct completion *completion, const struct openai_head *head,
                              const struct buf *answer)
{
    struct http_response *response = &completion->exchange->response;
    enum err err = openai_stream_begin(response);
    if (!err)
        err = openai_stream_event(response, openai_chunk(head, delta_of("assistant", "", 0), NULL));
    if (!err)
        err = stream_text(completion, head, answer);
    if (!err)
        completion_finish(completion);
    if (!err)
        err = openai_stream_event(response, openai_chunk(head, json_object_new_object(), "stop"));
    if (!err && completion->chat->include_usage)
        err = openai_stream_event(response, openai_usage_chunk(head, &completion->used));
    return err ? err : openai_stream_done(response);
}

static void send_whole(struct completion *completion, const struct openai_head *head,
                       const struct buf *answer)
{
    struct http_response *response = &completion->exchange->response;
    completion->used.output = estimate_tokens((int64_t)answer->len);
    reply_add_text(&completion->conversation->reply, answer->data, answer->len);
    completion_finish(completion);
    AUTO_JSON struct json_object *json = openai_completion(head, answer->data, &completion->used);
    http_response_header(response, "Cache-Control", "no-store");
    http_response_json(response, 200, json);
}

enum err demo_complete(struct completion *completion)
{
    const struct gateway *gateway = completion->gateway;
    const char *model = gateway->config->model ? gateway->config->model : DEMO_MODEL_NAME;
    struct openai_head head = {.created = clock_now_ms(gateway->clock) / MS_PER_SECOND,
                               .model = model};
    snprintf(head.id, sizeof head.id, "chatcmpl-%s", completion->exchange->request.id);
    BUF_AUTO(answer, TEXT_MAX_BYTES);
    enum err err = write_answer(completion, &answer);
    if (err)
        return err;
    completion->used.input = chat_request_tokens(completion->chat);
    if (completion->chat->stream)
        return stream_answer(completion, &head, &answer);
    send_whole(completion, &head, &answer);
    return ERR_OK;
}
