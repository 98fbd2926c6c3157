#include "probe/fetch.h"

#include "call/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/x509_vfy.h>

enum { FIRST_FINAL_STATUS = 200 };

static const char http_blanks[] = " \t\r\n";

struct transfer {
    CURL *handle;
    struct probe_answer *answer;
    bool whole; /* the head of the final answer is complete */
};

static void add_line(struct transfer *transfer, const char *line, size_t len)
{
    struct buf *head = &transfer->answer->head;
    if (len >= 5 && strncasecmp(line, "HTTP/", 5) == 0)
        buf_clear(head); /* the status line; an interim answer came before, perhaps */
    else
        buf_add(head, line, len);
}

/* Called with each line of the head. Once the last one is there, enough is known. */
static size_t receive_header(const char *line, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t len = size * count;
    long status = 0;
    if (*line != '\r' && *line != '\n') {
        add_line(transfer, line, len);
        return buf_err(&transfer->answer->head) ? 0 : len;
    }
    curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
    transfer->whole = status >= FIRST_FINAL_STATUS;
    transfer->answer->status = (int)status;
    return transfer->whole ? 0 : len;
}

static size_t discard(const char *data, size_t size, size_t count, void *context)
{
    (void)data, (void)context;
    return size * count;
}

static void set_options(struct transfer *transfer, const struct probe_request *request,
                        struct curl_slist *headers, char *reason)
{
    CURL *handle = transfer->handle;
    transfer_prepare(handle, request->url);
    if (request->body)
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (request->ca_file)
        curl_easy_setopt(handle, CURLOPT_CAINFO, request->ca_file);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                     request->timeout_ms ? request->timeout_ms : (long)PROBE_TIMEOUT_MS);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receive_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, reason);
}

static enum probe_outcome certificate_outcome(CURL *handle, const char *reason)
{
    long result = X509_V_OK;
    curl_easy_getinfo(handle, CURLINFO_SSL_VERIFYRESULT, &result);
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return PROBE_TLS_EXPIRED;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return PROBE_TLS_UNKNOWN_ISSUER;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return PROBE_TLS_WRONG_HOST;
    default: /* libcurl itself compares the names, and says so in words alone */
        return strstr(reason, "target host name") ? PROBE_TLS_WRONG_HOST : PROBE_TLS_FAILED;
    }
}

static enum probe_outcome connect_outcome(CURL *handle)
{
    long number = 0;
    curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
    return number == ECONNREFUSED ? PROBE_REFUSED : PROBE_UNREACHABLE;
}

static enum probe_outcome outcome_of(const struct transfer *transfer, CURLcode code,
                                     const char *reason)
{
    if (transfer->whole)
        return PROBE_ANSWERED;
    switch (call_outcome_of(code)) {
    case CALL_NO_SUCH_NAME:
        return PROBE_NO_SUCH_NAME;
    case CALL_REFUSED:
        return connect_outcome(transfer->handle);
    case CALL_TIMED_OUT:
        return PROBE_TIMED_OUT;
    case CALL_TLS_FAILED:
        return code == CURLE_PEER_FAILED_VERIFICATION
                   ? certificate_outcome(transfer->handle, reason)
                   : PROBE_TLS_FAILED;
    default:
        return PROBE_BROKEN;
    }
}

static int step_ms(CURL *handle, CURLINFO info)
{
    curl_off_t microseconds = 0;
    curl_easy_getinfo(handle, info, &microseconds);
    return microseconds > 0 ? (int)(microseconds / 1000) + 1 : 0;
}

static enum probe_step last_step(const struct probe_answer *answer, bool tls)
{
    if (answer->outcome == PROBE_ANSWERED)
        return PROBE_HTTP;
    if (answer->outcome == PROBE_NO_SUCH_NAME)
        return PROBE_NAME;
    if (answer->outcome == PROBE_REFUSED || answer->outcome == PROBE_UNREACHABLE)
        return PROBE_CONNECTION;
    if (answer->outcome >= PROBE_TLS_EXPIRED && answer->outcome <= PROBE_TLS_FAILED)
        return PROBE_TLS;
    if (!answer->ms[PROBE_NAME])
        return PROBE_NAME;
    if (!*answer->address)
        return PROBE_CONNECTION;
    return tls && !answer->ms[PROBE_TLS] ? PROBE_TLS : PROBE_HTTP;
}

