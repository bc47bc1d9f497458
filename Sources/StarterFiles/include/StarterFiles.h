#ifndef STARTER_FILES_H
#define STARTER_FILES_H

#include <stddef.h>

/* A file that `sobre init` writes. */
struct starter_file {
    const char *_Nonnull path;
    const unsigned char *_Nonnull bytes;
    size_t size;
};

/* The file of an index; NULL behind the last. */
const struct starter_file *_Nullable starter_file_at(size_t index);

#endif
