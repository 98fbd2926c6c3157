/* GET /v1/threads, /v1/threads/ID and /v1/threads/ID/messages; DELETE /v1/threads/ID. */
#include "gateway/handlers.h"

#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "gateway/app.h"
#include "gateway/conversation.h"
#include "http/query.h"

#include <stdio.h>
#include <string.h>

enum {
    THREADS_DEFAULT = 50,
    THREADS_MAX = 200,
    MESSAGES_DEFAULT = 500,
    MESSAGES_MAX = 1000,
    MESSAGES_MAX_BYTES = 8 << 20,
    PLACE_MAX_BYTES = THREAD_ID_MAX_BYTES + 1 + CLOCK_ISO_SIZE,
};

/* One call for the conversations of one user. */
struct call {
    struct http_exchange *exchange;
    struct db *db;
    struct gateway_user user;
    struct thread_key key;
    int64_t now_ms;
};

static void add_time(struct json_object *object, const char *name, int64_t ms)
{
    char text[CLOCK_ISO_SIZE];
    clock_format_iso(ms, text);
    json_add_string(object, name, text);
}

static struct json_object *thread_json(const struct thread *thread)
{
    struct json_object *object = json_object_new_object();
    json_add_string(object, "id", thread->id);
    json_add_string(object, "title", thread->title);
    add_time(object, "created_at", thread->created_at_ms);
    add_time(object, "last_message_at", thread->last_message_at_ms);
    return object;
}

static enum err add_thread(void *context, const struct thread *thread)
{
    json_object_array_add(context, thread_json(thread));
    return ERR_OK;
}

static enum err no_such_thread(const struct call *call)
{
    return http_fail(call->exchange, ERR_NOT_FOUND, "There is no such conversation");
}

static void answer(const struct call *call, struct json_object *json)
{
    http_response_header(&call->exchange->response, "Cache-Control", "no-store");
    http_response_json(&call->exchange->response, 200, json);
}

static enum err invalid_paging(const struct call *call, int most, const char *from)
{
    return http_fail(call->exchange, ERR_INVALID,
                     "limit must be a number from 1 to %d, and %s what an earlier answer named",
                     most, from);
}

static enum err note_time(void *context, const struct thread *thread)
{
    ((struct thread_place *)context)->last_message_at_ms = thread->last_message_at_ms;
    return ERR_OK;
}

/* "LAST_MESSAGE_AT,ID" is the place that a thread had in an earlier answer, "ID" the one that it
 * has now: ERR_NOT_FOUND, with place->id set, when it is gone. */
static enum err read_place(struct call *call, struct buf *after, struct thread_place *place)
{
    char *comma = strchr(buf_str(after), ',');
    const char *id = comma ? comma + 1 : buf_str(after);
    if (!is_url_segment(id, THREAD_ID_MAX_BYTES))
        return ERR_INVALID;
    place->id = call->key.id = id;
    if (!comma)
        return thread_visit(call->db, &call->key, call->now_ms, note_time, place);
    *comma = '\0';
    return clock_parse_iso(after->data, &place->last_message_at_ms);
}

static enum err list_threads(struct call *call)
{
    const struct http_request *request = &call->exchange->request;
    int64_t limit = THREADS_DEFAULT;
    BUF_AUTO(after, PLACE_MAX_BYTES);
    struct thread_place place = {.id = NULL};
    enum err err = http_query_number(request, "limit", 1, THREADS_MAX, &limit);
    if (!err)
        err = http_query_text(request, "after", &after);
    if (!err)
        err = read_place(call, &after, &place);
    if (err == ERR_INVALID || err == ERR_TOO_LARGE)
        return invalid_paging(call, THREADS_MAX, "after");
    if (err && err != ERR_NOT_FOUND)
        return err;
    if (err && place.id)
        return no_such_thread(call);
    AUTO_JSON struct json_object *list = json_object_new_array();
    err = thread_each(call->db, &call->key, place.id ? &place : NULL, call->now_ms, (int)limit,
                      add_thread, list);
    if (!err)
        answer(call, list);
    return err;
}

static enum err answer_thread(void *context, const struct thread *thread)
{
    AUTO_JSON struct json_object *json = thread_json(thread);
    answer(context, json);
    return ERR_OK;
}

static enum err show_thread(struct call *call)
{
    enum err err = thread_visit(call->db, &call->key, call->now_ms, answer_thread, call);
    return err == ERR_NOT_FOUND ? no_such_thread(call) : err;
}

/* The newest messages of a thread, found backwards. */
struct page {
    struct json_object *messages;
    int64_t now_ms;
    int64_t limit;
    size_t bytes;
    size_t weight;
};

