// A matrix product for the blocked kernel of product.h:
// out [M, N] = left [M, K] right [K, N] + bias [N].
#ifndef ELMAN_CORE_PRODUCT_PLAN_H_
#define ELMAN_CORE_PRODUCT_PLAN_H_

#include <cstdint>

namespace elman {

// A matrix of K rows that is the left operand transposed: its columns are rows
// of the output. Row k lies at data + (k / inner) outer_stride + (k % inner)
// inner_stride and is multiplied by row k % inner of `scale`, if there is one.
template <class T>
struct RowView {
  const T* data = nullptr;
  int64_t columns = 0;
  int64_t inner = 1, inner_stride = 0, outer_stride = 0;
  const T* scale = nullptr;
  int64_t scale_stride = 0;
  T* out = nullptr;  // [columns, N]
};

// The left operand is one matrix as it is, or up to two views side by side.
template <class T>
struct Product {
  int64_t M = 0, N = 0, K = 0;
  bool plain = false;          // the left operand is `left`, not the views
  const T* left = nullptr;    // [M, K]
  T* out = nullptr;           // [M, N], with `left`
  RowView<T> views[2];
  int64_t out_stride = 0;     // from a row of the output to the next; 0: N
  const T* right = nullptr;  // [K, N], or [N, K] if right_transposed
  int64_t right_stride = 0;
  int64_t right_columns = 0;  // at least N: how far its rows may be read
  bool right_transposed = false;
  const T* bias = nullptr;
};

namespace internal {

// Runs it over threads, for the instruction set in use.
template <class T>
void run_product(const Product<T>& product);

}  // namespace internal
}  // namespace elman

#endif  // ELMAN_CORE_PRODUCT_PLAN_H_
