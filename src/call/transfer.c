#include "call/transfer.h"

void transfer_prepare(CURL *handle, const char *url)
{
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
}

enum call_outcome call_outcome_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return CALL_ANSWERED;
    case CURLE_OPERATION_TIMEDOUT:
        return CALL_TIMED_OUT;
    case CURLE_WRITE_ERROR:
        return CALL_TOO_LARGE;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return CALL_NO_SUCH_NAME;
    case CURLE_COULDNT_CONNECT:
        return CALL_REFUSED;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
        return CALL_TLS_FAILED;
    default:
        return CALL_BROKEN;
    }
}
