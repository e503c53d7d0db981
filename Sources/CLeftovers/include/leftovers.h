#ifndef LEFTOVERS_H
#define LEFTOVERS_H

// What a signal that ends this process (SIGINT, SIGTERM, SIGHUP) is not to leave behind: files that are being written, and
// folders with all files in them. Signals that somebody handles or ignores are left to him. Safe to call from any thread.

/// Notes a path. Returns a number to forget it by, or -1 where there are too many or the path is too long.
int remove_at_signal(const char *path);

/// Notes a folder, of which only that is to go which is empty then: after all that is removed by the other call, and the
/// last one noted first.
int remove_empty_at_signal(const char *folder);

/// Forgets it: it has its name, or is gone. A number below 0 is none.
void keep_at_signal(int number);

#endif