static void note_progress(const struct transfer *transfer, const char *url)
{
    struct probe_answer *answer = transfer->answer;
    const char *address = NULL;
    answer->ms[PROBE_NAME] = step_ms(transfer->handle, CURLINFO_NAMELOOKUP_TIME_T);
    answer->ms[PROBE_CONNECTION] = step_ms(transfer->handle, CURLINFO_CONNECT_TIME_T);
    answer->ms[PROBE_TLS] = step_ms(transfer->handle, CURLINFO_APPCONNECT_TIME_T);
    answer->ms[PROBE_HTTP] = step_ms(transfer->handle, CURLINFO_STARTTRANSFER_TIME_T);
    curl_easy_getinfo(transfer->handle, CURLINFO_PRIMARY_IP, &address);
    snprintf(answer->address, sizeof answer->address, "%s", address ? address : "");
    answer->step = last_step(answer, strncasecmp(url, "https:", 6) == 0);
}

static void note_date(struct probe_answer *answer)
{
    BUF_AUTO(text, 256);
    time_t date =
        probe_header(answer, "Date", &text) == 1 ? curl_getdate(buf_str(&text), NULL) : -1;
    answer->date = date > 0 ? (int64_t)date : 0;
}

static struct curl_slist *make_headers(const struct probe_request *request)
{
    struct curl_slist *headers = NULL;
    for (const char *const *line = request->headers; line && *line; line++) {
        struct curl_slist *longer = curl_slist_append(headers, *line);
        if (!longer) {
            curl_slist_free_all(headers);
            return NULL;
        }
        headers = longer;
    }
    return headers;
}

enum err probe_begin(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? ERR_OK : ERR_NOMEM;
}

void probe_end(void)
{
    curl_global_cleanup();
}

enum err probe_fetch(const struct probe_request *request, struct probe_answer *ret_answer)
{
    *ret_answer = (struct probe_answer){.head = BUF_MAX(PROBE_HEAD_MAX_BYTES)};
    struct curl_slist *headers = make_headers(request);
    struct transfer transfer = {.handle = curl_easy_init(), .answer = ret_answer};
    char reason[CURL_ERROR_SIZE] = "";
    enum err err = transfer.handle && (headers || !request->headers) ? ERR_OK : ERR_NOMEM;
    if (!err) {
        set_options(&transfer, request, headers, reason);
        CURLcode code = curl_easy_perform(transfer.handle);
        ret_answer->outcome = outcome_of(&transfer, code, reason);
        note_progress(&transfer, request->url);
        note_date(ret_answer);
        if (!transfer.whole)
            snprintf(ret_answer->reason, sizeof ret_answer->reason, "%s",
                     *reason ? reason : curl_easy_strerror(code));
    }
    curl_easy_cleanup(transfer.handle);
    curl_slist_free_all(headers);
    return err;
}

void probe_answer_free(struct probe_answer *answer)
{
    buf_free(&answer->head);
}

