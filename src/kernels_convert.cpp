// Conversion and transposition between R's arrays and tensors
// (core/convert.h).
#include "core/convert.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "core/thread_pool.h"
#include "core/transpose_blocks.h"

#define ELMAN_REGION "core/convert_region.h"
#include "core/for_each_isa.h"

namespace elman {
namespace {

constexpr int64_t kTile = baseline::kTile;
constexpr int64_t kGrain = 1 << 15;  // elements that are worth a thread
constexpr int kMaxRank = 32;

// The reversal as a loop of transpositions: first axis m, middle axes, last
// axis n. Axes of length one are dropped, they move nothing.
struct Reversal {
  int64_t m = 1, n = 1, middle = 1;
  int64_t dims[kMaxRank];  // of the middle axes
  int count = 0;

  Reversal(const int64_t* all, int rank) {
    if (rank < 0 || rank > kMaxRank) {
      throw std::invalid_argument("an array has at most 32 axes");
    }
    int64_t kept[kMaxRank];
    int axes = 0;
    for (int i = 0; i < rank; ++i) {
      if (all[i] != 1) kept[axes++] = all[i];
    }
    if (axes > 0) m = kept[0];
    if (axes > 1) n = kept[axes - 1];
    for (int i = 1; i + 1 < axes; ++i) {
      dims[count++] = kept[i];
      middle *= kept[i];
    }
  }

  int64_t size() const { return m * n * middle; }

  // The place of a middle setting, counted with the last axis fastest, when
  // counted with the first axis fastest.
  int64_t column_major(int64_t row_major) const {
    if (count == 1) return row_major;
    int64_t place = 0;
    int64_t rest = row_major, stride = middle;
    for (int i = count - 1; i >= 0; --i) {
      stride /= dims[i];
      place += (rest % dims[i]) * stride;
      rest /= dims[i];
    }
    return place;
  }
};

// out[j][i] = in[i][j] for `rows` x `columns` of in, tile by tile.
template <class In, class Out>
using Transpose = void (*)(const In* in, int64_t in_stride, Out* out,
                           int64_t out_stride, int64_t rows, int64_t columns);

// Numbers that are no floats on either side: one at a time.
template <class In, class Out>
void transpose_plainly(const In* in, int64_t in_stride, Out* out,
                       int64_t out_stride, int64_t rows, int64_t columns) {
  for (int64_t first = 0; first < rows; first += kTile) {
    const int64_t last = std::min(first + kTile, rows);
    for (int64_t j = 0; j < columns; ++j) {
      for (int64_t i = first; i < last; ++i) {
        out[j * out_stride + i] = static_cast<Out>(in[i * in_stride + j]);
      }
    }
  }
}

template <class In, class Out>
Transpose<In, Out> transpose_for(const In*, Out*) {
  return transpose_plainly<In, Out>;
}
Transpose<double, float> transpose_for(const double*, float*) {
  return ELMAN_SELECT(transpose_to_floats);
}
Transpose<float, double> transpose_for(const float*, double*) {
  return ELMAN_SELECT(transpose_to_doubles);
}

template <class In, class Out>
void copy(const In* in, Out* out, int64_t n) {
  parallel_for(n, kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out[i] = static_cast<Out>(in[i]);
  });
}

// Rows [row, row + rows) of the first axis at the middle settings [begin, end).
// Of the last axis a tile's height goes through all of them before the next: few
// lines of memory are followed at a time, as processors foresee.
template <class In, class Out>
void from_columns_at(const In* in, Out* out, const Reversal& axes,
                     int64_t row, int64_t rows, int64_t begin, int64_t end) {
  const int64_t m = axes.m, n = axes.n, middle = axes.middle;
  const auto transpose = transpose_for(in, out);
  for (int64_t first = 0; first < n; first += kTile) {
    for (int64_t q = begin; q < end; ++q) {
      transpose(in + (axes.column_major(q) + first * middle) * m + row,
                m * middle, out + (row * middle + q) * n + first, n * middle,
                std::min(kTile, n - first), rows);
    }
  }
}

// Of a matrix, threads take rows of the last axis. Else, where there is a tile of
// rows of the first axis for each, they take these, as layers do of a batch, so
// that each finds in its caches what it converted; of many rows they take middle
// settings, whose numbers lie side by side.
template <class In, class Out>
void from_columns(const In* in, Out* out, const Reversal& axes) {
  const int64_t m = axes.m, n = axes.n, middle = axes.middle;
  if (n == 1) return copy(in, out, m);
  if (middle == 1) {
    const auto transpose = transpose_for(in, out);
    return parallel_for(n, kGrain / m + 1, [=](int64_t first, int64_t last) {
      transpose(in + first * m, m, out + first, n, last - first, m);
    });
  }
  if (m / kTile / num_threads() == 1) {
    const int64_t grain = std::max(kTile, kGrain / (n * middle) + 1);
    return parallel_for(m, grain, [&](int64_t begin, int64_t end) {
      from_columns_at(in, out, axes, begin, end - begin, 0, middle);
    });
  }
  parallel_for(middle, kGrain / (m * n) + 1, [&](int64_t begin, int64_t end) {
    from_columns_at(in, out, axes, 0, m, begin, end);
  });
}

template <class In, class Out>
void to_columns(const In* in, Out* out, const Reversal& axes) {
  const int64_t m = axes.m, n = axes.n, middle = axes.middle;
  if (n == 1) return copy(in, out, m);
  const auto transpose = transpose_for(in, out);
  if (middle == 1) {
    return parallel_for(m, kGrain / n + 1, [=](int64_t first, int64_t last) {
      transpose(in + first * n, n, out + first, m, last - first, n);
    });
  }
  parallel_for(middle, kGrain / (m * n) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t first = 0; first < n; first += kTile) {
      for (int64_t q = begin; q < end; ++q) {
        transpose(in + q * n + first, n * middle,
                  out + (axes.column_major(q) + first * middle) * m, m * middle,
                  m, std::min(kTile, n - first));
      }
    }
  });
}

