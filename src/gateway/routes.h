/* What the gateway serves. */
#ifndef BEHEST_GATEWAY_ROUTES_H
#define BEHEST_GATEWAY_ROUTES_H

#include "gateway/app.h"
#include "http/service.h"

/* The routes' paths as the values of a label (base/metrics.h), and "none". */
const char *gateway_route_value(size_t index);

/* The gateway's route table, ready for http_service_handle(). gateway has to outlive it. */
struct http_service gateway_service(struct gateway *gateway);

#endif
