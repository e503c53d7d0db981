#include "snapshot_walk.h"

#include <stdlib.h>

struct list_link {
  struct list_link *next;
  struct list_link *previous;
};

/// What Linux keeps of an entry.
struct walk_entry {
  struct list_link link;
  uint64_t start_frame;
  uint64_t end_frame;
  int node;
};

struct snapshot_walk {
  struct list_link head;
  struct walk_entry *entries;
};

struct snapshot_walk *snapshot_walk_create(const struct walk_range *entries, size_t count) {
  struct snapshot_walk *snapshot = malloc(sizeof *snapshot);
  if (!snapshot)
    return NULL;
  snapshot->entries = calloc(count ? count : 1, sizeof *snapshot->entries);
  if (!snapshot->entries) {
    free(snapshot);
    return NULL;
  }
  struct list_link *last = &snapshot->head;
  for (size_t i = 0; i < count; i++) {
    struct walk_entry *entry = &snapshot->entries[i];
    entry->start_frame = entries[i].start >> 12;
    entry->end_frame = entries[i].end >> 12;
    entry->link.previous = last;
    last->next = &entry->link;
    last = &entry->link;
  }
  last->next = &snapshot->head;
  snapshot->head.previous = last;
  return snapshot;
}

void snapshot_walk_destroy(struct snapshot_walk *snapshot) {
  free(snapshot->entries);
  free(snapshot);
}

static bool is_inside_one(const struct snapshot_walk *snapshot, uint64_t start_frame, uint64_t end_frame) {
  for (const struct list_link *link = snapshot->head.next; link != &snapshot->head; link = link->next) {
    const struct walk_entry *entry = (const struct walk_entry *)link;
    if (start_frame >= entry->start_frame && end_frame <= entry->end_frame)
      return true;
  }
  return false;
}

size_t snapshot_walk_count(const struct snapshot_walk *snapshot, const struct walk_range *ranges, size_t count) {
  size_t inside = 0;
  for (size_t i = 0; i < count; i++)
    inside += is_inside_one(snapshot, ranges[i].start >> 12, ranges[i].end >> 12);
  return inside;
}
