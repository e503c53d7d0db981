// Nothing to include: the library's header is tdxmemory.h of CTDXMemory.
