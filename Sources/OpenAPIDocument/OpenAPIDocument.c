#include "OpenAPIDocument.h"

/* SwiftPM's `.embedInCode` writes an array literal, whose type check takes half a minute for a file of this size. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char document[] = {
#embed "openapi.yaml"
};

const unsigned char *openapi_document(size_t *size) {
    *size = sizeof document;
    return document;
}
