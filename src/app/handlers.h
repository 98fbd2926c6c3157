/* The handlers that the route table (app/routes.c) names. */
#ifndef BEHEST_APP_HANDLERS_H
#define BEHEST_APP_HANDLERS_H

#include "http/service.h"

http_handler app_method;          /* methods.c: POST /api/_internal/method/NAME */
http_handler app_token;           /* token.c: POST /api/behest/token */
http_handler app_threads;         /* threads.c: GET /api/behest/threads */
http_handler app_thread_messages; /* threads.c: GET /api/behest/threads/ID/messages */
http_handler app_thread_deletion; /* threads.c: DELETE /api/behest/threads/ID */
http_handler app_page;            /* pages.c: the page's own routes */
http_handler app_conversation;    /* pages.c: GET /c/ID, the page with a conversation */
http_handler app_file;            /* pages.c: a file of the page */
http_handler app_no_such_call;    /* pages.c: whatever else is below /api/ */
http_handler app_metrics;         /* metrics_page.c: GET /metrics */
http_handler app_health;          /* health.c: GET /healthz */

#endif
