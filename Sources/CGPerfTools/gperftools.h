// What this project uses of gperftools: the malloc hooks, the allocator's own figures, and the two profilers.
#include <gperftools/heap-profiler.h>
#include <gperftools/malloc_extension_c.h>
#include <gperftools/malloc_hook_c.h>
#include <gperftools/profiler.h>
