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

void sobre_prepare_allocator(void) {
#ifdef __GLIBC__
    /* Fixed thresholds. By itself glibc raises them up to 32 MiB with every large block that is freed; from then on
       bodies are cut out of arenas, which are returned only as far as their end is free. */
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
    /* Eight a core otherwise, each with free memory of its own. */
    mallopt(M_ARENA_MAX, 4);
#endif
}

void sobre_release_free_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
