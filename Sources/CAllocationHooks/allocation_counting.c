#include "allocation_counting.h"

#include <gperftools/malloc_extension_c.h>
#include <gperftools/malloc_hook_c.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

// The initial-exec model: reading the counters is one instruction and can never allocate, which inside a malloc hook
// would be a malloc inside a malloc.
#define THREAD_LOCAL static __thread __attribute__((tls_model("initial-exec")))

THREAD_LOCAL bool counting;
THREAD_LOCAL struct allocation_counts counts;
// What is allocated beyond what was at the start, rounded as the allocator does; negative after older blocks were freed.
THREAD_LOCAL int64_t live_bytes;

static void on_new(const void *pointer, size_t size) {
  if (!counting || pointer == NULL) return;
  counts.allocations += 1;
  counts.bytes += size;
  live_bytes += (int64_t)malloc_usable_size((void *)pointer);
  if (live_bytes > (int64_t)counts.peak_bytes) counts.peak_bytes = (uint64_t)live_bytes;
}

static void on_delete(const void *pointer) {
  if (!counting || pointer == NULL) return;
  counts.frees += 1;
  live_bytes -= (int64_t)malloc_usable_size((void *)pointer);
}

// The hooks serve all threads: the first one that counts installs them, the last one removes them, so that
// what is timed afterwards is timed without them.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counting_threads;

static bool install_hooks(void) {
  if (!MallocHook_AddNewHook(on_new)) return false;
  if (MallocHook_AddDeleteHook(on_delete)) return true;
  MallocHook_RemoveNewHook(on_new);
  return false;
}

static void remove_hooks(void) {
  MallocHook_RemoveNewHook(on_new);
  MallocHook_RemoveDeleteHook(on_delete);
}

bool allocation_counting_begin(void) {
  pthread_mutex_lock(&lock);
  bool installed = counting_threads > 0 || install_hooks();
  if (installed) counting_threads += 1;
  pthread_mutex_unlock(&lock);
  if (!installed) return false;

  counts = (struct allocation_counts){0};
  live_bytes = 0;
  counting = true;
  return true;
}

struct allocation_counts allocation_counting_end(void) {
  counting = false;
  pthread_mutex_lock(&lock);
  counting_threads -= 1;
  if (counting_threads == 0) remove_hooks();
  pthread_mutex_unlock(&lock);
  return counts;
}

static size_t allocated_bytes(void) {
  size_t bytes = 0;
  MallocExtension_GetNumericProperty("generic.current_allocated_bytes", &bytes);
  return bytes;
}

bool allocation_hooks_are_live(void) {
  const size_t size = (size_t)4 << 20;
  // Other threads may free in the meantime and hide the step: one of several tries suffices.
  for (int attempt = 0; attempt < 3; attempt += 1) {
    size_t before = allocated_bytes();
    // A volatile pointer, so that the pair of calls is not optimised away.
    void *volatile block = malloc(size);
    size_t after = allocated_bytes();
    bool moved = block != NULL && after >= before + size;
    free(block);
    if (moved) return true;
  }
  return false;
}
