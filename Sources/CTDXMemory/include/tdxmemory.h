// libtdxmemory: what Intel TDX makes of a machine's memory, for programs in any language.
//
// Units. Addresses and sizes are bytes. Ranges are half-open, [start, end). All numbers are of the host's byte order,
// which is little endian.
//
// Ownership. The library keeps no pointer that it is handed: what a call reads, it has read when it returns, and what
// it writes lies in the caller's buffers. A session is the library's: tdxmemory_create makes it, tdxmemory_destroy
// releases it. It keeps its workspace, so that calls after the first few allocate nothing in tdxmemory_plan and
// tdxmemory_validate, unless a machine is larger than every one before.
//
// Threads. A session serves one call at a time; any number of sessions may be used on any threads.
//
// Errors. A call that cannot read what it was handed returns a status other than TDXMEMORY_OK and says why in
// tdxmemory_message. That a machine cannot be planned is no error: the result's `outcome` says so. Pointers may be
// null only where this file says so; a null, misaligned or overflowing one is an error and is not followed. Of a
// pointer that is none of these the library has to believe that so many elements lie there. No call throws, and none
// ends the process, whatever the values are; but where the system has no memory left, it does.
#ifndef TDXMEMORY_H
#define TDXMEMORY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The version of this interface. It rises when a program that was compiled before must be compiled anew.
#define TDXMEMORY_ABI_VERSION 1

/// What a call returns.
typedef int32_t tdxmemory_status;
enum {
  TDXMEMORY_OK = 0,
  /// The session is null or not one of tdxmemory_create.
  TDXMEMORY_ERROR_SESSION = 1,
  /// A pointer is null where it must not be, or not aligned to 8 bytes.
  TDXMEMORY_ERROR_POINTER = 2,
  /// So many elements do not fit between the pointer and the end of the address space, or a TDMR names reserved
  /// areas that are not there.
  TDXMEMORY_ERROR_COUNT = 3,
  /// An option has no such value.
  TDXMEMORY_ERROR_OPTION = 4,
  /// A range ends before it starts, or a node is above 2^32 - 1.
  TDXMEMORY_ERROR_RANGE = 5,
  /// Ranges do not ascend.
  TDXMEMORY_ERROR_ORDER = 6,
  /// Two ranges share a byte.
  TDXMEMORY_ERROR_OVERLAP = 7,
  /// A buffer is too small. The result says how much is needed; what lies in the buffers means nothing.
  TDXMEMORY_ERROR_CAPACITY = 8,
};

/// How TDMRs, PAMTs and reserved areas are chosen.
enum {
  /// As mainline Linux does since 6.8.
  TDXMEMORY_POLICY_LINUX = 0,
  /// Linux with the 2024 patch that finds holes by CMRs.
  TDXMEMORY_POLICY_LINUX_CMR = 1,
  /// The fewest bytes of PAMT that the module accepts. Takes milliseconds where `linux` takes microseconds.
  TDXMEMORY_POLICY_OPTIMAL = 2,
};

/// Where Linux's page allocator puts a PAMT on an idle machine.
enum {
  TDXMEMORY_PLACEMENT_FIRST_FIT = 0,
  TDXMEMORY_PLACEMENT_TOP = 1,
  TDXMEMORY_PLACEMENT_BOTTOM = 2,
  /// Of a policy that places PAMTs itself. In results only.
  TDXMEMORY_PLACEMENT_NONE = 3,
};

/// What Linux's initialization comes to: 0, or the errno.
enum {
  TDXMEMORY_OUTCOME_OK = 0,
  TDXMEMORY_OUTCOME_ENOMEM = 12,
  TDXMEMORY_OUTCOME_EINVAL = 22,
  TDXMEMORY_OUTCOME_ENOSPC = 28,
};

typedef struct tdxmemory_session tdxmemory_session;

/// A region of memory, as memblock has them: three 64-bit words, so an array of n x 3 of them is a list of regions.
typedef struct {
  uint64_t start, end;
  /// The NUMA node; at most 2^32 - 1.
  uint64_t node;
} tdxmemory_region;

/// [start, end).
typedef struct {
  uint64_t start, end;
} tdxmemory_range;

/// `size` bytes from `base` on.
typedef struct {
  uint64_t base, size;
} tdxmemory_extent;

/// A reserved area, from the base of its TDMR on.
typedef struct {
  uint64_t offset, size;
} tdxmemory_area;

