#include "base/encode.h"

#include "base/clock.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

void encode_base64url(struct buf *out, const void *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *in = data;
    for (size_t i = 0; i < len; i += 3) {
        size_t chunk = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)in[i] << 16;
        if (chunk > 1)
            bits |= (uint32_t)in[i + 1] << 8;
        if (chunk > 2)
            bits |= in[i + 2];
        char group[4] = {digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63],
                         digits[bits & 63]};
        buf_add(out, group, chunk + 1);
    }
}

static enum err decode_sodium(const char *text, size_t len, const char *ignore, int variant,
                              struct buf *out)
{
    if (len == 0)
        return ERR_OK;
    BUF_AUTO(bytes, len);
    buf_add(&bytes, text, len);
    if (buf_err(&bytes))
        return buf_err(&bytes);
    size_t decoded = 0;
    const char *end = NULL;
    if (sodium_base642bin((unsigned char *)bytes.data, len, text, len, ignore, &decoded, &end,
                          variant) != 0 ||
        end != text + len)
        return ERR_INVALID;
    buf_add(out, bytes.data, decoded);
    return buf_err(out);
}

enum err decode_base64url(const char *text, size_t len, struct buf *out)
{
    return decode_sodium(text, len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING, out);
}

enum err decode_base64(const char *text, struct buf *out)
{
    size_t len = strlen(text);
    while (len && (isspace((unsigned char)text[len - 1]) || text[len - 1] == '='))
        len--;
    return decode_sodium(text, len, " \t\r\n", sodium_base64_VARIANT_ORIGINAL_NO_PADDING, out);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum err decode_percent(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '%') {
            int high = len - i > 2 ? hex_value(text[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text[i + 2]) : -1;
            if (low < 0)
                return ERR_INVALID;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return ERR_INVALID;
        buf_add(out, &c, 1);
    }
    return buf_err(out);
}

/* Length of the well-formed UTF-8 sequence at s, 0 when there is none (RFC 3629 section 4, ABNF).
 */
static size_t utf8_sequence(const unsigned char *s, size_t len)
{
    size_t need = s[0] < 0x80   ? 1
                  : s[0] < 0xc2 ? 0
                  : s[0] < 0xe0 ? 2
                  : s[0] < 0xf0 ? 3
                  : s[0] < 0xf5 ? 4
                                : 0;
    if (need == 0 || need > len)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return need;
}

long utf8_length(const char *text, size_t len)
{
    long count = 0;
    for (size_t i = 0; i < len; count++) {
        size_t step = utf8_sequence((const unsigned char *)text + i, len - i);
        if (step == 0)
            return -1;
        i += step;
    }
    return count;
}

bool has_control_characters(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return true;
    return false;
}

void uuid_v4(char ret_text[static UUID_SIZE])
{
    unsigned char b[16];
    randombytes_buf(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(ret_text, UUID_SIZE,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
}

bool is_uuid(const char *text)
{
    if (strlen(text) != UUID_SIZE - 1)
        return false;
    for (int i = 0; i < UUID_SIZE - 1; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[i] != '-' : hex_value(text[i]) < 0)
            return false;
    }
    return true;
}

void hex_id(int64_t now_ms, char ret_text[static HEX_ID_SIZE])
{
    unsigned char random[8];
    randombytes_buf(random, sizeof random);
    int len = snprintf(ret_text, HEX_ID_SIZE, "%08x", (uint32_t)(now_ms / MS_PER_SECOND));
    sodium_bin2hex(ret_text + len, (size_t)(HEX_ID_SIZE - len), random, sizeof random);
}

bool is_hex_id(const char *text)
{
    if (strlen(text) != HEX_ID_SIZE - 1)
        return false;
    for (const char *c = text; *c; c++)
        if (hex_value(*c) < 0 || (*c >= 'A' && *c <= 'F'))
            return false;
    return true;
}

bool is_url_segment(const char *text, size_t max_bytes)
{
    static const char accepted[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~:";
    size_t len = strspn(text, accepted);
    return len && len <= max_bytes && text[len] == '\0' && *text != '.';
}
