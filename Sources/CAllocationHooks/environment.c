#include <unistd.h>

extern char **environ;

// libtcmalloc's constructors set a variable, for a C++ library of 2003, which moves `environ` off the stack. Swift's
// runtime finds the words that a program was started with beside `environ`, when its own constructors run. Linked into a
// program it comes after the shared libraries, and `CommandLine.arguments` would be empty. So this puts back what Linux
// gave, which lies behind the words and their null, before the other constructors of the program: those of a priority go
// first, and 101 is the first that is not the C library's own.
__attribute__((constructor(101))) static void put_environment_back(int count, char **words) {
  environ = words + count + 1;
}