/// A TDMR. The first 64 bytes are those of a TDMR_INFO entry.
typedef struct {
  uint64_t base, size;
  tdxmemory_extent pamt_1g, pamt_2m, pamt_4k;
  /// Its reserved areas: so many elements of the array of areas, from this one on.
  uint64_t first_area;
  uint32_t area_count;
  /// The NUMA node that Linux prefers for the PAMT. Not read by tdxmemory_validate.
  uint32_t node;
} tdxmemory_tdmr;

/// Everything that a call depends on beside the memory. tdxmemory_options_init sets the defaults.
typedef struct {
  /// TDXMEMORY_POLICY_...; tdxmemory_advise and tdxmemory_validate do not look at it.
  uint32_t policy;
  /// TDXMEMORY_PLACEMENT_...; tdxmemory_validate does not look at it.
  uint32_t placement;
  /// 0 or 1: the 4K PAMT is a bitmap.
  uint32_t dynamic_pamt;
  /// Address bits that hold key ids, 0 to 52; 6 by default.
  uint32_t keyid_bits;
  /// What the module takes: any values. 64 TDMRs and 16 reserved areas in each by default.
  uint64_t max_tdmrs, max_reserved;
  /// Bytes of PAMT for each page; 16 by default.
  uint16_t pamt_4k_entry_bytes, pamt_2m_entry_bytes, pamt_1g_entry_bytes;
  /// For tdxmemory_advise: reserved areas to keep free where memory is withheld, 0 to 1024; 0 by default.
  uint16_t slack;
} tdxmemory_options;

/// A machine's memory.
typedef struct {
  /// Ascending by start and disjoint. Bounds that are not on 4 KiB borders are rounded inwards, as Linux does; what
  /// holds no page is left out. Null only with a count of 0.
  const tdxmemory_region *regions;
  size_t region_count;
  /// Convertible memory, ascending and disjoint. Null where it is not known, and then the count is 0; a pointer with a
  /// count of 0 says that nothing is convertible.
  const tdxmemory_range *cmrs;
  size_t cmr_count;
} tdxmemory_memory;

/// Where a plan goes. A buffer may be null with a capacity of 0.
typedef struct {
  tdxmemory_tdmr *tdmrs;
  size_t tdmr_capacity;
  tdxmemory_area *areas;
  size_t area_capacity;
} tdxmemory_buffers;

/// What the TDX module answers.
typedef struct {
  /// RAX; 0 is TDX_SUCCESS.
  uint64_t status;
  /// The TDMR that a refusal is about; -1 where it is about none.
  int64_t tdmr;
  /// The level of PAMT that a refusal is about: 0 is 4K, 1 is 2M, 2 is 1G; -1 where it is about none.
  int32_t level;
  /// 0 where the module was not asked: there is no plan, or CMRs are not known. Then the rest means nothing.
  uint32_t is_known;
} tdxmemory_verdict;

/// What comes of a plan.
typedef struct {
  /// TDXMEMORY_OUTCOME_...
  uint32_t outcome;
  /// Of the policy `optimal`, where there is a plan: 1 where no plan costs less; else 0.
  uint32_t is_proved;
  /// All PAMTs together. Linux prints this / 1024.
  uint64_t pamt_bytes;
  /// The TDMRs and reserved areas in the buffers. After TDXMEMORY_ERROR_CAPACITY: those that there must be room for.
  uint64_t tdmr_count, area_count;
  tdxmemory_verdict module;
} tdxmemory_plan_result;

/// What TDH.SYS.CONFIG would be handed, and the CMRs to hold it against.
typedef struct {
  const tdxmemory_tdmr *tdmrs;
  size_t tdmr_count;
  const tdxmemory_area *areas;
  size_t area_count;
  /// The CMR table, in slot order, empty slots included, as the BIOS handed it to the module.
  const tdxmemory_extent *cmrs;
  size_t cmr_count;
} tdxmemory_configuration;

/// What comes of the machine under one policy and placement.
typedef struct {
  uint32_t policy, placement, dynamic_pamt, outcome;
  uint64_t tdmr_count;
  /// The most reserved areas in one TDMR.
  uint64_t most_areas;
  uint64_t pamt_bytes;
  /// What of the PAMT describes no memory.
  uint64_t pamt_bytes_for_holes;
  tdxmemory_verdict module;
  /// As in tdxmemory_plan_result.
  uint32_t is_proved;
  uint32_t unused;
} tdxmemory_comparison;

/// Where advice goes. A buffer may be null with a capacity of 0.
typedef struct {
  /// Every policy and placement, with static and with Dynamic PAMT: at most 14.
  tdxmemory_comparison *comparisons;
  size_t comparison_capacity;
  /// The memory to withhold, by address.
  tdxmemory_range *withheld;
  size_t withheld_capacity;
} tdxmemory_advice_buffers;

