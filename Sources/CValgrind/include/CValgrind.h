#ifndef C_VALGRIND_H
#define C_VALGRIND_H

#include <stdbool.h>

/// Whether this process runs under valgrind. Always false on processors other than x86-64.
bool valgrind_is_running(void);

/// Makes callgrind instrument from here on. What ran before, under `--instr-atstart=no`, is not counted.
void callgrind_start_instrumentation(void);

/// Sets callgrind's counts to zero.
void callgrind_zero_stats(void);

/// Makes callgrind write its counts to a file of their own, with `name` in it, and set them to zero.
void callgrind_dump_stats(const char *name);

#endif
