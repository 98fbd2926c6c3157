#include "gateway/handlers.h"

#include "gateway/app.h"

#include <stdio.h>

enum err gateway_require_user(struct http_exchange *exchange, struct gateway_user *ret_user)
{
    const struct gateway *gateway = exchange->app;
    const char *token = http_bearer_token(&exchange->request);
    if (!token)
        return http_fail(exchange, ERR_UNAUTHENTICATED,
                         "A token is needed: Authorization: Bearer <token>");
    const struct token_rules rules = {
        .issuer = gateway->config->issuer,
        .audience = gateway->config->audience,
        .now = clock_now_ms(gateway->clock) / MS_PER_SECOND,
    };
    const char *problem = NULL;
    const char *detail = NULL;
    enum err err = token_verify(token, gateway->keys, &rules, ret_user, &problem, &detail);
    if (err) {
        exchange->problem = problem;
        exchange->log_detail = detail;
        return err;
    }
    snprintf(exchange->user, sizeof exchange->user, "%.*s", HTTP_USER_SIZE - 1, ret_user->uid);
    return ERR_OK;
}
