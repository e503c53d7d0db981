#ifndef PREFETCH_H
#define PREFETCH_H

/// Asks the processor for the cache line at an address, which need not be one of this process's.
static inline void prefetch_line(const void *address) { __builtin_prefetch(address); }

#endif
