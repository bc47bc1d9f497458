// Typed forms of libcurl's variadic functions, which Swift cannot call.
//
// One function for each type of argument, so that a value of the wrong size cannot slip through. The header names no
// libcurl type: handles are `void *` and options are their raw numbers, as in <curl/curl.h>.

#ifndef SOBRE_CURL_SHIMS_H
#define SOBRE_CURL_SHIMS_H

#include <stddef.h>
#include <stdint.h>
// Linux's, which Swift's Glibc module leaves out.
#include <sys/epoll.h>
#include <sys/eventfd.h>

// Options of an easy handle. Each returns a CURLcode.
int curl_shim_set_long(void *easy, unsigned option, long value);
int curl_shim_set_int64(void *easy, unsigned option, int64_t value);
int curl_shim_set_string(void *easy, unsigned option, const char *value);
int curl_shim_set_pointer(void *easy, unsigned option, void *value);
// libcurl copies the bytes. NULL takes an earlier blob back.
int curl_shim_set_blob(void *easy, unsigned option, const void *data, size_t size);

// Callbacks of an easy handle: the same shape serves CURLOPT_WRITEFUNCTION and HEADERFUNCTION.
int curl_shim_set_data_function(
    void *easy, unsigned option, size_t (*function)(char *buffer, size_t size, size_t count, void *context));
// CURLOPT_PREREQFUNCTION: called before each request that libcurl writes; another value than 0 ends the transfer.
int curl_shim_set_request_function(
    void *easy, int (*function)(void *context, char *address, char *localAddress, int port, int localPort));
// CURLOPT_SOCKOPTFUNCTION and CLOSESOCKETFUNCTION: called for each socket that libcurl opens for a connection, and in
// place of close() for the same sockets.
int curl_shim_set_socket_functions(
    void *easy, int (*opened)(void *context, int socket, unsigned purpose), int (*closes)(void *context, int socket),
    void *context);

// Facts about a finished transfer. Each returns a CURLcode and writes `*value` on success.
int curl_shim_get_long(void *easy, unsigned info, long *value);
int curl_shim_get_int64(void *easy, unsigned info, int64_t *value);
int curl_shim_get_socket(void *easy, int *value);
int curl_shim_get_pointer(void *easy, unsigned info, void **value);

// Options of a multi handle. Each returns a CURLMcode.
int curl_shim_multi_set_long(void *multi, unsigned option, long value);
// CURLMOPT_SOCKETFUNCTION: called when libcurl wants to know something else of a socket than before (CURL_POLL_...).
int curl_shim_multi_set_socket_function(
    void *multi, int (*function)(void *easy, int socket, int what, void *context, void *socketContext), void *context);
// CURLMOPT_TIMERFUNCTION: called when libcurl wants to be called at another time than before; -1: not at all.
int curl_shim_multi_set_timer_function(
    void *multi, int (*function)(void *multi, long milliseconds, void *context), void *context);

// The message in `curl_multi_info_read`'s answer: 1 and the two values for a finished transfer, 0 when there is none.
int curl_shim_next_finished(void *multi, void **easy, int *result);

#endif
