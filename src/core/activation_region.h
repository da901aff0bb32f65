// Region file (see for_each_isa.h): all that kernels_activate.cpp compiles for
// each instruction set.
#include "core/simd.h"
#include "core/vector_math.h"
#include "core/vector_activations.h"
