// What callers in other languages, and arrays of numbers that are handed on as they are, rely on.
#include "tdxmemory.h"

_Static_assert(sizeof(tdxmemory_region) == 24, "three words");
_Static_assert(sizeof(tdxmemory_range) == 16, "two words");
_Static_assert(sizeof(tdxmemory_extent) == 16, "two words");
_Static_assert(sizeof(tdxmemory_area) == 16, "two words");
_Static_assert(sizeof(tdxmemory_tdmr) == 80, "eight words of TDMR_INFO, two of ours");
_Static_assert(offsetof(tdxmemory_tdmr, pamt_4k) == 48, "1G, 2M, 4K, as in TDMR_INFO");
_Static_assert(sizeof(tdxmemory_options) == 40, "no padding");
_Static_assert(sizeof(tdxmemory_verdict) == 24, "no padding");
_Static_assert(sizeof(tdxmemory_plan_result) == 56, "no padding");
_Static_assert(sizeof(tdxmemory_comparison) == 80, "no padding");
_Static_assert(sizeof(tdxmemory_advice) == 48, "no padding");
