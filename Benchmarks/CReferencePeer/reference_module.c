#include "reference_module.h"

#include "reference_peer.h"

static const uint64_t page_mask = (UINT64_C(1) << 12) - 1;
static const uint64_t gib_mask = (UINT64_C(1) << 30) - 1;

static const uint64_t cmr_list_invalid = UINT64_C(0xC0000A2200000000);
static const uint64_t operand_invalid = UINT64_C(0xC000010000000000);
static const uint64_t invalid_tdmr = UINT64_C(0xC0000A0000000000);
static const uint64_t non_ordered_tdmr = UINT64_C(0xC0000A0100000000);
static const uint64_t tdmr_outside_cmrs = UINT64_C(0xC0000A0200000000);
static const uint64_t invalid_pamt = UINT64_C(0xC0000A1000000000);
static const uint64_t pamt_outside_cmrs = UINT64_C(0xC0000A1100000000);
static const uint64_t pamt_overlap = UINT64_C(0xC0000A1200000000);
static const uint64_t invalid_reserved = UINT64_C(0xC0000A2000000000);
static const uint64_t non_ordered_reserved = UINT64_C(0xC0000A2100000000);

enum level { level_4k, level_2m, level_1g, level_count };

/// [start, end).
struct span {
  uint64_t start;
  uint64_t end;
};

struct module {
  const struct module_configuration *configuration;
  const struct module_cmr *runs;
  size_t run_count;
};

/// Up to three details, 8 bits each, in the low 32 bits of a status.
static uint64_t refusal(uint64_t status, size_t d0, size_t d1, size_t d2) {
  return status | (d0 & 0xff) | (d1 & 0xff) << 8 | (d2 & 0xff) << 16;
}

static bool wraps(uint64_t base, uint64_t size) { return base + size < base; }

/// The first and the last byte are below 2^52 and have no key-id bits. Nothing wraps.
static bool addressable(const struct module_configuration *configuration, uint64_t base, uint64_t size) {
  const unsigned bits = 52 - configuration->keyid_bits;
  return base >> bits == 0 && (size == 0 || (base + size - 1) >> bits == 0);
}

static bool overlap(struct span one, struct span other) {
  return one.start < other.end && other.start < one.end && one.start < one.end && other.start < other.end;
}

static const struct peer_tdmr_info *entry(const struct module *module, size_t index) {
  const struct module_configuration *configuration = module->configuration;
  return (const void *)((const char *)configuration->table + configuration->offsets[index]);
}

static struct span pamt(const struct peer_tdmr_info *tdmr, enum level level) {
  switch (level) {
  case level_4k:
    return (struct span){tdmr->pamt_4k_base, tdmr->pamt_4k_base + tdmr->pamt_4k_size};
  case level_2m:
    return (struct span){tdmr->pamt_2m_base, tdmr->pamt_2m_base + tdmr->pamt_2m_size};
  default:
    return (struct span){tdmr->pamt_1g_base, tdmr->pamt_1g_base + tdmr->pamt_1g_size};
  }
}

/// The CMR table: unused slots are skipped, abutting CMRs become one.
static bool read_cmrs(const struct module_configuration *configuration, struct module_cmr *runs, size_t *count) {
  *count = 0;
  for (size_t i = 0; i < configuration->cmr_count; i++) {
    const struct module_cmr cmr = configuration->cmrs[i];
    if (cmr.size == 0)
      continue;
    if (wraps(cmr.base, cmr.size) || !addressable(configuration, cmr.base, cmr.size) ||
        ((cmr.base | cmr.size) & page_mask) != 0)
      return false;
    if (*count > 0) {
      struct module_cmr *last = &runs[*count - 1];
      if (cmr.base < last->base + last->size)
        return false;
      if (cmr.base == last->base + last->size) {
        last->size += cmr.size;
        continue;
      }
    }
    runs[(*count)++] = cmr;
  }
  return true;
}

