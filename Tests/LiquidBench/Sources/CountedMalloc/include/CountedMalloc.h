#ifndef COUNTED_MALLOC_H
#define COUNTED_MALLOC_H

/// The number of allocations since the start of the process.
unsigned long allocation_count(void);

#endif
