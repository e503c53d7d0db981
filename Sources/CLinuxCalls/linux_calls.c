#define _GNU_SOURCE
#include "linux_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

int exchange_names(const char *one, const char *other) {
  return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

int allowed_processors(pid_t process, int *processors, int room) {
  cpu_set_t set;
  if (sched_getaffinity(process, sizeof set, &set) != 0) return 0;
  int count = 0;
  for (int processor = 0; processor < CPU_SETSIZE && count < room; processor += 1) {
    if (CPU_ISSET(processor, &set)) processors[count++] = processor;
  }
  return count;
}

int pin_process(pid_t process, const int *processors, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int index = 0; index < count; index += 1) {
    if (processors[index] >= 0 && processors[index] < CPU_SETSIZE) CPU_SET(processors[index], &set);
  }
  return sched_setaffinity(process, sizeof set, &set);
}

const char *c_library_version(void) { return gnu_get_libc_version(); }

int memory_file(const char *name) {
  // Since Linux 6.3 a file from which programs are started has to be made as one; older systems do not know the flag.
  int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_EXEC);
  return descriptor < 0 && errno == EINVAL ? memfd_create(name, MFD_CLOEXEC) : descriptor;
}

void end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

int fix_addresses(void) {
  int former = personality(0xffffffff);
  if (former == -1 || personality((unsigned long)former | ADDR_NO_RANDOMIZE) == -1) return -1;
  return former;
}

void restore_addresses(int former) { personality((unsigned long)former); }

void *grown_pages(void *pages, size_t count, size_t larger) {
  void *grown = mremap(pages, count, larger, MREMAP_MAYMOVE);
  return grown == MAP_FAILED ? NULL : grown;
}
