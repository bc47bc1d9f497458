// Empty: the library is loaded by LD_PRELOAD and has no interface. See powercut.c.
