// Calls libtdxmemory from C, for scripts/check-library and scripts/bench-library.
//
//   library_calls plan        plans and
//   library_calls validate    configurations as plain numbers from standard input, an answer in JSON for each
//   library_calls errors      what a caller can do wrong; exit status 1 where an answer is not the one expected
//   library_calls hostile N   N calls with random memory, options and configurations of the nasty kind
//   library_calls time N      N plans of one machine, for those who measure
//
// A plan is a line `policy placement dynamic keyid_bits max_tdmrs max_reserved 4k 2m 1g`, the regions as
// `count start end node …`, the CMRs as `count start end …` or -1. A configuration is the same options, then
// `count base size (1g) (2m) (4k) areas offset size … …`, then `count base size …`.
#define _POSIX_C_SOURCE 199309L

#include "tdxmemory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count + 1, size);
  if (!memory) abort();
  return memory;
}

static uint64_t number(void) {
  uint64_t value;
  if (scanf("%" SCNu64, &value) != 1) abort();
  return value;
}

// Whether there is another line.
static int options_read(tdxmemory_options *options) {
  uint64_t policy;
  if (scanf("%" SCNu64, &policy) != 1) return 0;
  tdxmemory_options_init(options);
  options->policy = (uint32_t)policy;
  options->placement = (uint32_t)number();
  options->dynamic_pamt = (uint32_t)number();
  options->keyid_bits = (uint32_t)number();
  options->max_tdmrs = number();
  options->max_reserved = number();
  options->pamt_4k_entry_bytes = (uint16_t)number();
  options->pamt_2m_entry_bytes = (uint16_t)number();
  options->pamt_1g_entry_bytes = (uint16_t)number();
  return 1;
}

static void print_string(const char *text, size_t length) {
  putchar('"');
  for (size_t index = 0; index < length; index++) {
    if (text[index] == '"' || text[index] == '\\') putchar('\\');
    putchar(text[index]);
  }
  putchar('"');
}

static void print_extent(const char *name, tdxmemory_extent extent) {
  printf("\"%s\":[%" PRIu64 ",%" PRIu64 "]", name, extent.base, extent.size);
}

static void print_verdict(tdxmemory_session *session, const tdxmemory_verdict *verdict) {
  char name[64];
  tdxmemory_text(session, TDXMEMORY_TEXT_STATUS_NAME, name, sizeof name);
  printf("\"status\":\"0x%" PRIx64 "\",\"name\":\"%s\"", verdict->status, name);
  if (verdict->tdmr >= 0) printf(",\"tdmr\":%" PRId64, verdict->tdmr);
  const char *levels[] = {"4k", "2m", "1g"};
  if (verdict->level >= 0) printf(",\"level\":\"%s\"", levels[verdict->level]);
}

static void print_messages(tdxmemory_session *session) {
  size_t length = tdxmemory_text(session, TDXMEMORY_TEXT_LINUX_MESSAGES, NULL, 0);
  char *text = allocate(length + 1, 1);
  tdxmemory_text(session, TDXMEMORY_TEXT_LINUX_MESSAGES, text, length + 1);
  printf("\"messages\":[");
  for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
    if (line != text) putchar(',');
    print_string(line, (size_t)(end - line));
  }
  printf("]");
  free(text);
}

static const char *outcome_name(uint32_t outcome) {
  switch (outcome) {
  case TDXMEMORY_OUTCOME_OK: return "ok";
  case TDXMEMORY_OUTCOME_ENOMEM: return "ENOMEM";
  case TDXMEMORY_OUTCOME_EINVAL: return "EINVAL";
  case TDXMEMORY_OUTCOME_ENOSPC: return "ENOSPC";
  default: return "?";
  }
}

static void print_tdmrs(const tdxmemory_tdmr *tdmrs, uint64_t count, const tdxmemory_area *areas) {
  printf(",\"tdmrs\":[");
  for (uint64_t index = 0; index < count; index++) {
    const tdxmemory_tdmr *tdmr = &tdmrs[index];
    printf("%s{\"base\":%" PRIu64 ",\"size\":%" PRIu64 ",\"node\":%" PRIu32 ",\"pamt\":{", index ? "," : "",
           tdmr->base, tdmr->size, tdmr->node);
    print_extent("4k", tdmr->pamt_4k);
    putchar(',');
    print_extent("2m", tdmr->pamt_2m);
    putchar(',');
    print_extent("1g", tdmr->pamt_1g);
    printf("},\"reserved\":[");
    for (uint32_t area = 0; area < tdmr->area_count; area++) {
      const tdxmemory_area *one = &areas[tdmr->first_area + area];
      printf("%s[%" PRIu64 ",%" PRIu64 "]", area ? "," : "", one->offset, one->size);
    }
    printf("]}");
  }
  printf("]");
}

