#include "CRdKafka.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

static struct crdkafka functions;
static bool loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool load(char *why, size_t size) {
    void *library = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(why, size, "%s", reason ? reason : "it cannot be loaded");
        return false;
    }
#define CRDKAFKA_LOAD(name) \
    if (!(functions.name = (__typeof__(name) *)dlsym(library, #name))) { \
        snprintf(why, size, "librdkafka.so.1 has no function %s", #name); \
        dlclose(library); \
        return false; \
    }
    CRDKAFKA_FUNCTIONS(CRDKAFKA_LOAD)
#undef CRDKAFKA_LOAD
    return true;
}

const struct crdkafka *crdkafka_load(char *why, size_t size) {
    pthread_mutex_lock(&lock);
    if (!loaded) loaded = load(why, size);
    bool succeeded = loaded;
    pthread_mutex_unlock(&lock);
    return succeeded ? &functions : NULL;
}
