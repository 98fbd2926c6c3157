/* Text forms of bytes: hexadecimal, base64, percent-encoding, UTF-8, UUIDs. */
#ifndef BEHEST_BASE_ENCODE_H
#define BEHEST_BASE_ENCODE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Adds base64url without padding (RFC 4648 section 5). */
void encode_base64url(struct buf *out, const void *data, size_t len);

/* Adds the bytes that a base64url text without padding stands for. ERR_INVALID on any other
 * character, on padding and on stray bits at the end. */
MUST_CHECK enum err decode_base64url(const char *text, size_t len, struct buf *out);

/* Adds the bytes that a standard base64 text (RFC 4648 section 4) stands for; white space is
 * ignored, padding optional. */
MUST_CHECK enum err decode_base64(const char *text, struct buf *out);

/* Adds a URL path or query with %XX undone (RFC 3986). ERR_INVALID for a malformed escape and for
 * %00. */
MUST_CHECK enum err decode_percent(const char *text, size_t len, struct buf *out);

/* Number of code points when text is well-formed UTF-8 (RFC 3629), otherwise -1. */
long utf8_length(const char *text, size_t len);

/* True when the len bytes of text hold one below 0x20, or 0x7f. */
bool has_control_characters(const char *text, size_t len);

/* True when text is 1 to max_bytes letters, digits and any of - _ . ~ : with no dot at the
 * beginning: one segment of a URL's path that is written as it is. */
bool is_url_segment(const char *text, size_t max_bytes);

enum { UUID_SIZE = 37, HEX_ID_SIZE = 25 };

/* Writes a random UUID, version 4 (RFC 9562), in lower case, with its NUL. */
void uuid_v4(char ret_text[static UUID_SIZE]);

/* True when text has the form 8-4-4-4-12 of hexadecimal digits. */
bool is_uuid(const char *text);

/* Writes a new id: 24 hexadecimal digits, of which the first 8 are the seconds since 1970, so that
 * ids sort by time (the form of a MongoDB ObjectId, which imported users bring along). */
void hex_id(int64_t now_ms, char ret_text[static HEX_ID_SIZE]);

/* True when text is 24 lower-case hexadecimal digits. */
bool is_hex_id(const char *text);

#endif