/// Whether something must be done so that Linux succeeds wherever PAMTs land, and whether withholding does it.
enum {
  TDXMEMORY_REMEDY_NOT_NEEDED = 0,
  TDXMEMORY_REMEDY_WITHHOLD = 1,
  /// tdxmemory_message says why.
  TDXMEMORY_REMEDY_NONE = 2,
};

/// What to change so that TDX initialises.
typedef struct {
  /// 1 where Linux succeeds as it is, with the placement that was asked about.
  uint32_t succeeds;
  /// TDXMEMORY_REMEDY_...
  uint32_t remedy;
  /// With TDXMEMORY_REMEDY_WITHHOLD: the placements that the rest succeeds with, bit 1 << TDXMEMORY_PLACEMENT_...
  uint32_t holds_for;
  /// 1 where the kernel parameters are fewer than 2048 characters, which is what Linux reads.
  uint32_t fits_command_line;
  /// The reserved areas to spare in the fullest TDMR of the rest, whatever the placement. May be negative.
  int64_t areas_to_spare;
  uint64_t withheld_bytes;
  /// The elements in the buffers. After TDXMEMORY_ERROR_CAPACITY: those that there must be room for.
  uint64_t withheld_count, comparison_count;
} tdxmemory_advice;

/// Texts that a session has of its last call.
enum {
  /// The lines that Linux would log for a plan, without the PAMT total and "module initialized", a newline after each.
  TDXMEMORY_TEXT_LINUX_MESSAGES = 0,
  /// The name of the module's status: TDX_PAMT_OUTSIDE_CMRS. Empty where the module was not asked.
  TDXMEMORY_TEXT_STATUS_NAME = 1,
  /// What the module's answer means.
  TDXMEMORY_TEXT_STATUS_MEANING = 2,
  /// What to withhold, as kernel parameters: memmap=64K$0x619e0000 ...
  TDXMEMORY_TEXT_KERNEL_PARAMETERS = 3,
  /// The same as a line of /etc/default/grub.
  TDXMEMORY_TEXT_GRUB_LINE = 4,
};

/// TDXMEMORY_ABI_VERSION of the library.
uint32_t tdxmemory_abi_version(void);

/// A session. Never null.
tdxmemory_session *tdxmemory_create(void);

/// Releases a session, which must not be used again. Null, or what is no session, is passed over.
void tdxmemory_destroy(tdxmemory_session *session);

/// Why the last call that returned a status returned an error; or, where it returned TDXMEMORY_OK, why there is no plan
/// (`outcome`), the module refuses (`module`) or nothing that is withheld helps (`remedy`). Empty where there is
/// nothing to say. UTF-8, NUL at the end; valid until the next call with the session. Never null.
const char *tdxmemory_message(tdxmemory_session *session);

/// Copies a text of the last call, TDXMEMORY_TEXT_..., with a NUL: as much as `capacity` bytes hold. `buffer` may be null
/// with a capacity of 0.
///
/// Returns the bytes of the whole text without the NUL; 0 where there is no such text, or `session` or `buffer` is wrong.
size_t tdxmemory_text(tdxmemory_session *session, uint32_t which, char *buffer, size_t capacity);

/// Sets the defaults: those of tdxbench. Null is passed over.
void tdxmemory_options_init(tdxmemory_options *options);

/// Plans a machine: memory map -> TDMRs, PAMTs, reserved areas, and what the module says to them where CMRs are known.
///
/// `options` may be null: the defaults. Time and memory are linear in the regions; `optimal` takes longer.
tdxmemory_status tdxmemory_plan(
    tdxmemory_session *session,
    const tdxmemory_memory *memory,
    const tdxmemory_options *options,
    const tdxmemory_buffers *buffers,
    tdxmemory_plan_result *result);

/// Holds a configuration against the TDX module's rules: the first refusal, exactly.
///
/// `options` may be null: the defaults. A TDMR must not have more areas than `max_reserved`.
tdxmemory_status tdxmemory_validate(
    tdxmemory_session *session,
    const tdxmemory_configuration *configuration,
    const tdxmemory_options *options,
    tdxmemory_verdict *verdict);

/// Says what to change on a machine so that TDX initialises, or what its plan costs.
///
/// `options` may be null: the defaults. Takes milliseconds, at most some tenths of a second; allocates.
tdxmemory_status tdxmemory_advise(
    tdxmemory_session *session,
    const tdxmemory_memory *memory,
    const tdxmemory_options *options,
    const tdxmemory_advice_buffers *buffers,
    tdxmemory_advice *advice);

#ifdef __cplusplus
}
#endif

#endif
