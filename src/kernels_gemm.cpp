// Matrix products (core/gemm.h).
#include "core/gemm.h"

namespace elman {

template <class T>
void gemm(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
          const T* A, const T* B, T* C, const T* bias_or_null) {
  reference::gemm(transpose_a, transpose_b, M, N, K, A, B, C, bias_or_null);
}

template void gemm(bool, bool, int64_t, int64_t, int64_t, const float*,
                   const float*, float*, const float*);
template void gemm(bool, bool, int64_t, int64_t, int64_t, const double*,
                   const double*, double*, const double*);

}  // namespace elman
