#include "standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

static void open_standard_streams(void) {
  for (int descriptor = 0; descriptor <= 2; descriptor += 1) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest that is free, which those below are not.
    int opened = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
    if (opened != descriptor) _exit(EX_IOERR);
  }
}

// The loader calls these before the constructors of all libraries; constructors of a program come after those.
__attribute__((section(".preinit_array"), used)) static void (*at_start)(void) = open_standard_streams;
