/* The page from CHAT_WWW. */
#include "app/app.h"
#include "app/handlers.h"
#include "base/encode.h"
#include "http/static.h"

enum { CONVERSATION_ID_MAX_BYTES = 128 };

enum err app_page(struct http_exchange *exchange)
{
    const struct app *app = exchange->app;
    enum err err = http_static_send_page(exchange, app->www_fd, "/index.html");
    if (err == ERR_NOT_FOUND) {
        exchange->log_detail = "there is no index.html in CHAT_WWW";
        return http_fail(exchange, err, "The page is not installed on this server");
    }
    return err;
}

enum err app_conversation(struct http_exchange *exchange)
{
    if (!is_url_segment(exchange->rest, CONVERSATION_ID_MAX_BYTES))
        return ERR_NOT_FOUND;
    return app_page(exchange);
}

enum err app_file(struct http_exchange *exchange)
{
    const struct app *app = exchange->app;
    return http_static_send(exchange, app->www_fd, buf_str(&exchange->request.path));
}

enum err app_no_such_call(struct http_exchange *exchange)
{
    (void)exchange;
    return ERR_NOT_FOUND;
}
