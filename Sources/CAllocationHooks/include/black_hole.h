#ifndef BLACK_HOLE_H
#define BLACK_HOLE_H

/// Tells the optimiser that the memory behind `pointer`, and whatever is reachable from it, is read and may be changed
/// here. Emits no instruction of its own.
static inline void black_hole(void *pointer) {
  __asm__ volatile("" : : "r"(pointer) : "memory");
}

#endif