// An integer of R, as which it lies in memory.
struct Whole {
  int32_t value;
  template <class T>
  explicit operator T() const {
    return value == std::numeric_limits<int32_t>::min()
               ? std::numeric_limits<T>::quiet_NaN()
               : static_cast<T>(value);
  }
};
static_assert(sizeof(Whole) == sizeof(int32_t), "integers are read in place");

}  // namespace

template <class T>
void from_column_major(const double* in, T* out, const int64_t* dims,
                       int rank) {
  const Reversal axes(dims, rank);
  if (axes.size() > 0) from_columns(in, out, axes);
}

template <class T>
void to_column_major(const T* in, double* out, const int64_t* dims, int rank) {
  const Reversal axes(dims, rank);
  if (axes.size() > 0) to_columns(in, out, axes);
}

void from_column_major(const int32_t* in, int32_t* out, const int64_t* dims,
                       int rank) {
  const Reversal axes(dims, rank);
  if (axes.size() > 0) from_columns(in, out, axes);
}

void to_column_major(const int32_t* in, int32_t* out, const int64_t* dims,
                     int rank) {
  const Reversal axes(dims, rank);
  if (axes.size() > 0) to_columns(in, out, axes);
}

template <class T>
void from_column_major(const int32_t* in, T* out, const int64_t* dims,
                       int rank) {
  const Reversal axes(dims, rank);
  if (axes.size() == 0) return;
  from_columns(reinterpret_cast<const Whole*>(in), out, axes);
}

template void from_column_major(const int32_t*, float*, const int64_t*, int);
template void from_column_major(const int32_t*, double*, const int64_t*, int);
template void from_column_major(const double*, float*, const int64_t*, int);
template void from_column_major(const double*, double*, const int64_t*, int);
template void to_column_major(const float*, double*, const int64_t*, int);
template void to_column_major(const double*, double*, const int64_t*, int);

}  // namespace elman
