#ifndef OPENAPI_DOCUMENT_H
#define OPENAPI_DOCUMENT_H

#include <stddef.h>

/* The text of openapi.yaml, which the compiler puts into the binary, and how many bytes it has. It is not terminated. */
const unsigned char *_Nonnull openapi_document(size_t *_Nonnull size);

#endif
