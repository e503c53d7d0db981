#include "out_of_memory.h"

#include <string.h>
#include <unistd.h>

// std::set_new_handler, by the name that it has in the C++ library: gperftools asks the handler of `new`, in malloc too.
extern void (*set_new_handler(void (*handler)(void)))(void) __asm__("_ZSt15set_new_handlerPFvvE");

// Of gperftools, whose header has it for C++ alone: with 1, malloc asks the handler as `new` does.
extern int tc_set_new_mode(int flag);

enum { software_fault = 70 };

static void run_out(void) {
  static const char sentence[] = "tdxbench: out of memory: the system gives no more, or a limit (ulimit -v) is reached\n";
  // Nothing that allocates; there is nowhere to report that this failed.
  if (write(STDERR_FILENO, sentence, strlen(sentence)) < 0) _exit(software_fault);
  _exit(software_fault);
}

void end_where_memory_runs_out(void) {
  set_new_handler(run_out);
  tc_set_new_mode(1);
}
