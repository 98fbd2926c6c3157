/* JSON from outside: parsed strictly, read with checks. */
#ifndef BEHEST_BASE_JSON_H
#define BEHEST_BASE_JSON_H

#include "base/err.h"

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

/* A weight of one stands for about 100 bytes of memory. */
enum { JSON_DEPTH_MAX = 32, JSON_WEIGHT_MAX = 1 << 18, JSON_ANSWER_WEIGHT_MAX = 1 << 22 };

/* What JSON weighs once it is parsed: 8 for each object and list, 1 for each comma and colon. A
 * short text can be heavy: json-c takes 790 bytes for {}. */
size_t json_weight(const char *text, size_t len);

/* Parses exactly one JSON object (RFC 8259), UTF-8, at most JSON_DEPTH_MAX levels deep, of at most
 * JSON_WEIGHT_MAX. ERR_INVALID with a static sentence in *ret_problem. The caller puts the object
 * back with json_object_put(). */
MUST_CHECK enum err json_parse_object(const char *text, size_t len, struct json_object **ret_object,
                                      const char **ret_problem);

/* As json_parse_object(), for what other servers say: half of a surrogate pair, which RFC 8259
 * section 8.2 leaves open, stands for U+FFFD, and with the probabilities of all words an answer may
 * weigh JSON_ANSWER_WEIGHT_MAX. */
MUST_CHECK enum err json_parse_answer(const char *text, size_t len,
                                      struct json_object **ret_object);

/* A member that is a string without NUL characters. ERR_NOT_FOUND when it is absent or null,
 * ERR_INVALID when it is anything else. The string belongs to object. */
MUST_CHECK enum err json_get_string(struct json_object *object, const char *name,
                                    const char **ret_text);

/* A member that is a whole number; errors as above. */
MUST_CHECK enum err json_get_integer(struct json_object *object, const char *name,
                                     int64_t *ret_number);

/* Adds a string member; nothing when text is NULL. */
void json_add_string(struct json_object *object, const char *name, const char *text);

static inline void cleanup_json(struct json_object **json)
{
    json_object_put(*json);
}

#define AUTO_JSON __attribute__((cleanup(cleanup_json)))

#endif
