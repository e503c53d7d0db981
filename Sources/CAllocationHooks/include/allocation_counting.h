#ifndef ALLOCATION_COUNTING_H
#define ALLOCATION_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

/// What one thread asked of the allocator. A realloc shows as an allocation and a free.
struct allocation_counts {
  uint64_t allocations;
  uint64_t frees;
  /// The bytes asked for, not the allocator's rounded sizes.
  uint64_t bytes;
  /// The most that was allocated and not yet freed at any moment, beyond what was at the start. In the allocator's
  /// rounded sizes: a free does not tell what was asked for.
  uint64_t peak_bytes;
};

/// Whether tcmalloc serves this process's malloc: an allocation of 4 MiB moves its count of allocated bytes.
/// It does not under the address and thread sanitizers, which bring an allocator of their own.
bool allocation_hooks_are_live(void);

/// Starts to count what the calling thread allocates, from zero. Every other thread counts for itself.
///
/// Must not be called again on this thread before `allocation_counting_end`. While any thread counts, a malloc and
/// free pair costs 10 to 20 ns more in every thread: never time in the meantime.
///
/// Returns false, and counts nothing, where gperftools has no room for the hooks.
bool allocation_counting_begin(void);

/// Stops counting on the calling thread, and returns what was counted since `allocation_counting_begin`.
struct allocation_counts allocation_counting_end(void);

#endif