static const char *state_name(const struct message *message, int64_t now_ms)
{
    static const char *const names[] = {
        [MESSAGE_COMPLETE] = "complete",
        [MESSAGE_STREAMING] = "streaming",
        [MESSAGE_STOPPED] = "stopped",
        [MESSAGE_INCOMPLETE] = "incomplete",
    };
    bool lost = message->state == MESSAGE_STREAMING &&
                now_ms - message->changed_at_ms > CONVERSATION_LOST_MS;
    return names[lost ? MESSAGE_INCOMPLETE : message->state];
}

static enum err add_message(void *context, const struct message *message)
{
    struct page *page = context;
    struct json_object *json = NULL;
    const char *problem;
    char id[24];
    size_t len = strlen(message->json);
    page->bytes += len;
    page->weight += json_weight(message->json, len);
    bool is_full =
        page->limit-- == 0 || page->bytes > MESSAGES_MAX_BYTES || page->weight > JSON_WEIGHT_MAX;
    if (is_full && json_object_array_length(page->messages))
        return ERR_NOT_FOUND;
    if (json_parse_object(message->json, len, &json, &problem) != ERR_OK)
        return ERR_DATABASE;
    snprintf(id, sizeof id, "%lld", (long long)message->id);
    json_add_string(json, "id", id);
    json_add_string(json, "state", state_name(message, page->now_ms));
    add_time(json, "created_at", message->created_at_ms);
    json_object_array_add(page->messages, json);
    return ERR_OK;
}

static struct json_object *reversed(struct json_object *list)
{
    struct json_object *result = json_object_new_array();
    for (size_t i = json_object_array_length(list); i-- > 0;)
        json_object_array_add(result, json_object_get(json_object_array_get_idx(list, i)));
    return result;
}

static enum err list_messages(struct call *call)
{
    const struct http_request *request = &call->exchange->request;
    struct page page = {.now_ms = call->now_ms, .limit = MESSAGES_DEFAULT};
    int64_t serial;
    int64_t before = INT64_MAX;
    enum err err = http_query_number(request, "limit", 1, MESSAGES_MAX, &page.limit);
    if (!err)
        err = http_query_number(request, "before", 1, INT64_MAX, &before);
    if (err)
        return invalid_paging(call, MESSAGES_MAX, "before");
    err = thread_find(call->db, &call->key, call->now_ms, &serial);
    if (err)
        return err == ERR_NOT_FOUND ? no_such_thread(call) : err;
    AUTO_JSON struct json_object *backwards = json_object_new_array();
    page.messages = backwards;
    err = message_each_backwards(call->db, serial, before, add_message, &page);
    if (err)
        return err;
    AUTO_JSON struct json_object *messages = reversed(backwards);
    answer(call, messages);
    return ERR_OK;
}

static enum err delete_thread(struct call *call)
{
    int64_t serial;
    enum err err = thread_find(call->db, &call->key, call->now_ms, &serial);
    if (err == ERR_NOT_FOUND)
        return no_such_thread(call);
    if (!err)
        err = thread_delete(call->db, serial);
    if (err)
        return err;
    bool cleared = false;
    enum err ignored = gateway_clear_thread(call->db, serial, call->now_ms, &cleared);
    (void)ignored; /* it will go with what has expired */
    call->exchange->response.status = 204;
    return ERR_OK;
}

/* Finds out whose conversations they are, and runs one of the functions above on them. */
static enum err run(struct http_exchange *exchange, const char *id,
                    enum err run_call(struct call *))
{
    const struct gateway *gateway = exchange->app;
    struct call call = {.exchange = exchange, .now_ms = clock_now_ms(gateway->clock)};
    enum err err = gateway_require_user(exchange, &call.user);
    if (err)
        return err;
    if (!gateway->config->thread_days)
        return http_fail(exchange, ERR_NOT_FOUND, "This gateway keeps no conversations");
    if (id && !is_url_segment(id, THREAD_ID_MAX_BYTES))
        return no_such_thread(&call);
    call.key = (struct thread_key){
        .project_id = call.user.pid, .user_id = call.user.uid, .kind = THREAD_KEPT, .id = id};
    err = db_pool_take(gateway->pool, &call.db);
    if (!err)
        err = run_call(&call);
    db_pool_give(gateway->pool, call.db);
    return err;
}

enum err gateway_handle_threads(struct http_exchange *exchange)
{
    return run(exchange, NULL, list_threads);
}

enum err gateway_handle_thread(struct http_exchange *exchange)
{
    static const char suffix[] = "/messages";
    const char *slash = strchr(exchange->rest, '/');
    if (!slash)
        return run(exchange, exchange->rest, show_thread);
    BUF_AUTO(id, HTTP_PATH_MAX_BYTES);
    buf_add(&id, exchange->rest, (size_t)(slash - exchange->rest));
    if (strcmp(slash, suffix) != 0)
        return http_fail(exchange, ERR_NOT_FOUND, "There is no such call");
    return run(exchange, buf_str(&id), list_messages);
}

enum err gateway_handle_thread_deletion(struct http_exchange *exchange)
{
    return run(exchange, exchange->rest, delete_thread);
}
