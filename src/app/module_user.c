/* The module _system.user: accounts. */
#include "app/methods.h"
#include "auth/account.h"
#include "base/json.h"

/* Positions in call->text: the order of the method's fields in methods.c. */
enum {
    SIGNUP_EMAIL,
    SIGNUP_PASSWORD,
    SIGNUP_HANDLE,
    SIGNUP_FIRST_NAME,
    SIGNUP_LAST_NAME,
    SIGNUP_AVATAR_URL,
};
enum { LOGIN_EMAIL, LOGIN_PASSWORD };
enum { PROFILE_HANDLE, PROFILE_FIRST_NAME, PROFILE_LAST_NAME, PROFILE_AVATAR_URL };

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

static void add_names(struct json_object *json, const struct user *user)
{
    json_add_string(json, "firstName", or_null(user->first_name));
    json_add_string(json, "lastName", or_null(user->last_name));
    json_add_string(json, "avatarUrl", or_null(user->avatar_url));
}

enum err method_describe_user(struct db *db, const struct user *user, struct json_object **ret_json)
{
    struct json_object *roles = NULL;
    enum err err = user_roles(db, user->id, &roles);
    if (err)
        return err;
    struct json_object *json = json_object_new_object();
    json_add_string(json, "id", user->id);
    json_add_string(json, "handle", user->handle);
    json_object_object_add(json, "roles", roles);
    add_names(json, user);
    *ret_json = json;
    return ERR_OK;
}

static enum err check_signup_allowed(struct method_call *call)
{
    if (!call->app->config->signup_open)
        return http_fail(call->exchange, ERR_FORBIDDEN, "Sign-up is closed on this site");
    if (call->visitor.signed_in) {
        http_response_header(&call->exchange->response, "X-Modelence-Error-Code",
                             "ALREADY_AUTHENTICATED");
        return http_fail(call->exchange, ERR_INVALID, "You are already signed in");
    }
    return ERR_OK;
}

/* An account that could not be made for want of room is not counted. */
static enum err register_within_limit(struct method_call *call,
                                      const struct registration *registration,
                                      struct user *ret_user, const char **ret_problem)
{
    char key[HTTP_ADDRESS_SIZE];
    http_client_key(&call->exchange->request, key);
    int64_t now_ms = clock_now_ms(&call->app->clock);
    enum err err =
        rate_limit_take(call->db, RATE_SIGNUP, key, now_ms, &call->exchange->retry_after);
    if (err)
        return err;
    err =
        account_register(call->db, &call->app->hasher, registration, now_ms, ret_user, ret_problem);
    if (err == ERR_OVERLOADED) {
        enum err ignored = rate_limit_give_back(call->db, RATE_SIGNUP, key, now_ms);
        (void)ignored;
    }
    return err;
}

enum err user_signup(struct method_call *call)
{
    const struct registration registration = {
        .email = call->text[SIGNUP_EMAIL],
        .password = call->text[SIGNUP_PASSWORD],
        .handle = call->text[SIGNUP_HANDLE],
        .first_name = call->text[SIGNUP_FIRST_NAME],
        .last_name = call->text[SIGNUP_LAST_NAME],
        .avatar_url = call->text[SIGNUP_AVATAR_URL],
    };
    struct user user;
    const char *problem = NULL;
    enum err err = check_signup_allowed(call);
    if (err)
        return err;
    err = account_check(&registration, &problem);
    if (!err)
        err = register_within_limit(call, &registration, &user, &problem);
    if (err)
        return problem ? http_fail(call->exchange, err, "%s", problem) : err;
    call->result = json_object_new_string(user.id);
    return ERR_OK;
}

/* A new session in place of the one that the visitor came with: a token that somebody else planted
 * is worth nothing. */
