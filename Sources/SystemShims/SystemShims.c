#define _GNU_SOURCE

#include "SystemShims.h"

#include <pthread.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

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

void sobre_release_free_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
