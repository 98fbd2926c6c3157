#include "call/bearer.h"

#include "base/buf.h"
#include "base/secret.h"

#include <string.h>

enum { HEADER_MAX_BYTES = 4000 + sizeof "Authorization: Bearer " };

static enum err make_authorization(const char *key, char **ret_header)
{
    BUF_AUTO(header, HEADER_MAX_BYTES);
    buf_addf(&header, "Authorization: Bearer %s", key);
    if (buf_err(&header))
        return buf_err(&header);
    *ret_header = secret_new(header.data, header.len);
    return *ret_header ? ERR_OK : ERR_NOMEM;
}

enum err bearer_init(struct bearer *bearer, const char *key)
{
    *bearer = (struct bearer){
        .content_type = "Content-Type: application/json",
        .expect = "Expect:", /* no 100-continue: the bodies are small */
    };
    bearer->nodes[0] = (struct curl_slist){.data = bearer->content_type, .next = &bearer->nodes[1]};
    bearer->nodes[1] = (struct curl_slist){.data = bearer->expect};
    if (!key)
        return ERR_OK;
    enum err err = make_authorization(key, &bearer->authorization);
    if (err)
        return err;
    bearer->nodes[1].next = &bearer->nodes[2];
    bearer->nodes[2] = (struct curl_slist){.data = bearer->authorization};
    return ERR_OK;
}

void bearer_free(struct bearer *bearer)
{
    secret_free(bearer->authorization);
    bearer->authorization = NULL;
}