static enum err replace_session(struct method_call *call, const struct login *login,
                                char ret_token[static SESSION_TOKEN_SIZE])
{
    struct session session;
    enum err err = db_begin(call->db);
    if (err)
        return err;
    err = account_confirm(call->db, login);
    if (!err && call->visitor.signed_in)
        err = session_end(call->db, call->visitor.token, call->visitor.token_len);
    if (!err)
        err = session_begin(call->db, login->user.id, clock_now_ms(&call->app->clock), ret_token,
                            &session);
    db_end(call->db, &err);
    return err;
}

enum err user_login(struct method_call *call)
{
    struct login login;
    char token[SESSION_TOKEN_SIZE];
    struct json_object *described = NULL;
    enum err err =
        account_authenticate(call->db, &call->app->hasher, call->text[LOGIN_EMAIL],
                             call->text[LOGIN_PASSWORD], clock_now_ms(&call->app->clock), &login);
    if (!err)
        err = replace_session(call, &login, token);
    if (err == ERR_UNAUTHENTICATED || err == ERR_FORBIDDEN) {
        call->counts_as = err;
        return http_fail(call->exchange, ERR_UNAUTHENTICATED,
                         "Incorrect email/password combination");
    }
    if (!err)
        err = method_describe_user(call->db, &login.user, &described);
    if (err)
        return err;
    struct json_object *session = json_object_new_object();
    json_add_string(session, "authToken", token);
    call->result = json_object_new_object();
    json_object_object_add(call->result, "user", described);
    json_object_object_add(call->result, "session", session);
    visitor_set_cookie(call->exchange, token, SESSION_TOKEN_SIZE - 1);
    return ERR_OK;
}

enum err user_logout(struct method_call *call)
{
    const struct visitor *visitor = &call->visitor;
    enum err err = ERR_OK;
    if (visitor->signed_in)
        err = session_end(call->db, visitor->token, visitor->token_len);
    if (!err)
        visitor_clear_cookie(call->exchange);
    return err;
}

enum err user_get_own_profile(struct method_call *call)
{
    struct user user;
    struct json_object *emails = NULL;
    enum err err = user_find(call->db, call->visitor.session.user_id, &user);
    if (!err)
        err = user_emails(call->db, user.id, &emails);
    if (err)
        return err;
    struct json_object *methods = json_object_new_array();
    json_object_array_add(methods, json_object_new_string("password"));
    call->result = json_object_new_object();
    json_add_string(call->result, "handle", user.handle);
    json_object_object_add(call->result, "emails", emails);
    json_object_object_add(call->result, "authMethods", methods);
    add_names(call->result, &user);
    return ERR_OK;
}

static enum err change_profile(const struct method_call *call, struct user *user,
                               const char **ret_problem)
{
    const char *const *text = call->text;
    enum err err = ERR_OK;
    if (text[PROFILE_HANDLE])
        err = account_set_handle(user, text[PROFILE_HANDLE], ret_problem);
    if (!err && text[PROFILE_FIRST_NAME])
        err = account_set_first_name(user, text[PROFILE_FIRST_NAME], ret_problem);
    if (!err && text[PROFILE_LAST_NAME])
        err = account_set_last_name(user, text[PROFILE_LAST_NAME], ret_problem);
    if (!err && text[PROFILE_AVATAR_URL])
        err = account_set_avatar_url(user, text[PROFILE_AVATAR_URL], ret_problem);
    return err;
}

enum err user_update_profile(struct method_call *call)
{
    struct user user;
    const char *problem = NULL;
    enum err err = db_begin(call->db);
    if (err)
        return err;
    err = user_find(call->db, call->visitor.session.user_id, &user);
    if (!err)
        err = change_profile(call, &user, &problem);
    if (!err)
        err = user_update(call->db, &user);
    db_end(call->db, &err);
    if (err == ERR_CONFLICT)
        problem = "This handle is already taken";
    if (err)
        return problem ? http_fail(call->exchange, err, "%s", problem) : err;
    struct json_object *described = NULL;
    err = method_describe_user(call->db, &user, &described);
    if (err)
        return err;
    call->result = json_object_new_object();
    json_object_object_add(call->result, "user", described);
    return ERR_OK;
}
