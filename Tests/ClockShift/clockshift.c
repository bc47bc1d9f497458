// Shifts the date for one process. To be loaded with LD_PRELOAD. CLOCKSHIFT_MS milliseconds are added to the system's
// wall clock. Monotonic clocks are unchanged, so the process sees a steady clock with an offset.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long long shift_ms;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void start(void) {
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    const char *text = getenv("CLOCKSHIFT_MS");
    shift_ms = text ? atoll(text) : 0;
    // Child processes have the system's own time.
    unsetenv("LD_PRELOAD");
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!real_clock_gettime) real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real_clock_gettime(clock, time);
    if (result != 0 || !time || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
    long long nanoseconds = time->tv_nsec + (shift_ms % 1000) * 1000000LL;
    time->tv_sec += shift_ms / 1000;
    while (nanoseconds < 0) {
        nanoseconds += 1000000000LL;
        time->tv_sec -= 1;
    }
    while (nanoseconds >= 1000000000LL) {
        nanoseconds -= 1000000000LL;
        time->tv_sec += 1;
    }
    time->tv_nsec = (long)nanoseconds;
    return 0;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
    (void)zone;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    value->tv_sec = now.tv_sec;
    value->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *where) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where) *where = now.tv_sec;
    return now.tv_sec;
}
