#ifndef COUNTED_MALLOC_H
#define COUNTED_MALLOC_H

/// How often memory was asked for since the start of the process.
unsigned long allocation_count(void);

#endif
