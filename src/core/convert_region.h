// Region file (see for_each_isa.h): a matrix between doubles and floats, which is
// the traffic of every call.
#include "core/transpose.h"

namespace elman {
namespace ELMAN_ISA {
namespace {

// Rows and columns of the tile that is transposed at a time: a cache line of
// floats, so every line read or written is used whole.
constexpr int64_t kTile = 16;

// The lines of floats of a whole tile are written in one go each: lines that lie
// a power of two apart share a few places in the cache, and one written in
// several goes would have left it in between. A loop over them has the processor
// foresee the rows after the tile: if it is alone, these are another thread's.
ELMAN_ALWAYS_INLINE void transpose_tile(const double* in, int64_t in_stride,
                                        float* out, int64_t out_stride,
                                        bool alone) {
  alignas(64) float tile[kTile * kTile];
  transpose<float>(in, in_stride, tile, kTile, kTile, kTile);
  if (alone) {
    ELMAN_UNROLL
    for (int64_t j = 0; j < kTile; ++j) {
      __builtin_memcpy(out + j * out_stride, tile + j * kTile,
                       kTile * sizeof(float));
    }
  } else {
    for (int64_t j = 0; j < kTile; ++j) {
      __builtin_memcpy(out + j * out_stride, tile + j * kTile,
                       kTile * sizeof(float));
    }
  }
}
ELMAN_ALWAYS_INLINE void transpose_tile(const float* in, int64_t in_stride,
                                        double* out, int64_t out_stride,
                                        bool /*alone*/) {
  transpose<float>(in, in_stride, out, out_stride, kTile, kTile);
}

template <class In, class Out>
void transpose_tiles(const In* in, int64_t in_stride, Out* out,
                     int64_t out_stride, int64_t rows, int64_t columns) {
  const int64_t whole = columns / kTile * kTile;
  for (; rows >= kTile; rows -= kTile) {
    for (int64_t j = 0; j < whole; j += kTile) {
      transpose_tile(in + j, in_stride, out + j * out_stride, out_stride,
                     whole == kTile);
    }
    transpose<float>(in + whole, in_stride, out + whole * out_stride,
                     out_stride, kTile, columns - whole);
    in += kTile * in_stride;
    out += kTile;
  }
  if (rows > 0) {
    transpose<float>(in, in_stride, out, out_stride, rows, columns);
  }
}

void transpose_to_floats(const double* in, int64_t in_stride, float* out,
                         int64_t out_stride, int64_t rows, int64_t columns) {
  transpose_tiles(in, in_stride, out, out_stride, rows, columns);
}

void transpose_to_doubles(const float* in, int64_t in_stride, double* out,
                          int64_t out_stride, int64_t rows, int64_t columns) {
  transpose_tiles(in, in_stride, out, out_stride, rows, columns);
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
