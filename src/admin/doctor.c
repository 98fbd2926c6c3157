/* behest-admin doctor */
#include "admin/doctor.h"

#include "admin/groups.h"
#include "admin/text.h"
#include "base/json.h"
#include "probe/fetch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX_BYTES = 4 * 1024 };

static const char *const result_names[] = {
    [DOCTOR_OK] = "ok", [DOCTOR_WARNING] = "warning", [DOCTOR_PROBLEM] = "problem"};

const char doctor_help[] =
    "Run it as the user that behest-fcgi runs as, with the same settings. It changes nothing. It\n"
    "asks the gateway for a real token, for a user called behest-admin-doctor (with an API key:\n"
    "POST /v1/auth/mint), and shows it to the gateway with an empty request, which costs no\n"
    "model tokens. Warnings do not count as a failure; with problems the exit code is 1.\n";

static void print_finding(FILE *file, enum doctor_result result, const char *check,
                          const char *message, const char *advice)
{
    BUF_AUTO(text, 6 * TEXT_MAX_BYTES);
    buf_adds(&text, message);
    if (advice) {
        buf_adds(&text, " \xe2\x80\x94 ");
        text_clean(advice, strlen(advice), &text);
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    fprintf(file, "%-8s %-19s %s\n", result_names[result], check, buf_str(&text));
    fflush(file);
}

void doctor_say(struct doctor *doctor, enum doctor_result result, const char *check,
                const char *advice, const char *format, ...)
{
    BUF_AUTO(given, TEXT_MAX_BYTES);
    BUF_AUTO(message, 3 * TEXT_MAX_BYTES);
    va_list args;
    va_start(args, format);
    buf_vaddf(&given, format, args);
    va_end(args);
    text_clean(buf_str(&given), given.len, &message);
    doctor->counts[result]++;
    if (!doctor->admin->output.json)
        print_finding(doctor->admin->output.file, result, check, buf_str(&message), advice);
    struct json_object *finding = json_object_new_object();
    json_add_string(finding, "result", result_names[result]);
    json_add_string(finding, "check", check);
    json_add_string(finding, "message", buf_str(&message));
    json_add_string(finding, "advice", advice);
    json_object_array_add(doctor->findings, finding);
}

void doctor_progress(const struct doctor *doctor, const char *what)
{
    if (!doctor->admin->output.json && isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s ...", what);
}

static void summarize(struct doctor *doctor)
{
    const unsigned *counts = doctor->counts;
    AUTO_JSON struct json_object *summary = json_object_new_object();
    json_object_object_add(summary, "checks", json_object_get(doctor->findings));
    json_object_object_add(summary, "ok", json_object_new_int64(counts[DOCTOR_OK]));
    json_object_object_add(summary, "warnings", json_object_new_int64(counts[DOCTOR_WARNING]));
    json_object_object_add(summary, "problems", json_object_new_int64(counts[DOCTOR_PROBLEM]));
    if (!doctor->admin->output.json)
        fputs("\n", doctor->admin->output.file);
    output_done(&doctor->admin->output, summary, "%u ok, %u warning%s, %u problem%s",
                counts[DOCTOR_OK], counts[DOCTOR_WARNING], counts[DOCTOR_WARNING] == 1 ? "" : "s",
                counts[DOCTOR_PROBLEM], counts[DOCTOR_PROBLEM] == 1 ? "" : "s");
}

static int examine(struct doctor *doctor)
{
    doctor_check_settings(doctor);
    doctor_check_key(doctor);
    doctor_check_database(doctor);
    doctor_check_page(doctor);
    doctor_check_gateway(doctor);
    summarize(doctor);
    return doctor->counts[DOCTOR_PROBLEM] ? ADMIN_FAILED : ADMIN_OK;
}

int doctor_command(struct admin *admin)
{
    struct doctor doctor = {.admin = admin};
    const char *origin = admin->arguments.options[OPTION_ORIGIN];
    if (origin && web_origin_of(origin, doctor.origin) != ERR_OK)
        return admin_usage_error("--origin takes the page's address, such as "
                                 "https://chat.example.com");
    enum err err = probe_begin();
    if (err)
        return admin_fail_err(err);
    doctor.findings = json_object_new_array();
    int code = examine(&doctor);
    json_object_put(doctor.findings);
    minter_free(doctor.minter);
    app_config_free(&doctor.config);
    settings_free(doctor.settings);
    probe_end();
    return code;
}