static bool convertible(const struct module *module, struct span span) {
  for (size_t i = 0; i < module->run_count; i++) {
    const struct module_cmr run = module->runs[i];
    if (run.base <= span.start && span.end <= run.base + run.size)
      return true;
  }
  return false;
}

/// A: the range of a TDMR.
static uint64_t check_range(const struct module *module, size_t index) {
  const struct peer_tdmr_info *tdmr = entry(module, index);
  if (wraps(tdmr->base, tdmr->size))
    return refusal(invalid_tdmr, index, 0, 0);
  if (index > 0) {
    const struct peer_tdmr_info *previous = entry(module, index - 1);
    if (tdmr->base < previous->base + previous->size)
      return refusal(non_ordered_tdmr, index, 0, 0);
  }
  if (((tdmr->base | tdmr->size) & gib_mask) != 0 || tdmr->size == 0 ||
      !addressable(module->configuration, tdmr->base, tdmr->size))
    return refusal(invalid_tdmr, index, 0, 0);
  return 0;
}

/// B: its reserved areas.
static uint64_t check_reserved(const struct module *module, size_t index) {
  const struct peer_tdmr_info *tdmr = entry(module, index);
  const size_t slots = module->configuration->max_reserved;
  uint64_t previous_end = 0;
  for (size_t j = 0; j < slots; j++) {
    const struct peer_reserved_area area = tdmr->reserved[j];
    if (area.size == 0) {
      if (j + 1 < slots && tdmr->reserved[j + 1].size != 0)
        return refusal(non_ordered_reserved, index, j, 0);
      continue;
    }
    if (wraps(area.offset, area.size))
      return refusal(invalid_reserved, index, j, 0);
    if (area.offset < previous_end)
      return refusal(non_ordered_reserved, index, j, 0);
    if (((area.offset | area.size) & page_mask) != 0 || area.offset + area.size > tdmr->size)
      return refusal(invalid_reserved, index, j, 0);
    previous_end = area.offset + area.size;
  }
  return 0;
}

/// C: the shape of one PAMT.
static bool sound_pamt(const struct module *module, uint64_t base, uint64_t size, uint64_t needed) {
  return !wraps(base, size) && ((base | size) & page_mask) == 0 &&
         addressable(module->configuration, base, size) && size >= needed;
}

static uint64_t check_pamt_shapes(const struct module *module, size_t index) {
  const struct module_configuration *configuration = module->configuration;
  const struct peer_tdmr_info *tdmr = entry(module, index);
  // A TDMR ends below 2^52, and an entry size has 16 bits: no product wraps.
  const uint64_t pages = tdmr->size >> 12;
  const uint64_t bytes_4k = configuration->dynamic_pamt ? pages / 8 : pages * configuration->pamt_4k_entry_bytes;
  if (!sound_pamt(module, tdmr->pamt_1g_base, tdmr->pamt_1g_size,
                  (tdmr->size >> 30) * configuration->pamt_1g_entry_bytes))
    return refusal(invalid_pamt, index, level_1g, 0);
  if (!sound_pamt(module, tdmr->pamt_2m_base, tdmr->pamt_2m_size,
                  (tdmr->size >> 21) * configuration->pamt_2m_entry_bytes))
    return refusal(invalid_pamt, index, level_2m, 0);
  if (!sound_pamt(module, tdmr->pamt_4k_base, tdmr->pamt_4k_size, bytes_4k))
    return refusal(invalid_pamt, index, level_4k, 0);
  return 0;
}

/// D: its PAMTs against all PAMTs so far.
static uint64_t check_pamts_against_pamts(const struct module *module, size_t index) {
  const struct peer_tdmr_info *tdmr = entry(module, index);
  for (size_t j = 0; j < index; j++)
    for (enum level level = level_4k; level < level_count; level++)
      for (enum level other = level_4k; other < level_count; other++)
        if (overlap(pamt(tdmr, level), pamt(entry(module, j), other)))
          return refusal(pamt_overlap, index, level, j);
  for (enum level level = level_4k; level < level_count; level++)
    for (enum level other = level + 1; other < level_count; other++)
      if (overlap(pamt(tdmr, level), pamt(tdmr, other)))
        return refusal(pamt_overlap, index, level, index);
  return 0;
}

