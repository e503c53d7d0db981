#ifndef SNAPSHOT_WALK_H
#define SNAPSHOT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The question whether a range is TDX memory, as Linux asks it: a list of entries, walked from the front until one holds
// the range. Written from a description, not from Linux's code. All ranges are [start, end), in bytes.

struct walk_range {
  uint64_t start;
  uint64_t end;
};

/// The list of entries.
struct snapshot_walk;

/// Makes the list, its nodes one behind the other in memory, which is kinder than Linux's allocations one by one.
///
/// \param entries ascending, disjoint.
/// \return NULL where there is no memory for it.
struct snapshot_walk *snapshot_walk_create(const struct walk_range *entries, size_t count);

void snapshot_walk_destroy(struct snapshot_walk *snapshot);

/// How many of the ranges lie inside one entry.
size_t snapshot_walk_count(const struct snapshot_walk *snapshot, const struct walk_range *ranges, size_t count);

#endif
