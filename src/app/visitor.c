#include "app/visitor.h"

#include "app/app.h"

#include <stdio.h>
#include <string.h>

static const char cookie_name[] = "authToken";

enum err visitor_identify(struct http_exchange *exchange, struct db *db, const char *body_token,
                          struct visitor *ret_visitor)
{
    const struct app *app = exchange->app;
    struct visitor visitor = {0};
    visitor.token = http_cookie(&exchange->request, cookie_name, &visitor.token_len);
    if (!visitor.token && body_token) {
        visitor.token = body_token;
        visitor.token_len = strlen(body_token);
    }
    enum err err = ERR_NOT_FOUND;
    if (visitor.token)
        err = session_resolve(db, visitor.token, visitor.token_len, clock_now_ms(&app->clock),
                              &visitor.session);
    if (err && err != ERR_NOT_FOUND)
        return err;
    visitor.signed_in = !err;
    if (visitor.signed_in)
        snprintf(exchange->user, sizeof exchange->user, "%s", visitor.session.user_id);
    *ret_visitor = visitor;
    return ERR_OK;
}

static void set_cookie(struct http_exchange *exchange, const char *token, size_t len, int max_age)
{
    http_response_headerf(&exchange->response, "Set-Cookie",
                          "%s=%.*s; Path=%s/; Max-Age=%d; HttpOnly; SameSite=Lax%s", cookie_name,
                          (int)len, token, buf_str(&exchange->request.mount), max_age,
                          exchange->request.https ? "; Secure" : "");
}

void visitor_set_cookie(struct http_exchange *exchange, const char *token, size_t len)
{
    set_cookie(exchange, token, len, SESSION_SECONDS);
}

void visitor_clear_cookie(struct http_exchange *exchange)
{
    set_cookie(exchange, "", 0, 0);
}
