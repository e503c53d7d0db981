#include "reference_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t page_size = UINT64_C(1) << 12;
static const uint64_t tdmr_alignment = UINT64_C(1) << 30;
static const uint64_t entry_alignment = 512;
/// Memory below it is never convertible.
static const uint64_t low_memory_end = UINT64_C(1) << 20;

/// A range in a list that ascends: a memory region, or a CMR.
struct range {
  struct range *next;
  uint64_t start;
  uint64_t end;
  struct node *node; ///< NULL for a CMR.
};

/// A run of page frames, [start, end), that no PAMT has taken. It may be empty.
struct run {
  struct run *next;
  uint64_t start;
  uint64_t end;
};

/// The zones that the kernel tries, in its order, in page frames: Normal, DMA32, DMA.
static const struct zone {
  uint64_t start;
  uint64_t end;
} zones[] = {
    {UINT64_C(1) << 20, UINT64_MAX},
    {UINT64_C(1) << 12, UINT64_C(1) << 20},
    {0, UINT64_C(1) << 12},
};

enum { zone_count = sizeof(zones) / sizeof(zones[0]) };

/// A NUMA node with memory.
struct node {
  uint32_t id;
  /// What is free, by address: a run for each region at first.
  struct run *free;
  /// Where the next run is linked in while the list is made.
  struct run **free_tail;
  /// The node's first page frame in each zone; UINT64_MAX where it has none.
  uint64_t zone_first[zone_count];
};

struct reference_peer {
  struct peer_options options;
  /// The memory from the first MiB on.
  struct range *memory;
  struct range *cmrs;
  size_t most_tdmrs;
  size_t stride;
  /// By ascending id.
  struct node *nodes;
  size_t node_count;
  /// Where runs come from: one for each region, and one for each PAMT that cuts a run in two.
  struct run *runs;
  size_t run_count;
  /// What the lists are made of.
  struct range *memory_storage;
  struct range *cmr_storage;
};

static uint64_t min_u64(uint64_t one, uint64_t other) { return one < other ? one : other; }

static uint64_t max_u64(uint64_t one, uint64_t other) { return one > other ? one : other; }

static uint64_t round_down(uint64_t value, uint64_t power_of_two) { return value & ~(power_of_two - 1); }

/// Rounds up to a multiple of a power of two; the last multiple below 2^64 where there is none above.
static uint64_t round_up(uint64_t value, uint64_t power_of_two) {
  const uint64_t last = round_down(UINT64_MAX, power_of_two);
  return value > last ? last : round_down(value + (power_of_two - 1), power_of_two);
}

static bool is_page_aligned(uint64_t value) { return value % page_size == 0; }

/// Entries need not be equally large in every machine, so a table is not an array of a C type.
static struct peer_tdmr_info *entry(const struct reference_peer *peer, void *table, size_t index) {
  void *bytes = (char *)table + index * peer->stride;
  return bytes;
}

static uint64_t tdmr_end(const struct peer_tdmr_info *tdmr) { return tdmr->base + tdmr->size; }

// TDMRs

/// linux-cmr: every region inside one CMR.
static int check_convertible(const struct reference_peer *peer) {
  for (const struct range *region = peer->memory; region; region = region->next) {
    const struct range *cmr = peer->cmrs;
    while (cmr && !(cmr->start <= region->start && region->end <= cmr->end))
      cmr = cmr->next;
    if (!cmr)
      return -EINVAL;
  }
  return 0;
}

/// A region that is not covered to its end opens a TDMR over the rest of its GiBs.
static int choose_tdmrs(const struct reference_peer *peer, void *table, size_t *count) {
  uint64_t covered_to = 0;

  *count = 0;
  for (const struct range *region = peer->memory; region; region = region->next) {
    if (region->end <= covered_to)
      continue;
    // A TDMR over the last GiB would end at 2^64, which no field can say. No machine has memory there.
    if (region->end > round_down(UINT64_MAX, tdmr_alignment))
      return -EINVAL;
    if (*count >= peer->options.max_tdmrs)
      return -ENOSPC;

    struct peer_tdmr_info *tdmr = entry(peer, table, *count);
    const uint64_t end = round_up(region->end, tdmr_alignment);
    memset(tdmr, 0, peer->stride);
    tdmr->base = max_u64(round_down(region->start, tdmr_alignment), covered_to);
    tdmr->size = end - tdmr->base;
    covered_to = end;
    ++*count;
  }
  return 0;
}

