#ifndef SOBRE_SYSTEM_SHIMS_H
#define SOBRE_SYSTEM_SHIMS_H

/* What Swift's module of the C library leaves out. */

/// Whether something (NTP, PTP) keeps the wall clock synchronised: 1 or 0. 0 where the system cannot say.
int sobre_clock_is_synchronised(void);

#endif
