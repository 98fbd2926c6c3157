#include "app/visitor.h"

#include "app/app.h"

#include <stdio.h>
#include <string.h>

static const char cookie_name[] = "authToken";

static enum err resolve(const struct http_exchange *exchange, struct db *db, const char *token,
                        size_t len, struct visitor *visitor)
{
    const struct app *app = exchange->app;
    visitor->token = token;
    visitor->token_len = len;
    enum err err = session_resolve(db, token, len, clock_now_ms(&app->clock), &visitor->session);
    visitor->signed_in = !err;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err visitor_identify(struct http_exchange *exchange, struct db *db, const char *body_token,
                          struct visitor *ret_visitor)
{
    struct visitor visitor = {0};
    enum err err = ERR_OK;
    size_t len = 0;
    const char *cookie = http_cookie(&exchange->request, cookie_name, NULL, &len);
    if (!cookie && body_token)
        err = resolve(exchange, db, body_token, strlen(body_token), &visitor);
    for (; cookie && !err && !visitor.signed_in;
         cookie = http_cookie(&exchange->request, cookie_name, cookie, &len))
        err = resolve(exchange, db, cookie, len, &visitor);
    if (err)
        return err;
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

enum err visitor_require(struct http_exchange *exchange, struct visitor *ret_visitor)
{
    const struct app *app = exchange->app;
    struct db *db = NULL;
    enum err err = db_pool_take(app->pool, &db);
    if (!err)
        err = visitor_identify(exchange, db, NULL, ret_visitor);
    db_pool_give(app->pool, db);
    return !err && !ret_visitor->signed_in ? ERR_UNAUTHENTICATED : err;
}

void visitor_set_cookie(struct http_exchange *exchange, const char *token, size_t len)
{
    set_cookie(exchange, token, len, SESSION_SECONDS);
}

void visitor_clear_cookie(struct http_exchange *exchange)
{
    set_cookie(exchange, "", 0, 0);
}
