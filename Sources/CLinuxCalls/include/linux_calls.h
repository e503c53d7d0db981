#ifndef LINUX_CALLS_H
#define LINUX_CALLS_H

#include <sys/types.h>

// Calls of Linux that Swift's import of the C library leaves out: it is made without _GNU_SOURCE.

/// Exchanges the names of two files or folders in one step. Returns 0, or -1 with errno.
int exchange_names(const char *one, const char *other);

/// Writes the processors that a process may run on, 0 for this one, ascending, and returns how many; at most `room`.
int allowed_processors(pid_t process, int *processors, int room);

/// Keeps a process, 0 for this one, on some processors. Returns 0, or -1 with errno.
int pin_process(pid_t process, const int *processors, int count);

/// Makes a file in memory, from which programs can be started, closed in those. Returns its descriptor, or -1 with errno.
int memory_file(const char *name);

/// From now on this process is killed when its parent ends.
void end_with_parent(void);

/// Programs that this thread starts from now on lie at the same addresses each time, and no longer where chance puts
/// them. Returns what `restore_addresses` takes, or -1 with errno where the system does not allow it.
int fix_addresses(void);

/// Undoes `fix_addresses`, whose answer it takes.
void restore_addresses(int former);

/// Makes a mapping of `count` bytes one of `larger`, wherever there is room, without a copy. Returns NULL where there is none.
void *grown_pages(void *pages, size_t count, size_t larger);

/// The version of the C library: `2.36`.
const char *c_library_version(void);

#endif
