#include "base/json.h"

#include <limits.h>
#include <string.h>

static const char *describe(enum json_tokener_error error)
{
    switch (error) {
    case json_tokener_continue:
        return "The JSON ends in the middle";
    case json_tokener_error_depth:
        return "The JSON is nested too deeply";
    case json_tokener_error_parse_utf8_string:
        return "The JSON is not valid UTF-8";
    default:
        return "The body is not valid JSON";
    }
}

enum err json_parse_object(const char *text, size_t len, struct json_object **ret_object,
                           const char **ret_problem)
{
    if (len > INT_MAX) {
        *ret_problem = "The JSON is too long";
        return ERR_TOO_LARGE;
    }
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX);
    if (!tokener)
        return ERR_NOMEM;
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *parsed = json_tokener_parse_ex(tokener, text, (int)len);
    enum json_tokener_error error = json_tokener_get_error(tokener);
    json_tokener_free(tokener);
    if (error != json_tokener_success || !json_object_is_type(parsed, json_type_object)) {
        *ret_problem =
            error != json_tokener_success ? describe(error) : "The body is not a JSON object";
        json_object_put(parsed);
        return ERR_INVALID;
    }
    *ret_object = parsed;
    return ERR_OK;
}

static enum err get(struct json_object *object, const char *name, enum json_type type,
                    struct json_object **ret_value)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(object, name, &value) || !value)
        return ERR_NOT_FOUND;
    if (!json_object_is_type(value, type))
        return ERR_INVALID;
    *ret_value = value;
    return ERR_OK;
}

enum err json_get_string(struct json_object *object, const char *name, const char **ret_text)
{
    struct json_object *value;
    enum err err = get(object, name, json_type_string, &value);
    if (err)
        return err;
    const char *text = json_object_get_string(value);
    if (strlen(text) != (size_t)json_object_get_string_len(value))
        return ERR_INVALID;
    *ret_text = text;
    return ERR_OK;
}

enum err json_get_integer(struct json_object *object, const char *name, int64_t *ret_number)
{
    struct json_object *value;
    enum err err = get(object, name, json_type_int, &value);
    if (!err)
        *ret_number = json_object_get_int64(value);
    return err;
}

void json_add_string(struct json_object *object, const char *name, const char *text)
{
    if (text)
        json_object_object_add(object, name, json_object_new_string(text));
}
