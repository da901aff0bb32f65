// Region file (see for_each_isa.h): all that kernels_rnn.cpp compiles for each
// instruction set.
#include "core/simd.h"
#include "core/tile.h"
#include "core/transpose.h"
#include "core/pack.h"
#include "core/rnn_forward.h"
#include "core/rnn_backward.h"

namespace elman {
namespace ELMAN_ISA {
namespace {

// sums[j] = sum_k rows[k][j] for columns [begin, end) by kVectors vectors, in
// chains of kChain rows; rows can be read to a whole vector.
template <class T, int kVectors>
void sum_columns(const T* rows, int64_t stride, int64_t K, int64_t begin,
                 int64_t end, T* sums) {
  constexpr int64_t W = kWidth<T>;
  typename Simd<T>::V sum[kVectors] = {};
  for (int64_t first = 0; first < K; first += kChain) {
    const int64_t last = first + kChain < K ? first + kChain : K;
    typename Simd<T>::V chain[kVectors] = {};
    for (int64_t k = first; k < last; ++k) {
      ELMAN_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        chain[v] += load(rows + k * stride + begin + v * W);
      }
    }
    ELMAN_UNROLL
    for (int v = 0; v < kVectors; ++v) sum[v] += chain[v];
  }
  for (int64_t v = 0; v < kVectors; ++v) {
    const int64_t left = end - begin - v * W;
    store_part(sums + begin + v * W, sum[v], left < W ? left : W);
  }
}

template <class T>
void column_sums(const T* rows, int64_t stride, int64_t K, int64_t begin,
                 int64_t end, T* sums) {
  constexpr int64_t W = kWidth<T>;
  for (; begin + 3 * W < end; begin += 4 * W) {
    sum_columns<T, 4>(rows, stride, K, begin, end, sums);
  }
  for (; begin < end; begin += W) {
    sum_columns<T, 1>(rows, stride, K, begin, end, sums);
  }
}

// out[i] = sum over `count` parts, `stride` apart, in their order.
template <class T>
void sum_parts(const T* parts, int64_t count, int64_t stride, int64_t n,
               T* out) {
  constexpr int64_t W = kWidth<T>;
  int64_t i = 0;
  for (; i + W <= n; i += W) {
    typename Simd<T>::V sum = load(parts + i);
    for (int64_t k = 1; k < count; ++k) sum += load(parts + k * stride + i);
    store(out + i, sum);
  }
  for (; i < n; ++i) {
    T sum = parts[i];
    for (int64_t k = 1; k < count; ++k) sum += parts[k * stride + i];
    out[i] = sum;
  }
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
