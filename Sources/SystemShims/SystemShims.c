#define _GNU_SOURCE

#include "SystemShims.h"

#include <pthread.h>

#ifdef __linux__
#include <sys/timex.h>
#endif

int sobre_clock_is_synchronised(void) {
#ifdef __linux__
    struct timex status = {.modes = 0};
    int state = adjtimex(&status);
    return state >= 0 && state != TIME_ERROR && !(status.status & STA_UNSYNC);
#else
    return 0;
#endif
}

void sobre_name_this_thread(const char *name) {
#ifdef __linux__
    pthread_setname_np(pthread_self(), name);
#else
    (void)name;
#endif
}
