#include "gateway/stream_usage.h"

static const char options_name[] = "stream_options";
static const char member_name[] = "include_usage";

static struct json_object *options_of(const struct chat_request *request)
{
    struct json_object *options = NULL;
    json_object_object_get_ex(request->body, options_name, &options);
    return options;
}

bool stream_usage_ask(struct stream_usage *usage, const struct chat_request *request)
{
    if (!request->stream || request->include_usage ||
        atomic_load(&usage->answer) == STREAM_USAGE_REFUSED)
        return false;
    struct json_object *options = options_of(request);
    if (!options) {
        options = json_object_new_object();
        json_object_object_add(request->body, options_name, options);
    }
    json_object_object_add(options, member_name, json_object_new_boolean(1));
    return true;
}

bool stream_usage_take_back(struct stream_usage *usage, const struct chat_request *request)
{
    struct json_object *options = options_of(request);
    json_object_object_del(options, member_name);
    if (json_object_object_length(options) == 0)
        json_object_object_del(request->body, options_name);
    return atomic_load(&usage->answer) == STREAM_USAGE_UNKNOWN;
}

void stream_usage_learn(struct stream_usage *usage, enum stream_usage_answer answer)
{
    atomic_store(&usage->answer, answer);
}