/// Whether a range holds a byte of a TDMR that is not reserved.
static bool touches_available(const struct module *module, struct span span, const struct peer_tdmr_info *tdmr) {
  uint64_t start = tdmr->base;
  for (size_t j = 0; j < module->configuration->max_reserved && tdmr->reserved[j].size != 0; j++) {
    const uint64_t area = tdmr->base + tdmr->reserved[j].offset;
    if (overlap(span, (struct span){start, area}))
      return true;
    start = area + tdmr->reserved[j].size;
  }
  return overlap(span, (struct span){start, tdmr->base + tdmr->size});
}

/// E: its PAMTs against all available memory so far, and all PAMTs so far against its own.
static uint64_t check_pamts_against_memory(const struct module *module, size_t index) {
  const struct peer_tdmr_info *tdmr = entry(module, index);
  for (size_t j = 0; j <= index; j++) {
    const struct peer_tdmr_info *other = entry(module, j);
    for (enum level level = level_4k; level < level_count; level++)
      if (touches_available(module, pamt(tdmr, level), other))
        return refusal(pamt_overlap, index, level, j);
    for (enum level level = level_4k; j < index && level < level_count; level++)
      if (touches_available(module, pamt(other, level), tdmr))
        return refusal(pamt_overlap, j, level, index);
  }
  return 0;
}

/// F and G: PAMTs and available memory inside CMRs.
static uint64_t check_against_cmrs(const struct module *module, size_t index) {
  static const enum level order[] = {level_1g, level_2m, level_4k};
  const struct peer_tdmr_info *tdmr = entry(module, index);
  for (size_t i = 0; i < level_count; i++)
    if (!convertible(module, pamt(tdmr, order[i])))
      return refusal(pamt_outside_cmrs, index, order[i], 0);
  uint64_t start = tdmr->base;
  for (size_t j = 0; j < module->configuration->max_reserved && tdmr->reserved[j].size != 0; j++) {
    const uint64_t area = tdmr->base + tdmr->reserved[j].offset;
    if (start < area && !convertible(module, (struct span){start, area}))
      return refusal(tdmr_outside_cmrs, index, 0, 0);
    start = area + tdmr->reserved[j].size;
  }
  if (start < tdmr->base + tdmr->size && !convertible(module, (struct span){start, tdmr->base + tdmr->size}))
    return refusal(tdmr_outside_cmrs, index, 0, 0);
  return 0;
}

static uint64_t check(const struct module *module, size_t index) {
  static uint64_t (*const checks[])(const struct module *, size_t) = {
      check_range,
      check_reserved,
      check_pamt_shapes,
      check_pamts_against_pamts,
      check_pamts_against_memory,
      check_against_cmrs,
  };
  for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
    const uint64_t status = checks[i](module, index);
    if (status != 0)
      return status;
  }
  return 0;
}

uint64_t reference_module_status(const struct module_configuration *configuration, struct module_cmr *runs) {
  struct module module = {.configuration = configuration, .runs = runs};
  if (!read_cmrs(configuration, runs, &module.run_count))
    return cmr_list_invalid;
  if (configuration->tdmrs > configuration->max_tdmrs || configuration->tdmrs == 0)
    return refusal(operand_invalid, 2, 0, 0);
  if (configuration->dynamic_pamt && configuration->keyid_bits < 4)
    return refusal(operand_invalid, 8, 0, 0);
  for (size_t i = 0; i < configuration->tdmrs; i++) {
    const uint64_t status = check(&module, i);
    if (status != 0)
      return status;
  }
  return 0;
}
