#define _GNU_SOURCE
#include "leftovers.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { places = 16 };
enum { is_free, is_being_taken, goes_with_its_files, goes_if_empty };
static char paths[places][PATH_MAX];
static atomic_int taken[places];

// opendir(3) allocates, which a signal's handler must not.
static void remove_entries(int folder) {
  static char entries[1 << 15];
  for (;;) {
    long count = syscall(SYS_getdents64, folder, entries, sizeof entries);
    if (count <= 0) return;
    for (long at = 0; at < count;) {
      struct dirent64 *entry = (struct dirent64 *)(entries + at);
      // Neither `.` nor `..` is a file, so this fails for both.
      unlinkat(folder, entry->d_name, 0);
      at += entry->d_reclen;
    }
  }
}

static void remove_all(int number) {
  for (int place = 0; place < places; place += 1) {
    if (atomic_load(&taken[place]) != goes_with_its_files) continue;
    int folder = open(paths[place], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) {
      unlink(paths[place]);
      continue;
    }
    remove_entries(folder);
    close(folder);
    rmdir(paths[place]);
  }
  for (int place = places - 1; place >= 0; place -= 1) {
    if (atomic_load(&taken[place]) == goes_if_empty) rmdir(paths[place]);
  }
  // As if nobody had handled it. It is blocked until this returns.
  signal(number, SIG_DFL);
  raise(number);
}

static void watch(void) {
  const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = remove_all;
  // One after the other, for they share what they work with.
  for (int index = 0; index < 3; index += 1) sigaddset(&action.sa_mask, signals[index]);
  for (int index = 0; index < 3; index += 1) {
    struct sigaction old;
    if (sigaction(signals[index], NULL, &old) == 0 && old.sa_handler == SIG_DFL) {
      sigaction(signals[index], &action, NULL);
    }
  }
}

static int take_place(const char *path, int kind) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, watch);
  if (strlen(path) >= PATH_MAX) return -1;
  for (int place = 0; place < places; place += 1) {
    int expected = is_free;
    if (!atomic_compare_exchange_strong(&taken[place], &expected, is_being_taken)) continue;
    strcpy(paths[place], path);
    atomic_store(&taken[place], kind);
    return place;
  }
  return -1;
}

int remove_at_signal(const char *path) { return take_place(path, goes_with_its_files); }

int remove_empty_at_signal(const char *folder) { return take_place(folder, goes_if_empty); }

void keep_at_signal(int number) {
  if (number >= 0) atomic_store(&taken[number], is_free);
}