/* The value within a header line of this name; NULL for other lines. */
static const char *value_of(const char *line, size_t len, const char *name, size_t *ret_len)
{
    size_t name_len = strlen(name);
    if (len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
        return NULL;
    const char *value = line + name_len + 1;
    const char *end = line + len;
    while (value < end && strchr(http_blanks, *value))
        value++;
    while (end > value && strchr(http_blanks, end[-1]))
        end--;
    *ret_len = (size_t)(end - value);
    return value;
}

unsigned probe_header(const struct probe_answer *answer, const char *name, struct buf *value)
{
    unsigned found = 0;
    for (const char *line = buf_str(&answer->head); *line;) {
        size_t len = strcspn(line, "\n");
        size_t value_len = 0;
        const char *text = value_of(line, len, name, &value_len);
        if (text && found++)
            buf_adds(value, ", ");
        if (text)
            buf_add(value, text, value_len);
        line += len + (line[len] == '\n');
    }
    return found;
}

static void describe_certificate(const struct probe_answer *answer, const char *host, int host_len,
                                 struct buf *sentence, struct buf *advice)
{
    if (answer->outcome == PROBE_TLS_EXPIRED) {
        buf_addf(sentence, "The TLS certificate of %.*s has expired, or is not valid yet", host_len,
                 host);
        buf_adds(advice, "renew it, and compare the clocks of both machines");
    } else if (answer->outcome == PROBE_TLS_UNKNOWN_ISSUER) {
        buf_addf(sentence,
                 "The TLS certificate of %.*s is from an issuer that this machine does not know",
                 host_len, host);
        buf_adds(advice, "let it send its whole chain, or add the issuer to the system's "
                         "certificates (update-ca-certificates)");
    } else {
        buf_addf(sentence, "The TLS certificate of %.*s is for another host name", host_len, host);
        buf_adds(advice, "use the name that the certificate has in BEHEST_BASE_URL, or get one for "
                         "this name");
    }
}

/* What OpenSSL says, in words. */
static void describe_handshake(const struct probe_answer *answer, const char *host, int host_len,
                               struct buf *sentence, struct buf *advice)
{
    if (strstr(answer->reason, "wrong version number") ||
        strstr(answer->reason, "packet length too long") ||
        strstr(answer->reason, "http request")) {
        buf_addf(sentence, "%.*s does not speak TLS on this port", host_len, host);
        buf_adds(advice, "check scheme and port of BEHEST_BASE_URL");
    } else if (strstr(answer->reason, "protocol version") ||
               strstr(answer->reason, "unsupported protocol")) {
        buf_addf(sentence, "%.*s offers no TLS 1.2 or newer", host_len, host);
        buf_adds(advice, "have it offer TLS 1.2 or 1.3");
    } else {
        buf_addf(sentence, "No TLS connection to %.*s can be made (%s)", host_len, host,
                 answer->reason);
        buf_adds(advice, "check the web server's TLS settings and log");
    }
}

static void describe_network(const struct probe_answer *answer, const char *host, int host_len,
                             struct buf *sentence, struct buf *advice)
{
    static const char *const steps[] = {"looking up its name", "the connection",
                                        "the TLS handshake", "the answer"};
    switch (answer->outcome) {
    case PROBE_NO_SUCH_NAME:
        buf_addf(sentence, "The name of %.*s does not resolve", host_len, host);
        buf_adds(advice, "check BEHEST_BASE_URL, and the name service of this machine");
        break;
    case PROBE_REFUSED:
        buf_addf(sentence, "Nothing listens at %.*s: the connection was refused", host_len, host);
        buf_adds(advice, "start the gateway, and check the port in BEHEST_BASE_URL");
        break;
    case PROBE_UNREACHABLE:
        buf_addf(sentence, "There is no way to %.*s (%s)", host_len, host, answer->reason);
        buf_adds(advice, "check the network, the firewall and BEHEST_BASE_URL");
        break;
    case PROBE_TIMED_OUT:
        buf_addf(sentence, "%.*s did not answer in time: waited for %s", host_len, host,
                 steps[answer->step]);
        buf_adds(advice, answer->step == PROBE_HTTP ? "look at the gateway and its log"
                                                    : "check the firewall between here and there");
        break;
    default:
        buf_addf(sentence, "The connection to %.*s broke (%s)", host_len, host, answer->reason);
        buf_adds(advice, "check that a web server answers there, and its log");
    }
}

void probe_describe_failure(const struct probe_answer *answer, const char *url,
                            struct buf *sentence, struct buf *advice)
{
    const char *mark = strstr(url, "://");
    const char *host = mark ? mark + 3 : url;
    int host_len = (int)strcspn(host, "/");
    switch (answer->outcome) {
    case PROBE_TLS_EXPIRED:
    case PROBE_TLS_UNKNOWN_ISSUER:
    case PROBE_TLS_WRONG_HOST:
        describe_certificate(answer, host, host_len, sentence, advice);
        break;
    case PROBE_TLS_FAILED:
        describe_handshake(answer, host, host_len, sentence, advice);
        break;
    default:
        describe_network(answer, host, host_len, sentence, advice);
    }
}