// PAMTs

static uint64_t pamt_level_bytes(uint64_t pages, uint64_t entry_bytes) {
  if (entry_bytes != 0 && pages > UINT64_MAX / entry_bytes)
    return round_down(UINT64_MAX, page_size);
  return round_up(pages * entry_bytes, page_size);
}

struct peer_pamt_sizes reference_peer_pamt_sizes(uint64_t tdmr_size, const struct peer_options *options) {
  const uint64_t pages = tdmr_size >> 12;
  return (struct peer_pamt_sizes){
      .page_4k = options->dynamic_pamt ? round_up((pages + 7) / 8, page_size)
                                       : pamt_level_bytes(pages, options->pamt_4k_entry_bytes),
      .page_2m = pamt_level_bytes(tdmr_size >> 21, options->pamt_2m_entry_bytes),
      .page_1g = pamt_level_bytes(tdmr_size >> 30, options->pamt_1g_entry_bytes),
  };
}

/// All levels, in pages: they are whole pages, so that this sum fits where a sum of bytes would not.
static uint64_t pamt_pages(const struct peer_pamt_sizes *sizes) {
  return sizes->page_4k / page_size + sizes->page_2m / page_size + sizes->page_1g / page_size;
}

/// The node of the first region that ends after the TDMR's base. There is one: the region that opened the TDMR.
static struct node *local_node(const struct reference_peer *peer, const struct peer_tdmr_info *tdmr) {
  const struct range *region = peer->memory;
  while (region->end <= tdmr->base)
    region = region->next;
  return region->node;
}

static struct run *new_run(struct reference_peer *peer, uint64_t start, uint64_t end) {
  struct run *run = &peer->runs[peer->run_count++];
  *run = (struct run){.start = start, .end = end};
  return run;
}

/// Gives every node all of its memory.
static void free_all_memory(struct reference_peer *peer) {
  peer->run_count = 0;
  for (size_t i = 0; i < peer->node_count; i++) {
    peer->nodes[i].free = NULL;
    peer->nodes[i].free_tail = &peer->nodes[i].free;
  }
  for (const struct range *region = peer->memory; region; region = region->next) {
    struct run *run = new_run(peer, region->start / page_size, region->end / page_size);
    *region->node->free_tail = run;
    region->node->free_tail = &run->next;
  }
}

/// Takes the top end of the highest run with room.
static bool take_top(struct node *node, uint64_t pages, uint64_t *frame) {
  struct run *highest = NULL;
  for (struct run *run = node->free; run; run = run->next) {
    if (run->end - run->start >= pages)
      highest = run;
  }
  if (!highest)
    return false;
  highest->end -= pages;
  *frame = highest->end;
  return true;
}

/// Takes the bottom end of the lowest run with room.
static bool take_bottom(struct node *node, uint64_t pages, uint64_t *frame) {
  for (struct run *run = node->free; run; run = run->next) {
    if (run->end - run->start >= pages) {
      *frame = run->start;
      run->start += pages;
      return true;
    }
  }
  return false;
}

/// The first of the frames p, p + pages, p + 2 x pages, ... from which so many frames are free in a zone. They may lie
/// in several runs that touch.
static bool find_in_zone(const struct node *node, size_t zone, uint64_t pages, uint64_t *found) {
  if (node->zone_first[zone] == UINT64_MAX)
    return false;

  // The kernel's ALIGN, which rounds up for powers of two only, and is used for any number.
  uint64_t frame = (node->zone_first[zone] + pages - 1) & ~(pages - 1);
  // The runs that touch, as far as they were looked at.
  uint64_t free_from = 0;
  uint64_t free_to = 0;
  for (const struct run *run = node->free; run && run->start < zones[zone].end; run = run->next) {
    if (run->end <= zones[zone].start)
      continue;
    const uint64_t start = max_u64(run->start, zones[zone].start);
    if (start != free_to)
      free_from = start;
    free_to = min_u64(run->end, zones[zone].end);
    if (frame < free_from)
      frame += (free_from - frame + pages - 1) / pages * pages;
    if (frame + pages <= free_to) {
      *found = frame;
      return true;
    }
  }
  return false;
}

