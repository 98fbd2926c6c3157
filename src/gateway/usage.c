/* GET /v1/usage and GET /v1/billing/usage: what the user has used, from what was counted. */
#include "gateway/handlers.h"

#include "base/clock.h"
#include "base/json.h"
#include "gateway/app.h"
#include "gateway/thread_store.h"
#include "gateway/usage_store.h"
#include "http/query.h"

#include <string.h>

enum { POINTS_MAX = 2000, MODELS_MAX = 100, DEFAULT_DAYS = 30, TIME_MAX_BYTES = 40 };

/* One call for what one user used between two times. */
struct call {
    struct http_exchange *exchange;
    const struct gateway_config *config;
    struct db *db;
    struct gateway_user user;
    struct usage_window window;
};

static double cost_of(const struct gateway_config *config, const struct usage *usage)
{
    static const double million = 1e6;
    return ((double)usage->input_tokens * config->input_price +
            (double)usage->output_tokens * config->output_price) /
           million;
}

static void add_amount(struct json_object *object, const char *name, int64_t amount)
{
    json_object_object_add(object, name, json_object_new_int64(amount));
}

static void add_cost(struct json_object *object, const struct call *call, const struct usage *usage)
{
    json_object_object_add(object, "cost_usd",
                           json_object_new_double(cost_of(call->config, usage)));
}

static void add_time(struct json_object *object, const char *name, int64_t ms)
{
    char text[CLOCK_ISO_SIZE];
    clock_format_iso(ms, text);
    json_add_string(object, name, text);
}

static void add_up(struct usage *sum, const struct usage *more)
{
    sum->requests += more->requests;
    sum->input_tokens += more->input_tokens;
    sum->output_tokens += more->output_tokens;
}

/* Rows of an answer, and what they add up to. */
struct report {
    const struct call *call;
    struct json_object *rows;
    struct usage sum;
};

static void add_tokens(struct json_object *object, const struct call *call,
                       const struct usage *usage)
{
    add_amount(object, "tokens", usage->input_tokens + usage->output_tokens);
    add_cost(object, call, usage);
}

static enum err add_point(void *context, int64_t at_ms, const struct usage *usage)
{
    struct report *report = context;
    if (json_object_array_length(report->rows) == POINTS_MAX)
        return ERR_TOO_LARGE;
    struct json_object *point = json_object_new_object();
    add_time(point, "timestamp", at_ms);
    add_tokens(point, report->call, usage);
    json_object_array_add(report->rows, point);
    add_up(&report->sum, usage);
    return ERR_OK;
}

static enum err read_step(const struct call *call, int64_t *ret_step_ms)
{
    static const struct {
        const char *name;
        int64_t ms;
    } steps[] = {{"day", MS_PER_DAY}, {"hour", MS_PER_HOUR}, {"minute", MS_PER_MINUTE}};
    BUF_AUTO(name, 16);
    enum err err = http_query_text(&call->exchange->request, "granularity", &name);
    if (err == ERR_NOT_FOUND) {
        buf_adds(&name, steps[0].name);
        err = ERR_OK;
    }
    for (size_t i = 0; !err && i < sizeof steps / sizeof *steps; i++)
        if (strcmp(buf_str(&name), steps[i].name) == 0) {
            *ret_step_ms = steps[i].ms;
            return ERR_OK;
        }
    return http_fail(call->exchange, ERR_INVALID, "granularity must be minute, hour or day");
}

static enum err add_kept(struct json_object *body, const struct call *call)
{
    const struct thread_key key = {.project_id = call->user.pid, .user_id = call->user.uid};
    int64_t bytes = 0;
    enum err err = thread_kept_bytes(call->db, &key, &bytes);
    if (err)
        return err;
    struct json_object *kept = json_object_new_object();
    add_amount(kept, "bytes", bytes);
    if (call->config->user_bytes)
        add_amount(kept, "limit", call->config->user_bytes);
    json_object_object_add(body, "kept", kept);
    return ERR_OK;
}

static void add_limits(struct json_object *body, const struct call *call)
{
    const struct tier_limits *tier = tier_table_find(&call->config->tiers, call->user.tier);
    struct json_object *limits = json_object_new_object();
    add_amount(limits, "requests_per_minute", tier->requests_per_minute);
    add_amount(limits, "requests_per_day", tier->requests_per_day);
    add_amount(limits, "tokens_per_day", tier->tokens_per_day);
    json_object_object_add(body, "limits", limits);
}

