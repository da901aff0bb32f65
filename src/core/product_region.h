// Region file (see for_each_isa.h): all that kernels_gemm.cpp compiles for each
// instruction set.
#include "core/simd.h"
#include "core/tile.h"
#include "core/transpose.h"
#include "core/pack.h"
#include "core/product.h"
