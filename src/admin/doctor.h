/* What the checks of behest-admin doctor share: the settings, and where findings go. */
#ifndef BEHEST_ADMIN_DOCTOR_H
#define BEHEST_ADMIN_DOCTOR_H

#include "admin/admin.h"
#include "base/settings.h"
#include "config/app_config.h"
#include "probe/web_origin.h"

enum doctor_result { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_PROBLEM, DOCTOR_RESULTS };

struct doctor {
    const struct admin *admin;
    struct settings *settings;
    struct app_config config;     /* as far as the settings can be used */
    const char *database;         /* NULL when none is named */
    char origin[WEB_ORIGIN_SIZE]; /* of the page; "" when unknown */
    struct minter *minter;        /* NULL without a usable key */
    int unreadable_status;        /* of a refusal that pages cannot read; 0: none was seen */
    unsigned counts[DOCTOR_RESULTS];
    struct json_object *findings; /* all so far */
};

/* Says what a check found: a line for people, at once, or a member of the list for programs. check
 * names what was looked at; advice says what to do, NULL when nothing is. Nothing secret may be in
 * either. */
void doctor_say(struct doctor *doctor, enum doctor_result result, const char *check,
                const char *advice, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Shows on a terminal what a slow check is about, until it says something. */
void doctor_progress(const struct doctor *doctor, const char *what);

/* doctor_settings.c: reads the settings, which the others look at; then the key's form, and that a
 * signing key signs. */
void doctor_check_settings(struct doctor *doctor);
void doctor_check_key(struct doctor *doctor);

/* doctor_database.c: changes nothing, and makes no database. */
void doctor_check_database(struct doctor *doctor);

/* doctor_page.c */
void doctor_check_page(struct doctor *doctor);

/* doctor_gateway.c: whether it answers, its clock, a mint, a token, and the browser's preflight. */
void doctor_check_gateway(struct doctor *doctor);

#endif