static enum err answer_usage(struct call *call)
{
    AUTO_JSON struct json_object *body = json_object_new_object();
    struct json_object *totals = json_object_new_object();
    struct report report = {.call = call, .rows = json_object_new_array()};
    json_object_object_add(body, "totals", totals);
    json_object_object_add(body, "breakdown", report.rows);
    int64_t step_ms = 0;
    enum err err = read_step(call, &step_ms);
    if (!err)
        err = usage_each_step(call->db, &call->window, step_ms, add_point, &report);
    if (err == ERR_TOO_LARGE)
        return http_fail(call->exchange, ERR_INVALID,
                         "These are over %d points: ask for a shorter time, or by the hour or day",
                         POINTS_MAX);
    if (!err)
        err = add_kept(body, call);
    if (err)
        return err;
    add_tokens(totals, call, &report.sum);
    add_limits(body, call);
    http_response_json(&call->exchange->response, 200, body);
    return ERR_OK;
}

static void add_numbers(struct json_object *object, const struct call *call,
                        const struct usage *usage)
{
    add_amount(object, "requests", usage->requests);
    add_amount(object, "input_tokens", usage->input_tokens);
    add_amount(object, "output_tokens", usage->output_tokens);
    add_cost(object, call, usage);
}

static enum err add_model(void *context, const char *name, const struct usage *usage)
{
    struct report *report = context;
    struct json_object *model = json_object_new_object();
    json_add_string(model, "model", name);
    add_numbers(model, report->call, usage);
    json_object_array_add(report->rows, model);
    add_up(&report->sum, usage);
    return ERR_OK;
}

static enum err answer_billing(struct call *call)
{
    AUTO_JSON struct json_object *body = json_object_new_object();
    struct json_object *window = json_object_new_object();
    struct json_object *platform = json_object_new_object();
    struct report report = {.call = call, .rows = json_object_new_array()};
    enum err err = usage_each_model(call->db, &call->window, MODELS_MAX, add_model, &report);
    add_time(window, "from", call->window.from_ms);
    add_time(window, "to", call->window.to_ms);
    add_numbers(platform, call, &report.sum);
    json_object_object_add(platform, "by_model", report.rows);
    json_add_string(body, "project_id", call->user.pid);
    json_object_object_add(body, "window", window);
    json_object_object_add(body, "platform", platform);
    if (!err)
        http_response_json(&call->exchange->response, 200, body);
    return err;
}

static enum err read_time(const struct call *call, const char *name, int64_t *ret_ms)
{
    BUF_AUTO(text, TIME_MAX_BYTES);
    enum err err = http_query_text(&call->exchange->request, name, &text);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (!err)
        err = clock_parse_iso(buf_str(&text), ret_ms);
    return err ? http_fail(call->exchange, ERR_INVALID,
                           "%s must be a day or a time, such as 2026-11-23 or 2026-11-23T10:00:00Z",
                           name)
               : ERR_OK;
}

static enum err read_window(struct call *call, int64_t now_ms)
{
    int64_t to_ms = now_ms;
    enum err err = read_time(call, "to", &to_ms);
    int64_t from_ms = to_ms - to_ms % MS_PER_DAY - (DEFAULT_DAYS - 1) * MS_PER_DAY;
    if (!err)
        err = read_time(call, "from", &from_ms);
    if (err)
        return err;
    if (from_ms > to_ms)
        return http_fail(call->exchange, ERR_INVALID, "from must not be after to");
    call->window = (struct usage_window){.project_id = call->user.pid,
                                         .user_id = call->user.uid,
                                         .from_ms = from_ms,
                                         .to_ms = to_ms};
    return ERR_OK;
}

static enum err run(struct http_exchange *exchange, enum err answer(struct call *))
{
    const struct gateway *gateway = exchange->app;
    struct call call = {.exchange = exchange, .config = gateway->config};
    enum err err = gateway_require_user(exchange, &call.user);
    if (!err)
        err = read_window(&call, clock_now_ms(gateway->clock));
    if (err)
        return err;
    http_response_header(&exchange->response, "Cache-Control", "no-store");
    err = db_pool_take(gateway->pool, &call.db);
    if (!err)
        err = answer(&call);
    db_pool_give(gateway->pool, call.db);
    return err;
}

enum err gateway_handle_usage(struct http_exchange *exchange)
{
    return run(exchange, answer_usage);
}

enum err gateway_handle_billing(struct http_exchange *exchange)
{
    return run(exchange, answer_billing);
}
