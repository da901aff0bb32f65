// C = op(A) op(B) + bias, row-major, op(A) [M, K], op(B) [K, N]; bias [N] is
// added to every row and may be null. A is stored [K, M] where `transpose_a`,
// B [N, K] where `transpose_b`. C is overwritten and must not overlap A or B.
// Vectorised for the instruction set in use and spread over threads, with the
// same bits for any number of them.
#ifndef ELMAN_CORE_GEMM_H_
#define ELMAN_CORE_GEMM_H_

#include <cstdint>

namespace elman {

template <class T>
void gemm(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
          const T* A, const T* B, T* C, const T* bias_or_null);

// Gets the memory that products on this thread pack into, so that none of them has
// to ask for it.
template <class T>
void reserve_packing();

namespace reference {

// The same, one product after the other.
template <class T>
void gemm(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
          const T* A, const T* B, T* C, const T* bias_or_null) {
  for (int64_t i = 0; i < M; ++i) {
    for (int64_t j = 0; j < N; ++j) {
      T sum = bias_or_null ? bias_or_null[j] : T(0);
      for (int64_t k = 0; k < K; ++k) {
        const T a = transpose_a ? A[k * M + i] : A[i * K + k];
        const T b = transpose_b ? B[j * K + k] : B[k * N + j];
        sum += a * b;
      }
      C[i * N + j] = sum;
    }
  }
}

}  // namespace reference
}  // namespace elman

#endif  // ELMAN_CORE_GEMM_H_
