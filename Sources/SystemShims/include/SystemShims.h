#ifndef SOBRE_SYSTEM_SHIMS_H
#define SOBRE_SYSTEM_SHIMS_H

/* What Swift's module of the C library leaves out. */

/// Whether something (NTP, PTP) keeps the wall clock synchronised: 1 or 0. 0 where the system cannot say.
int sobre_clock_is_synchronised(void);

/// Names the calling thread, for `top -H` and debuggers; at most 15 bytes. Without effect on other systems than Linux.
void sobre_name_this_thread(const char *name);

/// Makes malloc return what is free to the system. Without effect where the C library is not glibc.
void sobre_release_free_memory(void);

#endif