static void plan_all(void) {
  tdxmemory_session *session = tdxmemory_create();
  tdxmemory_options options;
  while (options_read(&options)) {
    tdxmemory_memory memory = {0};
    memory.region_count = number();
    tdxmemory_region *regions = allocate(memory.region_count, sizeof *regions);
    for (size_t index = 0; index < memory.region_count; index++)
      regions[index] = (tdxmemory_region){number(), number(), 0}, regions[index].node = number();
    memory.regions = regions;
    int64_t cmr_count = (int64_t)number();
    tdxmemory_range *cmrs = cmr_count < 0 ? NULL : allocate((size_t)cmr_count, sizeof *cmrs);
    for (int64_t index = 0; index < cmr_count; index++) {
      cmrs[index].start = number();
      cmrs[index].end = number();
    }
    memory.cmrs = cmrs;
    memory.cmr_count = cmr_count < 0 ? 0 : (size_t)cmr_count;

    // Asks how much room there must be, makes it, and asks again.
    tdxmemory_plan_result result;
    tdxmemory_buffers buffers = {0};
    tdxmemory_status status = tdxmemory_plan(session, &memory, &options, &buffers, &result);
    if (status == TDXMEMORY_ERROR_CAPACITY) {
      buffers.tdmr_capacity = result.tdmr_count;
      buffers.area_capacity = result.area_count;
      buffers.tdmrs = allocate(buffers.tdmr_capacity, sizeof *buffers.tdmrs);
      buffers.areas = allocate(buffers.area_capacity, sizeof *buffers.areas);
      status = tdxmemory_plan(session, &memory, &options, &buffers, &result);
    }
    printf("{");
    if (status != TDXMEMORY_OK) {
      printf("\"error\":");
      const char *message = tdxmemory_message(session);
      print_string(message, strlen(message));
    } else {
      printf("\"outcome\":\"%s\",", outcome_name(result.outcome));
      print_messages(session);
      if (result.outcome == TDXMEMORY_OUTCOME_OK) {
        print_tdmrs(buffers.tdmrs, result.tdmr_count, buffers.areas);
        printf(",\"pamt_kib\":%" PRIu64, result.pamt_bytes / 1024);
      }
      if (result.module.is_known) {
        printf(",\"module\":{");
        print_verdict(session, &result.module);
        printf("}");
      }
    }
    printf("}\n");
    free(regions);
    free(cmrs);
    free(buffers.tdmrs);
    free(buffers.areas);
  }
  tdxmemory_destroy(session);
}

static void validate_all(void) {
  tdxmemory_session *session = tdxmemory_create();
  tdxmemory_options options;
  while (options_read(&options)) {
    size_t tdmr_count = number();
    tdxmemory_tdmr *tdmrs = allocate(tdmr_count, sizeof *tdmrs);
    tdxmemory_area *areas = NULL;
    size_t area_count = 0;
    for (size_t index = 0; index < tdmr_count; index++) {
      uint64_t *words = (uint64_t *)&tdmrs[index];
      for (int word = 0; word < 8; word++) words[word] = number();
      tdmrs[index].first_area = area_count;
      tdmrs[index].area_count = (uint32_t)number();
      areas = realloc(areas, (area_count + tdmrs[index].area_count + 1) * sizeof *areas);
      if (!areas) abort();
      for (uint32_t area = 0; area < tdmrs[index].area_count; area++, area_count++) {
        areas[area_count].offset = number();
        areas[area_count].size = number();
      }
    }
    size_t cmr_count = number();
    tdxmemory_extent *cmrs = allocate(cmr_count, sizeof *cmrs);
    for (size_t index = 0; index < cmr_count; index++) {
      cmrs[index].base = number();
      cmrs[index].size = number();
    }
    tdxmemory_configuration configuration = {tdmrs, tdmr_count, areas, area_count, cmrs, cmr_count};
    tdxmemory_verdict verdict;
    printf("{");
    if (tdxmemory_validate(session, &configuration, &options, &verdict) == TDXMEMORY_OK) {
      print_verdict(session, &verdict);
    } else {
      printf("\"error\":\"%s\"", tdxmemory_message(session));
    }
    printf("}\n");
    free(tdmrs);
    free(areas);
    free(cmrs);
  }
  tdxmemory_destroy(session);
}

