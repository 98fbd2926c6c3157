#include "base/json.h"

#include "base/encode.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
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

/* The code unit of a \uXXXX escape, -1 when there is none. */
static long code_unit(const char *text, size_t len)
{
    char digits[5] = {0};
    if (len < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;
    memcpy(digits, text + 2, 4);
    return strspn(digits, "0123456789abcdefABCDEF") == 4 ? strtol(digits, NULL, 16) : -1;
}

/* Half of a surrogate pair stands for no character. */
enum halves { HALVES_REFUSED, HALVES_TAKEN };

/* Length of the escape at text, 0 for one that is refused. */
static size_t escape_length(const char *text, size_t len, enum halves halves)
{
    long unit = code_unit(text, len);
    if (unit < 0xd800 || unit > 0xdfff || halves == HALVES_TAKEN)
        return 2;
    long low = unit < 0xdc00 ? code_unit(text + 6, len - 6) : -1;
    return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

/* Length of the string that begins at text, quotes included; 0 when it does not end, or holds a
 * control character. */
static size_t string_length(const char *text, size_t len, enum halves halves)
{
    for (size_t i = 1; i < len; i++) {
        if (text[i] == '"')
            return i + 1;
        if ((unsigned char)text[i] < ' ')
            return 0;
        size_t escape = text[i] == '\\' ? escape_length(text + i, len - i, halves) : 1;
        if (!escape)
            return 0;
        i += escape - 1;
    }
    return 0;
}

/* True when nothing stands outside of strings but what RFC 8259 knows: json-c's strict mode takes
 * single quotes, NaN, Infinity and numbers that end in a point, too. Inside of strings, control
 * characters are refused. */
static bool has_plain_lexemes(const char *text, size_t len, enum halves halves)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < len;) {
        size_t step = text[i] && strchr("{}[]:,0123456789+-.eE \t\r\n", text[i]) ? 1 : 0;
        if (text[i] == '"')
            step = string_length(text + i, len - i, halves);
        for (size_t w = 0; !step && w < sizeof words / sizeof words[0]; w++)
            if (len - i >= strlen(words[w]) && memcmp(text + i, words[w], strlen(words[w])) == 0)
                step = strlen(words[w]);
        bool stray_point = text[i] == '.' && !(i + 1 < len && isdigit((unsigned char)text[i + 1]));
        if (!step || stray_point)
            return false;
        i += step;
    }
    return true;
}

size_t json_weight(const char *text, size_t len)
{
    enum { CONTAINER_WEIGHT = 8 };
    size_t weight = 0;
    for (size_t i = 0; i < len; i++) {
        size_t string = text[i] == '"' ? string_length(text + i, len - i, HALVES_TAKEN) : 0;
        if (string)
            i += string - 1;
        else if (text[i] == '{' || text[i] == '[')
            weight += CONTAINER_WEIGHT;
        else if (text[i] == ',' || text[i] == ':')
            weight++;
    }
    return weight;
}

static enum err parse(const char *text, size_t len, enum halves halves, size_t weight_max,
                      struct json_object **ret_object, const char **ret_problem)
{
    if (len > INT_MAX) {
        *ret_problem = "The JSON is too long";
        return ERR_TOO_LARGE;
    }
    if (utf8_length(text, len) < 0) {
        *ret_problem = "The JSON is not valid UTF-8";
        return ERR_INVALID;
    }
    if (!has_plain_lexemes(text, len, halves)) {
        *ret_problem = "The body is not valid JSON";
        return ERR_INVALID;
    }
    if (json_weight(text, len) > weight_max) {
        *ret_problem = "The JSON has too many values";
        return ERR_INVALID;
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

enum err json_parse_object(const char *text, size_t len, struct json_object **ret_object,
                           const char **ret_problem)
{
    return parse(text, len, HALVES_REFUSED, JSON_WEIGHT_MAX, ret_object, ret_problem);
}

enum err json_parse_answer(const char *text, size_t len, struct json_object **ret_object)
{
    const char *problem;
    return parse(text, len, HALVES_TAKEN, JSON_ANSWER_WEIGHT_MAX, ret_object, &problem);
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
