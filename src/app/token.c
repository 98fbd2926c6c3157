/* POST /api/behest/token: the same mint for clients that expect it at this address, as Behest's
 * React package does. */
#include "app/app.h"
#include "app/handlers.h"
#include "app/module_behest.h"
#include "base/json.h"

/* No body is needed; one may name the session to continue. */
static enum err read_session_id(struct http_exchange *exchange, struct json_object **ret_body,
                                const char **ret_session_id)
{
    const struct buf *text = &exchange->request.body;
    const char *problem = NULL;
    if (text->len == 0)
        return ERR_OK;
    if (!http_has_content_type(&exchange->request, "application/json"))
        return http_fail(exchange, ERR_UNSUPPORTED, "The content type must be application/json");
    enum err err = json_parse_object(buf_str(text), text->len, ret_body, &problem);
    if (err)
        return http_fail(exchange, err, "%s", problem ? problem : err_message(err));
    err = json_get_string(*ret_body, "sessionId", ret_session_id);
    if (err == ERR_INVALID)
        return http_fail(exchange, err, "The session id must be a UUID");
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err app_token(struct http_exchange *exchange)
{
    AUTO_JSON struct json_object *body = NULL;
    AUTO_JSON struct json_object *minted = NULL;
    const char *session_id = NULL;
    struct visitor visitor;
    enum err err = visitor_require(exchange, &visitor);
    if (!err)
        err = read_session_id(exchange, &body, &session_id);
    if (!err)
        err = mint_for_visitor(exchange, &visitor, session_id, &minted);
    if (err)
        return err;
    http_response_header(&exchange->response, "Cache-Control", "no-store");
    http_response_json(&exchange->response, 200, minted);
    return ERR_OK;
}