/// Cuts [start, end) out of the runs that it lies in.
static void cut_out(struct reference_peer *peer, struct node *node, uint64_t start, uint64_t end) {
  for (struct run *run = node->free; run && run->start < end; run = run->next) {
    if (run->end <= start)
      continue;
    if (run->start < start && end < run->end) {
      struct run *rest = new_run(peer, end, run->end);
      rest->next = run->next;
      run->next = rest;
      run->end = start;
    } else if (run->start < start) {
      run->end = start;
    } else {
      run->start = min_u64(end, run->end);
    }
  }
}

static bool take_first_fit(struct reference_peer *peer, struct node *node, uint64_t pages, uint64_t *frame) {
  for (size_t zone = 0; zone < zone_count; zone++) {
    if (find_in_zone(node, zone, pages, frame)) {
      cut_out(peer, node, *frame, *frame + pages);
      return true;
    }
  }
  return false;
}

static bool take(struct reference_peer *peer, struct node *node, uint64_t pages, uint64_t *frame) {
  switch (peer->options.placement) {
  case PEER_TOP:
    return take_top(node, pages, frame);
  case PEER_BOTTOM:
    return take_bottom(node, pages, frame);
  case PEER_FIRST_FIT:
    return take_first_fit(peer, node, pages, frame);
  }
  return false;
}

/// Takes contiguous pages on the preferred node, else on the first of the others that has them.
static bool take_near(struct reference_peer *peer, struct node *preferred, uint64_t pages, uint64_t *frame) {
  if (take(peer, preferred, pages, frame))
    return true;
  for (size_t i = 0; i < peer->node_count; i++) {
    if (&peer->nodes[i] != preferred && take(peer, &peer->nodes[i], pages, frame))
      return true;
  }
  return false;
}

/// One piece of memory for each TDMR: the 4K level, then 2M, then 1G.
static int place_pamts(struct reference_peer *peer, void *table, size_t count, uint32_t *nodes, uint64_t *bytes) {
  // A memory list without memory makes one TDMR of no bytes, whose PAMT of no pages nobody can allocate.
  if (count == 0)
    return -ENOMEM;

  free_all_memory(peer);
  for (size_t i = 0; i < count; i++) {
    struct peer_tdmr_info *tdmr = entry(peer, table, i);
    struct node *node = local_node(peer, tdmr);
    const struct peer_pamt_sizes sizes = reference_peer_pamt_sizes(tdmr->size, &peer->options);
    const uint64_t pages = pamt_pages(&sizes);
    uint64_t frame;

    nodes[i] = node->id;
    if (pages == 0 || !take_near(peer, node, pages, &frame))
      return -ENOMEM;
    tdmr->pamt_4k_base = frame * page_size;
    tdmr->pamt_4k_size = sizes.page_4k;
    tdmr->pamt_2m_base = tdmr->pamt_4k_base + sizes.page_4k;
    tdmr->pamt_2m_size = sizes.page_2m;
    tdmr->pamt_1g_base = tdmr->pamt_2m_base + sizes.page_2m;
    tdmr->pamt_1g_size = sizes.page_1g;
    *bytes += pages * page_size; // They are disjoint memory.
  }
  return 0;
}

// Reserved areas

static int add_area(struct peer_tdmr_info *tdmr, size_t *areas, uint64_t start, uint64_t end, uint64_t limit) {
  if (!is_page_aligned(start) || !is_page_aligned(end))
    return -EINVAL;
  if (*areas >= limit)
    return -ENOSPC;
  tdmr->reserved[*areas] = (struct peer_reserved_area){.offset = start - tdmr->base, .size = end - start};
  ++*areas;
  return 0;
}

/// What lies between the ranges, before the first and after the last.
static int add_holes(struct peer_tdmr_info *tdmr, size_t *areas, const struct range *ranges, uint64_t limit) {
  uint64_t covered_to = tdmr->base;

  for (const struct range *range = ranges; range; range = range->next) {
    if (range->end <= tdmr->base)
      continue;
    if (range->start >= tdmr_end(tdmr))
      break;
    if (range->start > covered_to) {
      int error = add_area(tdmr, areas, covered_to, range->start, limit);
      if (error)
        return error;
    }
    covered_to = range->end;
  }
  if (covered_to < tdmr_end(tdmr))
    return add_area(tdmr, areas, covered_to, tdmr_end(tdmr), limit);
  return 0;
}

