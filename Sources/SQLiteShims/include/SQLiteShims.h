// Typed forms of SQLite's variadic functions, which Swift cannot call.

#ifndef SOBRE_SQLITE_SHIMS_H
#define SOBRE_SQLITE_SHIMS_H

// SQLITE_CONFIG_MEMSTATUS, off. Returns an SQLite result: SQLITE_MISUSE once the process has begun to use SQLite.
int sqlite_shim_stop_counting_memory(void);

#endif
