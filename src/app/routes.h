/* What behest-fcgi serves. */
#ifndef BEHEST_APP_ROUTES_H
#define BEHEST_APP_ROUTES_H

#include "app/app.h"

/* The routes' paths as the values of a label (base/metrics.h), and "none". */
const char *app_route_value(size_t index);

/* The service that the loop hands requests to; belongs to the caller, refers to app. */
struct http_service app_service(struct app *app);

#endif
