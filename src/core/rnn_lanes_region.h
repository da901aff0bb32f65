// Region file (see for_each_isa.h): all that kernels_rnn_lanes.cpp compiles for
// each instruction set.
#include "core/simd.h"
#include "core/tile.h"
#include "core/transpose.h"
#include "core/pack.h"
#include "core/lane_products.h"
#include "core/rnn_lanes.h"
