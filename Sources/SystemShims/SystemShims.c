#define _GNU_SOURCE

#include "SystemShims.h"

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
