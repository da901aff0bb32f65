// Matrix products (core/gemm.h) and the choice of their instruction set and
// threads.
#include "core/gemm.h"

#include <algorithm>
#include <numeric>

#include "core/product_plan.h"
#include "core/thread_pool.h"
#include "core/transpose_blocks.h"
#include "core/workspace.h"

#define ELMAN_REGION "core/product_region.h"
#include "core/for_each_isa.h"

namespace elman {
namespace {

constexpr int64_t kMostColumns = baseline::kColumnBlock;
constexpr int64_t kColumnUnit = 64;       // whole panels of any type
constexpr double kWorthAThread = 500000;  // multiplications
// Multiplications that take less time one by one, for up to four columns and for
// more.
constexpr double kFewNarrow = 256, kFewWide = 32;

// The output as a grid of parts: column blocks of nearly equal widths, each by
// groups of rows.
struct Grid {
  int64_t columns, column_blocks, row_groups;
};

// A grid of at most so many column blocks, with as many groups of rows as it
// takes for an even share of all threads: a multiple of them, or so many that
// one part more or less does not matter.
Grid grid_with(int64_t column_blocks, int64_t M, int64_t N, int64_t threads) {
  const int64_t units = (N + kColumnUnit - 1) / kColumnUnit;
  const int64_t columns =
      (units + column_blocks - 1) / column_blocks * kColumnUnit;
  Grid grid = {columns, (N + columns - 1) / columns, 1};
  const int64_t even = threads / std::gcd(threads, grid.column_blocks);
  const int64_t many = 8 * threads / grid.column_blocks + 1;
  grid.row_groups = std::min({even, many, std::max<int64_t>(M / 6, 1)});
  return grid;
}

// The grid for which the least is packed: views once for each column block, the
// right operand once for each group of rows.
template <class T>
Grid grid_of(const Product<T>& p) {
  const double work = static_cast<double>(p.M) * p.N * p.K;
  const int64_t threads = std::min<int64_t>(
      num_threads(), static_cast<int64_t>(work / kWorthAThread) + 1);
  const int64_t fewest = (p.N + kMostColumns - 1) / kMostColumns;
  Grid best = grid_with(fewest, p.M, p.N, threads);
  const auto packed = [&](const Grid& grid) {
    return (p.plain ? 0 : p.M * grid.column_blocks) + p.N * grid.row_groups;
  };
  for (int64_t blocks = fewest + 1; blocks <= fewest * threads; ++blocks) {
    const Grid grid = grid_with(blocks, p.M, p.N, threads);
    if (packed(grid) <= packed(best)) best = grid;
  }
  return best;
}

// What this thread packs into: one size for all products, so that no later one
// has to ask for more.
template <class T>
T* packing_scratch(Workspace& workspace) {
  const int64_t size = ELMAN_SELECT(packing_size<T>)();
  T* scratch = nullptr;
  cut_workspace(workspace, [&] { scratch = workspace.cut<T>(size); });
  return scratch;
}

}  // namespace

template <class T>
void reserve_packing() {
  Workspace workspace(Purpose::kPacking);
  packing_scratch<T>(workspace);
}

template void reserve_packing<float>();
template void reserve_packing<double>();

namespace internal {

template <class T>
void run_product(const Product<T>& product) {
  const int64_t M = product.M, N = product.N;
  if (M <= 0 || N <= 0) return;
  Isa isa = current_isa();
  const double work = static_cast<double>(M) * N * product.K;
  if (work <= (N > 4 ? kFewWide : kFewNarrow) &&
      product.K <= baseline::kChain) {
    return ELMAN_SELECT_FOR(isa, few_products<T>)(product);
  }
  // Half a vector of AVX-512 holds all columns.
  if (isa == Isa::kAvx512 && N * sizeof(T) <= 32) isa = Isa::kAvx2;
  const auto block = ELMAN_SELECT_FOR(isa, product_block<T>);
  const Grid grid = grid_of(product);
  const int64_t parts = grid.column_blocks * grid.row_groups;
  const int64_t grain =
      static_cast<int64_t>(kWorthAThread * parts / (work + 1)) + 1;
  parallel_for(parts, grain, [&](int64_t begin, int64_t end) {
    Workspace workspace(Purpose::kPacking);
    T* scratch = packing_scratch<T>(workspace);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t rows = i / grid.column_blocks;
      const int64_t n0 = i % grid.column_blocks * grid.columns;
      block(product, M * rows / grid.row_groups,
            M * (rows + 1) / grid.row_groups, n0,
            std::min(n0 + grid.columns, N), scratch);
    }
  });
}

template void run_product(const Product<float>&);
template void run_product(const Product<double>&);

}  // namespace internal

template <class T>
void gemm(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
          const T* A, const T* B, T* C, const T* bias_or_null) {
  Product<T> product;
  product.M = M, product.N = N, product.K = K;
  if (transpose_a) {
    RowView<T>& view = product.views[0];
    view.data = A, view.columns = M;
    view.inner = std::max<int64_t>(K, 1), view.inner_stride = M;
    view.out = C;
  } else {
    product.plain = true;
    product.left = A;
    product.out = C;
  }
  product.right = B;
  product.right_columns = N;
  product.right_transposed = transpose_b;
  product.right_stride = transpose_b ? K : N;
  product.bias = bias_or_null;
  internal::run_product(product);
}

template void gemm(bool, bool, int64_t, int64_t, int64_t, const float*,
                   const float*, float*, const float*);
template void gemm(bool, bool, int64_t, int64_t, int64_t, const double*,
                   const double*, double*, const double*);

}  // namespace elman