/// What any TDMR's PAMT takes of this one.
static int add_pamts(const struct reference_peer *peer, void *table, size_t count, struct peer_tdmr_info *tdmr,
                     size_t *areas) {
  for (size_t i = 0; i < count; i++) {
    const struct peer_tdmr_info *owner = entry(peer, table, i);
    const uint64_t start = max_u64(owner->pamt_4k_base, tdmr->base);
    const uint64_t end = min_u64(owner->pamt_1g_base + owner->pamt_1g_size, tdmr_end(tdmr));
    if (start >= end)
      continue;
    int error = add_area(tdmr, areas, start, end, peer->options.max_reserved);
    if (error)
      return error;
  }
  return 0;
}

/// Lets the area at `root` sink below those of the heap that have a larger offset.
static void sink(struct peer_reserved_area *areas, size_t root, size_t count) {
  const struct peer_reserved_area sinking = areas[root];
  for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
    if (child + 1 < count && areas[child].offset < areas[child + 1].offset)
      child++;
    if (areas[child].offset <= sinking.offset)
      break;
    areas[root] = areas[child];
    root = child;
  }
  areas[root] = sinking;
}

/// A heapsort, as Linux's sort() is one. (qsort may allocate.)
static void sort_by_offset(struct peer_reserved_area *areas, size_t count) {
  for (size_t root = count / 2; root-- > 0;)
    sink(areas, root, count);
  for (size_t last = count; last-- > 1;) {
    const struct peer_reserved_area largest = areas[0];
    areas[0] = areas[last];
    areas[last] = largest;
    sink(areas, 0, last);
  }
}

int reference_peer_populate_reserved(const struct reference_peer *peer, void *table, size_t tdmrs) {
  const struct range *ranges = peer->options.policy == PEER_LINUX_CMR ? peer->cmrs : peer->memory;

  for (size_t i = 0; i < tdmrs; i++) {
    struct peer_tdmr_info *tdmr = entry(peer, table, i);
    size_t areas = 0;
    int error = add_holes(tdmr, &areas, ranges, peer->options.max_reserved);
    if (!error)
      error = add_pamts(peer, table, tdmrs, tdmr, &areas);
    if (error)
      return error;
    sort_by_offset(tdmr->reserved, areas);
  }
  return 0;
}

// The plan

struct peer_plan reference_peer_plan(struct reference_peer *peer, void *table, uint32_t *nodes) {
  struct peer_plan plan = {0};

  if (peer->options.policy == PEER_LINUX_CMR)
    plan.error = check_convertible(peer);
  if (!plan.error)
    plan.error = choose_tdmrs(peer, table, &plan.tdmrs);
  if (!plan.error)
    plan.error = place_pamts(peer, table, plan.tdmrs, nodes, &plan.pamt_bytes);
  if (!plan.error)
    plan.error = reference_peer_populate_reserved(peer, table, plan.tdmrs);
  return plan.error ? (struct peer_plan){.error = plan.error} : plan;
}

// The set-up

static int compare_ids(const void *one, const void *other) {
  const uint32_t first = ((const struct node *)one)->id;
  const uint32_t second = ((const struct node *)other)->id;
  return (first > second) - (first < second);
}

/// The node with an id, which exists.
static struct node *find_node(const struct reference_peer *peer, uint32_t id) {
  const struct node key = {.id = id};
  return bsearch(&key, peer->nodes, peer->node_count, sizeof(key), compare_ids);
}

/// Lists the nodes of the regions, and where each starts in each zone: there the first MiB counts.
static void list_nodes(struct reference_peer *peer, const struct peer_region *regions, size_t count) {
  for (size_t i = 0; i < count; i++)
    peer->nodes[i] = (struct node){.id = regions[i].node, .zone_first = {UINT64_MAX, UINT64_MAX, UINT64_MAX}};
  qsort(peer->nodes, count, sizeof(*peer->nodes), compare_ids);
  peer->node_count = 0;
  for (size_t i = 0; i < count; i++) {
    if (peer->node_count == 0 || peer->nodes[peer->node_count - 1].id != peer->nodes[i].id)
      peer->nodes[peer->node_count++] = peer->nodes[i];
  }

  for (size_t i = 0; i < count; i++) {
    struct node *node = find_node(peer, regions[i].node);
    for (size_t zone = 0; zone < zone_count; zone++) {
      const uint64_t start = max_u64(regions[i].start / page_size, zones[zone].start);
      const uint64_t end = min_u64(regions[i].end / page_size, zones[zone].end);
      if (start < end)
        node->zone_first[zone] = min_u64(node->zone_first[zone], start);
    }
  }
}

