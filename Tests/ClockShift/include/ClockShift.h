// Nothing to call: the library is loaded with LD_PRELOAD.
