// Region file (see for_each_isa.h): all that kernels_rnn.cpp compiles for each
// instruction set.
#include "core/simd.h"
#include "core/tile.h"
#include "core/pack.h"
#include "core/rnn_forward.h"
#include "core/rnn_backward.h"

namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
int64_t panel_width() {
  return kPanel<T>;
}

template <class T>
int64_t vector_width() {
  return kWidth<T>;
}

// sums[j] = sum_k rows[k][j] for columns [begin, end), in the order of k.
template <class T>
void column_sums(const T* rows, int64_t stride, int64_t K, int64_t begin,
                 int64_t end, T* sums) {
  constexpr int64_t W = kWidth<T>;
  for (int64_t j = begin; j < end; j += W) {
    typename Simd<T>::V sum = {};
    for (int64_t k = 0; k < K; ++k) sum += load(rows + k * stride + j);
    if (end - j >= W) {
      store(sums + j, sum);
    } else {
      store_part(sums + j, sum, end - j);
    }
  }
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
