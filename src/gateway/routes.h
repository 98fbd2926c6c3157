/* What the gateway serves. */
#ifndef BEHEST_GATEWAY_ROUTES_H
#define BEHEST_GATEWAY_ROUTES_H

#include "gateway/app.h"
#include "http/service.h"

/* The gateway's route table, ready for http_service_handle(). gateway has to outlive it. */
struct http_service gateway_service(struct gateway *gateway);

#endif
