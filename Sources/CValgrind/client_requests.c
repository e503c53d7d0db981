#include "CValgrind.h"

#include <stdint.h>

// valgrind's client requests, as <valgrind/valgrind.h> and <valgrind/callgrind.h> define them: instructions that
// change nothing on a real processor and that valgrind knows. Written out, because those headers come with
// valgrind itself: so the build needs no valgrind, and a valgrind that is installed later finds the requests.
enum {
  RUNNING_ON_VALGRIND = 0x1001,
  CALLGRIND = 'C' << 24 | 'T' << 16,
  CALLGRIND_ZERO_STATS = CALLGRIND + 1,
  CALLGRIND_DUMP_STATS_AT = CALLGRIND + 3,
  CALLGRIND_START_INSTRUMENTATION = CALLGRIND + 4,
};

static uint64_t request(uint64_t code, uint64_t argument) {
  uint64_t result = 0;
#if defined(__x86_64__)
  volatile uint64_t arguments[6] = {code, argument};
  __asm__ volatile(
      "rolq $3, %%rdi\n\t"
      "rolq $13, %%rdi\n\t"
      "rolq $61, %%rdi\n\t"
      "rolq $51, %%rdi\n\t"
      "xchgq %%rbx, %%rbx"
      : "=d"(result)
      : "a"(&arguments[0]), "0"(result)
      : "cc", "memory");
#else
  (void)code;
  (void)argument;
#endif
  return result;
}

bool valgrind_is_running(void) { return request(RUNNING_ON_VALGRIND, 0) != 0; }

void callgrind_start_instrumentation(void) { request(CALLGRIND_START_INSTRUMENTATION, 0); }

void callgrind_zero_stats(void) { request(CALLGRIND_ZERO_STATS, 0); }

void callgrind_dump_stats(const char *name) { request(CALLGRIND_DUMP_STATS_AT, (uintptr_t)name); }
