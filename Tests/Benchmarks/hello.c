/* The least that a worker on libfcgi can do, with the settings that ours has. */
#include <fcgiapp.h>
#include <stdlib.h>

int main(void) {
    FCGX_Request request;
    setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "0", 1);
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0) {
        return 1;
    }
    while (FCGX_Accept_r(&request) == 0) {
        char scratch[8192];
        while (FCGX_GetStr(scratch, sizeof scratch, request.in) == sizeof scratch) {
        }
        FCGX_PutS("Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"hello\":\"world\"}",
                  request.out);
        FCGX_Finish_r(&request);
    }
    return 0;
}