static int failures;

static void expect(const char *what, tdxmemory_session *session, tdxmemory_status status, tdxmemory_status wanted,
                   const char *message) {
  const char *said = tdxmemory_message(session);
  if (status == wanted && strstr(said, message)) return;
  failures++;
  printf("%s: status %d, \"%s\"; expected %d, \"…%s…\"\n", what, status, said, wanted, message);
}

#define GIB (UINT64_C(1) << 30)

static void errors(void) {
  tdxmemory_session *session = tdxmemory_create();
  tdxmemory_options options;
  tdxmemory_options_init(&options);
  tdxmemory_options_init(NULL);
  tdxmemory_region regions[3] = {{1 << 20, 2 * GIB, 0}, {4 * GIB, 8 * GIB, 1}, {8 * GIB, 9 * GIB, 0}};
  tdxmemory_range cmrs[2] = {{0, 2 * GIB}, {4 * GIB, 16 * GIB}};
  tdxmemory_memory memory = {regions, 3, cmrs, 2};
  tdxmemory_tdmr tdmrs[64];
  tdxmemory_area areas[1024];
  tdxmemory_buffers buffers = {tdmrs, 64, areas, 1024};
  tdxmemory_plan_result result;
  tdxmemory_comparison comparisons[14];
  tdxmemory_range withheld[64];
  tdxmemory_advice_buffers advice_buffers = {comparisons, 14, withheld, 64};
  tdxmemory_advice advice;
  tdxmemory_verdict verdict;
  void *odd = (char *)regions + 4;

#define PLAN(what, status, message) \
  expect(what, session, tdxmemory_plan(session, &memory, &options, &buffers, &result), status, message)
  // Sets a member for one call.
#define WITH(member, value, status, message) \
  do { \
    __typeof__(member) saved = member; \
    member = value; \
    PLAN(#member " = " #value, status, message); \
    expect("advise: " #member " = " #value, session, \
           tdxmemory_advise(session, &memory, &options, &advice_buffers, &advice), status, message); \
    member = saved; \
  } while (0)

  PLAN("a good plan", TDXMEMORY_OK, "");
  if (result.outcome || result.tdmr_count != 3 || !result.module.is_known || result.module.status) {
    failures++;
    printf("a good plan: outcome %u, %" PRIu64 " TDMRs\n", result.outcome, result.tdmr_count);
  }
  uint64_t most = result.area_count;

  // Sessions.
  const char *no_session = "the session is null";
  expect("no session", NULL, tdxmemory_plan(NULL, &memory, &options, &buffers, &result), TDXMEMORY_ERROR_SESSION,
         no_session);
  expect("no session", NULL, tdxmemory_validate(NULL, NULL, NULL, NULL), TDXMEMORY_ERROR_SESSION, no_session);
  expect("no session", NULL, tdxmemory_advise(NULL, NULL, NULL, NULL, NULL), TDXMEMORY_ERROR_SESSION, no_session);
  tdxmemory_session *misaligned = (tdxmemory_session *)((char *)session + 4);
  expect("misaligned session", misaligned, tdxmemory_plan(misaligned, &memory, NULL, &buffers, &result),
         TDXMEMORY_ERROR_SESSION, no_session);
  uint64_t other[64] = {0};
  tdxmemory_session *stranger = (tdxmemory_session *)other;
  expect("other memory", stranger, tdxmemory_plan(stranger, &memory, NULL, &buffers, &result),
         TDXMEMORY_ERROR_SESSION, no_session);
  tdxmemory_destroy(NULL);
  tdxmemory_destroy(misaligned);
  tdxmemory_destroy(stranger);

  // Structures.
  expect("memory", session, tdxmemory_plan(session, NULL, &options, &buffers, &result), TDXMEMORY_ERROR_POINTER,
         "memory is null");
  expect("memory", session, tdxmemory_plan(session, odd, &options, &buffers, &result), TDXMEMORY_ERROR_POINTER,
         "memory is not aligned");
  expect("options", session, tdxmemory_plan(session, &memory, NULL, &buffers, &result), TDXMEMORY_OK, "");
  expect("options", session, tdxmemory_plan(session, &memory, odd, &buffers, &result), TDXMEMORY_ERROR_POINTER,
         "options is not aligned");
  expect("buffers", session, tdxmemory_plan(session, &memory, &options, NULL, &result), TDXMEMORY_ERROR_POINTER,
         "buffers is null");
  expect("result", session, tdxmemory_plan(session, &memory, &options, &buffers, NULL), TDXMEMORY_ERROR_POINTER,
         "result is null");
  expect("result", session, tdxmemory_plan(session, &memory, &options, &buffers, odd), TDXMEMORY_ERROR_POINTER,
         "result is not aligned");
  expect("advice", session, tdxmemory_advise(session, &memory, &options, &advice_buffers, NULL),
         TDXMEMORY_ERROR_POINTER, "advice is null");
  expect("advice", session, tdxmemory_advise(session, &memory, &options, NULL, &advice), TDXMEMORY_ERROR_POINTER,
         "buffers is null");

  // Lists.
  WITH(memory.regions, NULL, TDXMEMORY_ERROR_POINTER, "regions is null");
  WITH(memory.regions, odd, TDXMEMORY_ERROR_POINTER, "regions is not aligned");
  WITH(memory.region_count, SIZE_MAX, TDXMEMORY_ERROR_COUNT, "18446744073709551615 elements of regions");
  WITH(memory.region_count, SIZE_MAX / 24, TDXMEMORY_ERROR_COUNT, "elements of regions");
  WITH(memory.region_count, SIZE_MAX / 480, TDXMEMORY_ERROR_COUNT, "elements of regions");
  WITH(memory.cmrs, NULL, TDXMEMORY_ERROR_COUNT, "cmrs is null, and cmr_count is 2");
  WITH(memory.cmrs, odd, TDXMEMORY_ERROR_POINTER, "cmrs is not aligned");
  WITH(memory.cmr_count, SIZE_MAX / 16, TDXMEMORY_ERROR_COUNT, "elements of cmrs");
  buffers.tdmrs = NULL;
  PLAN("tdmrs", TDXMEMORY_ERROR_POINTER, "buffers.tdmrs is null");
  buffers.tdmrs = odd;
  PLAN("tdmrs", TDXMEMORY_ERROR_POINTER, "buffers.tdmrs is not aligned");
  buffers.tdmrs = tdmrs;
  buffers.tdmr_capacity = SIZE_MAX / 2;
  PLAN("tdmrs", TDXMEMORY_ERROR_COUNT, "elements of buffers.tdmrs");
  buffers.tdmr_capacity = 2;
  PLAN("tdmrs", TDXMEMORY_ERROR_CAPACITY, "buffers.tdmrs has room for 2 elements, and 3 are needed");
  buffers.tdmr_capacity = 64;
  buffers.area_capacity = most - 1;
  areas[most - 1].offset = UINT64_C(0xfeedfeed);
  PLAN("areas", TDXMEMORY_ERROR_CAPACITY, "buffers.areas has room for");
  if (result.area_count != most || areas[most - 1].offset != UINT64_C(0xfeedfeed)) {
    failures++;
    printf("areas: written beyond the capacity, or %" PRIu64 " needed\n", result.area_count);
  }
  buffers.area_capacity = 1024;
  advice_buffers.comparison_capacity = 3;
  expect("comparisons", session, tdxmemory_advise(session, &memory, &options, &advice_buffers, &advice),
         TDXMEMORY_ERROR_CAPACITY, "buffers.comparisons has room for 3 elements, and 14 are needed");
  advice_buffers.comparison_capacity = 14;

  // Options.
  WITH(options.policy, 3, TDXMEMORY_ERROR_OPTION, "policy must be 0 to 2, not 3");
  WITH(options.placement, TDXMEMORY_PLACEMENT_NONE, TDXMEMORY_ERROR_OPTION, "placement must be 0 to 2, not 3");
  WITH(options.dynamic_pamt, 2, TDXMEMORY_ERROR_OPTION, "dynamic_pamt must be 0 to 1, not 2");
  WITH(options.keyid_bits, 53, TDXMEMORY_ERROR_OPTION, "keyid_bits must be 0 to 52, not 53");
  WITH(options.slack, 1025, TDXMEMORY_ERROR_OPTION, "slack must be 0 to 1024, not 1025");

  // Ranges.
  WITH(regions[1].end, 3 * GIB, TDXMEMORY_ERROR_RANGE, "regions[1], [0x100000000, 0xc0000000), ends before");
  WITH(regions[1].node, UINT64_C(1) << 32, TDXMEMORY_ERROR_RANGE, "regions[1]: the node 4294967296");
  WITH(regions[2].start, GIB, TDXMEMORY_ERROR_ORDER, "regions[2] starts before");
  WITH(regions[2].start, 7 * GIB, TDXMEMORY_ERROR_OVERLAP, "regions[2], [0x1c0000000, 0x240000000), overlaps");
  WITH(cmrs[1].end, 0, TDXMEMORY_ERROR_RANGE, "cmrs[1], [0x100000000, 0x0), ends before it starts");
  WITH(cmrs[1].start, GIB, TDXMEMORY_ERROR_OVERLAP, "cmrs[1], [0x40000000, 0x400000000), overlaps");
  WITH(cmrs[0].start, UINT64_MAX, TDXMEMORY_ERROR_RANGE, "cmrs[0]");

  // What is no error.
  WITH(regions[0].start, (1 << 20) + 1, TDXMEMORY_OK, "");
  WITH(regions[1].end, 4 * GIB, TDXMEMORY_OK, "");
  memory.region_count = 0;
  PLAN("no regions", TDXMEMORY_OK, "there is no memory to describe");
  expect("advise: no regions", session, tdxmemory_advise(session, &memory, &options, &advice_buffers, &advice),
         TDXMEMORY_OK, "nothing would be left");
  memory.region_count = 3;
  WITH(memory.cmr_count, 0, TDXMEMORY_OK, "outside the CMRs");
  WITH(options.max_tdmrs, 0, TDXMEMORY_OK, "TDMR");

  // Configurations.
  PLAN("a good plan", TDXMEMORY_OK, "");
  tdxmemory_extent slots[2] = {{0, 2 * GIB}, {4 * GIB, 12 * GIB}};
  tdxmemory_configuration configuration = {tdmrs, 3, areas, most, slots, 2};
#define VALIDATE(what, status, message) \
  expect(what, session, tdxmemory_validate(session, &configuration, &options, &verdict), status, message)
  VALIDATE("what was planned", TDXMEMORY_OK, "");
  if (!verdict.is_known || verdict.status) failures++, printf("what was planned is refused\n");
  tdmrs[1].first_area = UINT64_MAX;
  VALIDATE("first_area", TDXMEMORY_ERROR_COUNT, "TDMR 1 has");
  tdmrs[1].first_area = 0;
  tdmrs[1].area_count = UINT32_MAX;
  VALIDATE("area_count", TDXMEMORY_ERROR_COUNT, "and max_reserved is 16");
  options.max_reserved = UINT64_MAX;
  VALIDATE("area_count", TDXMEMORY_ERROR_COUNT, "TDMR 1 has 4294967295 areas from area 0 on");
  tdmrs[0].first_area = 0;
  tdmrs[0].area_count = tdmrs[1].area_count = (uint32_t)most;
  VALIDATE("the same areas again", TDXMEMORY_ERROR_COUNT, "TDMRs 0 to 1 have more areas together");
  tdmrs[0].area_count = tdmrs[1].area_count = 0;
  options.max_reserved = 16;
  VALIDATE("without areas", TDXMEMORY_OK, "TDMR");
  if (!verdict.is_known || !verdict.status || verdict.tdmr < 0) failures++, printf("without areas it is accepted\n");
  configuration.tdmr_count = 0;
  VALIDATE("no TDMRs", TDXMEMORY_OK, "the number of TDMRs is 0");
  configuration.tdmrs = NULL;
  VALIDATE("no TDMRs", TDXMEMORY_OK, "the number of TDMRs is 0");
  configuration.tdmr_count = 1;
  VALIDATE("tdmrs", TDXMEMORY_ERROR_POINTER, "tdmrs is null");
  configuration.tdmrs = tdmrs;
  configuration.areas = NULL;
  VALIDATE("areas", TDXMEMORY_ERROR_POINTER, "areas is null");
  configuration.areas = areas;
  configuration.cmrs = odd;
  VALIDATE("cmrs", TDXMEMORY_ERROR_POINTER, "cmrs is not aligned");

  // Texts.
  char text[8];
  memset(text, 'x', sizeof text);
  options.max_tdmrs = 1;
  PLAN("too many TDMRs", TDXMEMORY_OK, "the memory needs more TDMRs");
  size_t length = tdxmemory_text(session, TDXMEMORY_TEXT_LINUX_MESSAGES, NULL, 0);
  size_t copied = tdxmemory_text(session, TDXMEMORY_TEXT_LINUX_MESSAGES, text, 5);
  if (result.outcome != TDXMEMORY_OUTCOME_ENOSPC || length < 80 || copied != length || strcmp(text, "virt") ||
      text[5] != 'x' || tdxmemory_text(session, 99, text, 5) || tdxmemory_text(NULL, 0, text, 5) ||
      tdxmemory_text(session, 0, NULL, 5)) {
    failures++;
    printf("texts: %zu bytes, \"%.8s\"\n", length, text);
  }
  if (tdxmemory_abi_version() != TDXMEMORY_ABI_VERSION) failures++, printf("another version\n");
  tdxmemory_destroy(session);
  printf("%s\n", failures ? "errors: not as expected" : "errors: as expected");
}

// SplitMix64, public domain (Sebastiano Vigna).
static uint64_t seed = 1;
static uint64_t chance(uint64_t below) {
  uint64_t value = seed += UINT64_C(0x9e3779b97f4a7c15);
  value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
  value ^= value >> 31;
  return below ? value % below : value;
}

// An address near a place where arithmetic goes wrong.
static uint64_t nasty(void) {
  static const uint64_t places[] = {0, 1 << 20, GIB, UINT64_C(1) << 32, UINT64_C(1) << 52, UINT64_C(1) << 63,
                                    UINT64_MAX - GIB, UINT64_MAX};
  uint64_t place = places[chance(8)];
  switch (chance(4)) {
  case 0: return chance(0);
  case 1: return place + chance(5) - 2;
  case 2: return place + (chance(64) << 12);
  default: return place + (chance(64) << 30);
  }
}

static int by_number(const void *one, const void *other) {
  uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
  return (a > b) - (a < b);
}

// Ranges that ascend, mostly, and sometimes anything.
static void bounds(uint64_t *numbers, size_t count) {
  for (size_t index = 0; index < count; index++) numbers[index] = nasty();
  if (chance(8)) qsort(numbers, count, sizeof *numbers, by_number);
}

static void hostile(uint64_t calls) {
  enum { MOST = 24 };
  tdxmemory_session *session = tdxmemory_create();
  uint64_t statuses[9] = {0};
  for (uint64_t call = 0; call < calls; call++) {
    uint64_t numbers[2 * MOST];
    tdxmemory_region regions[MOST];
    static tdxmemory_range cmrs[MOST];
    static tdxmemory_tdmr tdmrs[MOST];
    static tdxmemory_area areas[64];
    size_t count = chance(MOST);
    bounds(numbers, 2 * count);
    for (size_t index = 0; index < count; index++)
      regions[index] = (tdxmemory_region){numbers[2 * index], numbers[2 * index + 1],
                                          chance(50) ? chance(3) : chance(0)};
    size_t cmr_count = chance(MOST);
    bounds(numbers, 2 * cmr_count);
    for (size_t index = 0; index < cmr_count; index++)
      cmrs[index] = (tdxmemory_range){numbers[2 * index], numbers[2 * index + 1]};
    tdxmemory_memory memory = {regions, count, chance(3) ? cmrs : NULL, 0};
    if (memory.cmrs) memory.cmr_count = cmr_count;
    tdxmemory_options options;
    tdxmemory_options_init(&options);
    options.policy = (uint32_t)chance(chance(20) ? 3 : 4);
    options.placement = (uint32_t)chance(3);
    options.dynamic_pamt = (uint32_t)chance(2);
    options.keyid_bits = (uint32_t)chance(53);
    if (chance(2)) options.max_tdmrs = chance(2) ? nasty() : chance(10);
    if (chance(2)) options.max_reserved = chance(2) ? nasty() : chance(40);
    if (chance(2)) options.pamt_4k_entry_bytes = (uint16_t)(chance(2) ? chance(0) : 0);
    if (chance(2)) options.pamt_1g_entry_bytes = (uint16_t)(chance(2) ? chance(0) : 0);
    options.slack = (uint16_t)chance(3);
    tdxmemory_buffers buffers = {tdmrs, chance(MOST + 1), areas, chance(65)};
    tdxmemory_plan_result result;
    statuses[tdxmemory_plan(session, &memory, &options, &buffers, &result)]++;
    tdxmemory_message(session);
    if (chance(64) == 0) {
      tdxmemory_comparison comparisons[14];
      tdxmemory_advice_buffers advice_buffers = {comparisons, 14, cmrs, MOST};
      tdxmemory_advice advice;
      memory.cmrs = NULL;
      memory.cmr_count = 0;
      statuses[tdxmemory_advise(session, &memory, &options, &advice_buffers, &advice)]++;
      tdxmemory_message(session);
    }
    // What was planned, spoiled in places, or anything.
    uint64_t *words = (uint64_t *)tdmrs;
    for (uint64_t spoiled = chance(10); spoiled > 0; spoiled--) words[chance(MOST * 10)] = chance(2) ? nasty() : 0;
    tdxmemory_configuration configuration = {tdmrs, chance(MOST), areas, chance(65), (tdxmemory_extent *)cmrs,
                                             chance(MOST)};
    tdxmemory_verdict verdict;
    statuses[tdxmemory_validate(session, &configuration, &options, &verdict)]++;
    tdxmemory_message(session);
  }
  tdxmemory_destroy(session);
  printf("hostile: %" PRIu64 " rounds;", calls);
  for (int status = 0; status < 9; status++) printf(" status %d: %" PRIu64, status, statuses[status]);
  printf("\n");
  if (!statuses[0] || !statuses[5] || !statuses[6] || !statuses[7] || !statuses[8]) failures++;
}

// The machine server-2s-1tib of the benchmark suite is like it: two sockets, eight regions.
static void time_plans(uint64_t calls) {
  tdxmemory_region regions[8] = {
      {0x1000, 0xa0000, 0},        {0x100000, 0x5a7f7000, 0},      {0x5fbff000, 0x6b000000, 0},
      {0x6c000000, 0x6c7f0000, 0}, {0x100000000, 0x8080000000, 0}, {0x8080000000, 0x10080000000, 1},
  };
  tdxmemory_memory memory = {regions, 6, NULL, 0};
  tdxmemory_tdmr tdmrs[64];
  tdxmemory_area areas[1024];
  tdxmemory_buffers buffers = {tdmrs, 64, areas, 1024};
  tdxmemory_options options;
  tdxmemory_options_init(&options);
  tdxmemory_plan_result result;
  tdxmemory_session *session = tdxmemory_create();
  struct timespec start, end;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  for (uint64_t call = 0; call < calls; call++)
    if (tdxmemory_plan(session, &memory, &options, &buffers, &result) || result.outcome) failures++;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
  printf("%" PRIu64 " TDMRs, %" PRIu64 " areas, %.0f calls/s\n", result.tdmr_count, result.area_count,
         (double)calls / seconds);
  tdxmemory_destroy(session);
}

int main(int argc, char **argv) {
  uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
  if (argc == 2 && !strcmp(argv[1], "plan")) plan_all();
  else if (argc == 2 && !strcmp(argv[1], "validate")) validate_all();
  else if (argc == 2 && !strcmp(argv[1], "errors")) errors();
  else if (argc == 3 && !strcmp(argv[1], "hostile")) hostile(count);
  else if (argc == 3 && !strcmp(argv[1], "time")) time_plans(count);
  else return fprintf(stderr, "usage: library_calls plan|validate|errors|hostile N|time N\n"), 64;
  return failures ? 1 : 0;
}
