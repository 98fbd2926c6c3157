/* Methods: what a page calls on the server by name, over Modelence's wire protocol.
 *
 * A method is a row in the table of methods.c and a function in the file of its module. Before the
 * function runs, the dispatcher has found out who calls, refused whoever may not, counted against
 * the rate limit, and read the declared fields. */
#ifndef BEHEST_APP_METHODS_H
#define BEHEST_APP_METHODS_H

#include "app/app.h"
#include "app/visitor.h"
#include "auth/rate_limit.h"

#include <json-c/json.h>

enum { METHOD_FIELDS_MAX = 8 };

struct method_call {
    struct app *app;
    struct http_exchange *exchange;
    struct db *db;
    struct visitor visitor;
    const char *text[METHOD_FIELDS_MAX]; /* the arguments, in the order of the method's fields; NULL
                                            when absent */
    struct json_object *result; /* set by the method, taken over; none: the method has no result */
    struct json_object *type_map; /* which values of the result are dates; likewise */
    enum err
        counts_as; /* what the metrics tell the operator instead of the error that is returned */
};

/* What it returns other than ERR_OK becomes an error answer; http_fail() gives the message. */
typedef enum err method_handler(struct method_call *call);

struct method_field {
    const char *name; /* a string argument; NULL ends the list */
    bool required;
};

/* A metric of its own for what comes of a method's calls. */
struct method_results {
    size_t metric;                 /* enum app_metric, with one label */
    size_t (*index)(enum err err); /* of the label's value */
};

enum method_access { ACCESS_ANYBODY, ACCESS_SIGNED_IN };

struct method {
    const char *name;
    method_handler *handle;
    enum method_access access;
    enum rate_limit limit; /* counts by user when one has to be signed in, else by address */
    const struct method_field *fields;
    const struct method_results *results; /* NULL: its calls are only counted as such */
};

/* The methods' names as the values of a label (base/metrics.h). */
const char *app_method_value(size_t index);

/* module_session.c */
method_handler session_init;
method_handler session_heartbeat;

/* module_user.c */
method_handler user_signup;
method_handler user_login;
method_handler user_logout;
method_handler user_get_own_profile;
method_handler user_update_profile;

/* module_behest.c */
method_handler behest_mint;
method_handler behest_check_gateway;

/* {id, handle, roles, firstName?, lastName?, avatarUrl?}: what a page may know of a user. */
struct user;
MUST_CHECK enum err method_describe_user(struct db *db, const struct user *user,
                                         struct json_object **ret_json);

#endif
