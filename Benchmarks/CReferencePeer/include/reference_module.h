#ifndef REFERENCE_MODULE_H
#define REFERENCE_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the module's rules are measured against: the same checks in the shape that they have in the module. It takes the
// TDMRs one by one and holds each against all earlier ones: every PAMT against every PAMT, every PAMT against every
// stretch of available memory. Nothing is sorted, and every search for a CMR starts from the front.
//
// Written from a description of the checks, not from the module's code. Addresses and sizes are bytes.

/// A slot of the CMR table; one of size 0 is unused.
struct module_cmr {
  uint64_t base;
  uint64_t size;
};

/// What TDH.SYS.CONFIG is handed, with what the BIOS told the module.
struct module_configuration {
  /// The TDMR_INFO entries, and where each of them starts in bytes from there.
  const void *table;
  const size_t *offsets;
  size_t tdmrs;
  const struct module_cmr *cmrs;
  size_t cmr_count;
  /// 0 to 52.
  unsigned keyid_bits;
  /// The 4K PAMT is a bitmap, one bit per page.
  bool dynamic_pamt;
  uint64_t max_tdmrs;
  /// The reserved areas that are read of each entry: it must have as many.
  size_t max_reserved;
  /// The bytes of PAMT per page.
  uint16_t pamt_4k_entry_bytes;
  uint16_t pamt_2m_entry_bytes;
  uint16_t pamt_1g_entry_bytes;
};

/// The first refusal of TDH.SYS.INIT for the CMRs and of TDH.SYS.CONFIG for the TDMRs: the status in RAX, 0 where the
/// module accepts.
///
/// \param runs room for cmr_count slots: the CMRs, abutting ones as one.
uint64_t reference_module_status(const struct module_configuration *configuration, struct module_cmr *runs);

#endif