/// Links up the memory from the first MiB on.
static void list_memory(struct reference_peer *peer, const struct peer_region *regions, size_t count) {
  struct range **tail = &peer->memory;
  for (size_t i = 0; i < count; i++) {
    if (regions[i].end <= low_memory_end)
      continue;
    struct range *range = &peer->memory_storage[i];
    *range = (struct range){
        .start = max_u64(regions[i].start, low_memory_end),
        .end = regions[i].end,
        .node = find_node(peer, regions[i].node),
    };
    *tail = range;
    tail = &range->next;
  }
}

static void list_cmrs(struct reference_peer *peer, const struct peer_range *cmrs, size_t count) {
  struct range **tail = &peer->cmrs;
  for (size_t i = 0; i < count; i++) {
    struct range *range = &peer->cmr_storage[i];
    *range = (struct range){.start = cmrs[i].start, .end = cmrs[i].end};
    *tail = range;
    tail = &range->next;
  }
}

/// No plan has more TDMRs: each takes a region of its own, and a GiB of the span.
static size_t most_tdmrs(const struct peer_region *regions, size_t count, uint64_t limit) {
  if (count == 0)
    return 1;
  const uint64_t gibs = (regions[count - 1].end >> 30) - (regions[0].start >> 30) + 1;
  return max_u64(1, min_u64(min_u64(count, gibs), limit));
}

/// Room for max_reserved areas, or for all that a TDMR of this machine can have if that is less: a hole before each
/// range and one at the end, and every PAMT.
static size_t stride(uint64_t ranges, uint64_t tdmrs, uint64_t max_reserved) {
  const uint64_t areas = min_u64(ranges + 1 + tdmrs, max_reserved);
  if (areas > (SIZE_MAX - 2 * entry_alignment) / sizeof(struct peer_reserved_area))
    return SIZE_MAX;
  return round_up(sizeof(struct peer_tdmr_info) + areas * sizeof(struct peer_reserved_area), entry_alignment);
}

struct reference_peer *reference_peer_create(const struct peer_region *regions, size_t region_count,
                                             const struct peer_range *cmrs, size_t cmr_count,
                                             const struct peer_options *options) {
  struct reference_peer *peer = calloc(1, sizeof(*peer));
  if (!peer)
    return NULL;
  peer->options = *options;
  peer->most_tdmrs = most_tdmrs(regions, region_count, options->max_tdmrs);
  peer->stride = stride(options->policy == PEER_LINUX_CMR ? cmr_count : region_count, peer->most_tdmrs,
                        options->max_reserved);
  // calloc(0) may be NULL without a failure: one more of each.
  peer->nodes = calloc(region_count + 1, sizeof(*peer->nodes));
  peer->memory_storage = calloc(region_count + 1, sizeof(*peer->memory_storage));
  peer->cmr_storage = calloc(cmr_count + 1, sizeof(*peer->cmr_storage));
  peer->runs = calloc(region_count + peer->most_tdmrs, sizeof(*peer->runs));
  if (!peer->nodes || !peer->memory_storage || !peer->cmr_storage || !peer->runs) {
    reference_peer_destroy(peer);
    return NULL;
  }
  list_nodes(peer, regions, region_count);
  list_memory(peer, regions, region_count);
  list_cmrs(peer, cmrs, cmr_count);
  return peer;
}

void reference_peer_destroy(struct reference_peer *peer) {
  if (!peer)
    return;
  free(peer->nodes);
  free(peer->memory_storage);
  free(peer->cmr_storage);
  free(peer->runs);
  free(peer);
}

size_t reference_peer_most_tdmrs(const struct reference_peer *peer) { return peer->most_tdmrs; }

size_t reference_peer_stride(const struct reference_peer *peer) { return peer->stride; }
