#include <stddef.h>
#include <stdint.h>

/// libFuzzer, called from a main function of one's own; it has no header. Ends when its options say so, or by an exit.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t count));
