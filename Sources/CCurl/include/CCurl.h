#ifndef CCURL_H
#define CCURL_H

// libcurl, and what of its interface Swift can't call itself, because it takes a variable number of arguments.

#include <curl/curl.h>

// Each sets an option of an easy handle to a value of one type (curl_easy_setopt(3)), and gives curl's code.

CURLcode curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode curl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode curl_set_pointer(CURL *handle, CURLoption option, const void *value);
CURLcode curl_set_writer(CURL *handle, curl_write_callback function, void *context);
CURLcode curl_set_socket_opener(CURL *handle, curl_opensocket_callback function, void *context);

// Reads what is known of a transfer that is done (curl_easy_getinfo(3)); 0 where there is nothing to know.

long curl_status(CURL *handle);
curl_off_t curl_retry_after(CURL *handle);

#endif
