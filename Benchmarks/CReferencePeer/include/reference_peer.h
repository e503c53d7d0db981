#ifndef REFERENCE_PEER_H
#define REFERENCE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the planner is measured against: the same computation in the shape that it has in Linux. The memory is a linked
// list; each TDMR walks it for its node and again for its holes, walks all PAMTs, and sorts what it found. Nothing is
// indexed, and every search starts from the front.
//
// Written from a description of the algorithm, not from Linux's code. All addresses and sizes are bytes, all ranges
// [start, end).

/// Memory of one node.
struct peer_region {
  uint64_t start;
  uint64_t end;
  uint32_t node;
  uint32_t flags; ///< Not looked at.
};

/// A convertible memory region (CMR).
struct peer_range {
  uint64_t start;
  uint64_t end;
};

enum peer_policy {
  /// Holes are what lies between memory regions.
  PEER_LINUX,
  /// Holes are what lies between CMRs, and every region must lie inside one CMR.
  PEER_LINUX_CMR,
};

/// What the page allocator returns for a PAMT: models of an idle machine.
enum peer_placement {
  /// The top end of the highest region of the node that has room.
  PEER_TOP,
  /// The bottom end of the lowest region of the node that has room.
  PEER_BOTTOM,
  /// The frames p, p + n, p + 2n, ... of each zone of the node: Normal, DMA32, DMA.
  PEER_FIRST_FIT,
};

struct peer_options {
  enum peer_policy policy;
  enum peer_placement placement;
  /// The 4K PAMT is a bitmap, one bit per page.
  bool dynamic_pamt;
  /// Any number is a limit.
  uint64_t max_tdmrs;
  uint64_t max_reserved;
  /// The bytes of PAMT per page.
  uint16_t pamt_4k_entry_bytes;
  uint16_t pamt_2m_entry_bytes;
  uint16_t pamt_1g_entry_bytes;
};

/// A range that a TDMR leaves out; `size` 0 is an unused slot.
struct peer_reserved_area {
  uint64_t offset;
  uint64_t size;
};

/// TDMR_INFO, as the TDX module defines it.
struct peer_tdmr_info {
  uint64_t base;
  uint64_t size;
  uint64_t pamt_1g_base;
  uint64_t pamt_1g_size;
  uint64_t pamt_2m_base;
  uint64_t pamt_2m_size;
  uint64_t pamt_4k_base;
  uint64_t pamt_4k_size;
  struct peer_reserved_area reserved[];
};

/// The bytes of one TDMR's PAMT, each level in whole pages. What does not fit 64 bits is 2^64 - 4096.
struct peer_pamt_sizes {
  uint64_t page_4k;
  uint64_t page_2m;
  uint64_t page_1g;
};

/// What came of a plan.
struct peer_plan {
  /// 0, -ENOSPC, -ENOMEM or -EINVAL. Where it is not 0, what the table holds means nothing.
  int error;
  size_t tdmrs;
  /// All PAMTs together.
  uint64_t pamt_bytes;
};

/// A machine, ready to be planned again and again.
struct reference_peer;

/// Makes the lists of a machine: the set-up, which Linux has done when it starts on TDMRs.
///
/// \param regions ascending, disjoint, non-empty, in whole pages; the first MiB is left out here.
/// \param cmrs ascending, disjoint and not empty; PEER_LINUX does not look at them.
/// \return NULL where there is no memory for it.
struct reference_peer *reference_peer_create(const struct peer_region *regions, size_t region_count,
                                             const struct peer_range *cmrs, size_t cmr_count,
                                             const struct peer_options *options);

void reference_peer_destroy(struct reference_peer *peer);

/// The most TDMRs that a plan of this machine can have: at least 1.
size_t reference_peer_most_tdmrs(const struct reference_peer *peer);

/// The bytes from one entry of the table to the next: 64 + 16 x max_reserved, in multiples of 512 as the module wants
/// them aligned; less where this machine cannot have as many areas in a TDMR. Linux's entries take 512 bytes more.
/// SIZE_MAX where it does not fit.
size_t reference_peer_stride(const struct reference_peer *peer);

/// Plans the machine: TDMRs, then PAMTs, then reserved areas. Allocates nothing.
///
/// \param table room for reference_peer_most_tdmrs entries of reference_peer_stride bytes, 8-byte aligned. Each entry
///     is zeroed when it is opened; Linux zeroes the whole table, once, when it allocates it.
/// \param nodes room for as many numbers: the node that each TDMR's PAMT is asked for on.
struct peer_plan reference_peer_plan(struct reference_peer *peer, void *table, uint32_t *nodes);

/// The last step of a plan alone: holes, PAMTs and a sort, for every TDMR in a table that reference_peer_plan filled.
///
/// \return 0, -ENOSPC or -EINVAL.
int reference_peer_populate_reserved(const struct reference_peer *peer, void *table, size_t tdmrs);

/// The PAMT of a TDMR of `tdmr_size` bytes, a multiple of 1 GiB.
struct peer_pamt_sizes reference_peer_pamt_sizes(uint64_t tdmr_size, const struct peer_options *options);

#endif
