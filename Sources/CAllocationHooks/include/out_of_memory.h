#ifndef OUT_OF_MEMORY_H
#define OUT_OF_MEMORY_H

/// From now on a request for memory that cannot be met ends the process: with a sentence on standard error, and exit status
/// 70. Swift's own answer is a trap. What the allocator itself needs for its tables, and thread stacks, are not covered.
void end_where_memory_runs_out(void);

#endif
