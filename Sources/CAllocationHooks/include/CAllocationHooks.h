#ifndef C_ALLOCATION_HOOKS_H
#define C_ALLOCATION_HOOKS_H

#include "allocation_counting.h"
#include "black_hole.h"
#include "out_of_memory.h"

#endif
