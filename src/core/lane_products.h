// Region file (see for_each_isa.h): products of rows of lanes, summed over the
// lanes and over steps.
namespace elman {
namespace ELMAN_ISA {
namespace {

// sums[k] = the sum over the lanes of vector k, for four vectors.
template <class T>
ELMAN_ALWAYS_INLINE void sum_lanes(const T* vectors, T* sums) {
  constexpr int64_t W = kWidth<T>;
  for (int i = 0; i < 4; ++i) sums[i] = 0;
  if constexpr (W < 4) {
    for (int64_t l = 0; l < 4 * W; ++l) sums[l / W] += vectors[l];
    return;
  }
  for (int64_t l = 0; l + 4 <= W; l += 4) {
    T turned[16];
    transpose4<T>(vectors + l, W, turned, 4);
    for (int i = 0; i < 4; ++i) {
      sums[i] += (turned[i] + turned[4 + i]) + (turned[8 + i] + turned[12 + i]);
    }
  }
}

// sums[i][j] += sum over steps and lanes of a[step][i][lane] b[step][j][lane].
template <class T, int kRows, int kColumns>
void add_lane_products(const T* a, int64_t a_step, const T* b, int64_t b_step,
                       int64_t steps, T* sums, int64_t stride) {
  typedef typename Simd<T>::V V;
  constexpr int64_t W = kWidth<T>, P = kPanel<T>;
  V sum[kRows][kColumns] = {};
  for (int64_t s = 0; s < steps; ++s, a += a_step, b += b_step) {
    for (int64_t l = 0; l < P; l += W) {
      V right[kColumns];
      ELMAN_UNROLL
      for (int j = 0; j < kColumns; ++j) right[j] = load(b + j * P + l);
      ELMAN_UNROLL
      for (int i = 0; i < kRows; ++i) {
        const V left = load(a + i * P + l);
        ELMAN_UNROLL
        for (int j = 0; j < kColumns; ++j) {
          sum[i][j] = left * right[j] + sum[i][j];
        }
      }
    }
  }
  ELMAN_UNROLL
  for (int j = 0; j < kColumns; ++j) {
    T vectors[4 * W] = {}, of_rows[4];
    ELMAN_UNROLL
    for (int i = 0; i < kRows; ++i) store(vectors + i * W, sum[i][j]);
    sum_lanes(vectors, of_rows);
    for (int i = 0; i < kRows; ++i) sums[i * stride + j] += of_rows[i];
  }
}

// The same for any numbers of rows and columns.
template <class T>
void add_all_lane_products(const T* a, int64_t rows, const T* b,
                           int64_t columns, int64_t a_step, int64_t b_step,
                           int64_t steps, T* sums) {
  constexpr int64_t P = kPanel<T>;
  constexpr int kColumns = ELMAN_TILE_ROWS > 6 ? 4 : 2;
  for (int64_t i = 0; i < rows;) {
    const bool four = i + 4 <= rows;
    for (int64_t j = 0; j < columns;) {
      const bool wide = j + kColumns <= columns;
      const auto add = four ? wide ? add_lane_products<T, 4, kColumns>
                                   : add_lane_products<T, 4, 1>
                       : wide ? add_lane_products<T, 1, kColumns>
                              : add_lane_products<T, 1, 1>;
      add(a + i * P, a_step, b + j * P, b_step, steps, sums + i * columns + j,
          columns);
      j += wide ? kColumns : 1;
    }
    i += four ? 4 : 1;
  }
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
