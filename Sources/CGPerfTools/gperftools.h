// What this project uses of gperftools: the malloc hooks and the allocator's own figures.
#include <gperftools/malloc_extension_c.h>
#include <gperftools/malloc_hook_c.h>
