#include "CurlShims.h"

#include <curl/curl.h>

_Static_assert(sizeof(curl_off_t) == sizeof(int64_t), "curl_off_t has 64 bits on every platform we build for");

int curl_shim_set_long(void *easy, unsigned option, long value) {
    return curl_easy_setopt(easy, (CURLoption)option, value);
}

int curl_shim_set_int64(void *easy, unsigned option, int64_t value) {
    return curl_easy_setopt(easy, (CURLoption)option, (curl_off_t)value);
}

int curl_shim_set_string(void *easy, unsigned option, const char *value) {
    return curl_easy_setopt(easy, (CURLoption)option, value);
}

int curl_shim_set_pointer(void *easy, unsigned option, void *value) {
    return curl_easy_setopt(easy, (CURLoption)option, value);
}

int curl_shim_set_blob(void *easy, unsigned option, const void *data, size_t size) {
    if (data == NULL) return curl_easy_setopt(easy, (CURLoption)option, NULL);
    struct curl_blob blob = {.data = (void *)data, .len = size, .flags = CURL_BLOB_COPY};
    return curl_easy_setopt(easy, (CURLoption)option, &blob);
}

int curl_shim_set_data_function(
    void *easy, unsigned option, size_t (*function)(char *buffer, size_t size, size_t count, void *context)) {
    return curl_easy_setopt(easy, (CURLoption)option, function);
}

int curl_shim_set_request_function(
    void *easy, int (*function)(void *context, char *address, char *localAddress, int port, int localPort)) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}

int curl_shim_set_socket_functions(
    void *easy, int (*opened)(void *context, int socket, unsigned purpose), int (*closes)(void *context, int socket),
    void *context) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, context);
    if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, (curl_sockopt_callback)opened);
    if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, context);
    return result == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, closes) : result;
}

int curl_shim_get_long(void *easy, unsigned info, long *value) {
    return curl_easy_getinfo(easy, (CURLINFO)info, value);
}

int curl_shim_get_int64(void *easy, unsigned info, int64_t *value) {
    curl_off_t number = 0;
    CURLcode result = curl_easy_getinfo(easy, (CURLINFO)info, &number);
    if (result == CURLE_OK) *value = number;
    return result;
}

int curl_shim_get_socket(void *easy, int *value) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    CURLcode result = curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
    if (result == CURLE_OK) *value = socket;
    return result;
}

int curl_shim_get_pointer(void *easy, unsigned info, void **value) {
    return curl_easy_getinfo(easy, (CURLINFO)info, value);
}

int curl_shim_multi_set_long(void *multi, unsigned option, long value) {
    return curl_multi_setopt(multi, (CURLMoption)option, value);
}

int curl_shim_multi_set_socket_function(
    void *multi, int (*function)(void *easy, int socket, int what, void *context, void *socketContext), void *context) {
    CURLMcode result = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    return result == CURLM_OK ? curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function) : result;
}

int curl_shim_multi_set_timer_function(
    void *multi, int (*function)(void *multi, long milliseconds, void *context), void *context) {
    CURLMcode result = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
    return result == CURLM_OK ? curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function) : result;
}

int curl_shim_next_finished(void *multi, void **easy, int *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *easy = message->easy_handle;
            *result = message->data.result;
            return 1;
        }
    }
    return 0;
}
