// Moving elements: one copy between two views with any strides, which serves
// transpose, broadcast, concatenate, slice, flip and their inverses.
#ifndef ELMAN_CORE_STRIDED_COPY_H_
#define ELMAN_CORE_STRIDED_COPY_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/array.h"
#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {

// to[sum of place * to_strides] = from[sum of place * from_strides] for every
// place within the extents. Strides count elements and may be 0 or negative.
struct StridedCopy {
  int rank = 0;
  int64_t extents[Shape::kMaxRank] = {};
  int64_t to_strides[Shape::kMaxRank] = {};
  int64_t from_strides[Shape::kMaxRank] = {};

  // Adds the next inner axis; merges it with the one before if it can.
  void add_axis(int64_t extent, int64_t to_stride, int64_t from_stride) {
    if (extent == 1) return;
    const int last = rank - 1;
    if (rank > 0 && to_strides[last] == extent * to_stride &&
        from_strides[last] == extent * from_stride) {
      extents[last] *= extent;
    } else {
      ++rank;
      extents[rank - 1] = extent;
    }
    to_strides[rank - 1] = to_stride;
    from_strides[rank - 1] = from_stride;
  }

  // Makes `axis` the last but one; the order of copying is free.
  void move_next_to_last(int axis) {
    for (; axis + 2 < rank; ++axis) {
      std::swap(extents[axis], extents[axis + 1]);
      std::swap(to_strides[axis], to_strides[axis + 1]);
      std::swap(from_strides[axis], from_strides[axis + 1]);
    }
  }
};

// Row-major strides of a shape.
inline void row_major_strides(const Shape& shape, int64_t* strides) {
  int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
}

template <class T>
void copy_run(T* to, int64_t to_stride, const T* from, int64_t from_stride,
              int64_t n) {
  if (to_stride == 1 && from_stride == 1) {
    std::memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
  } else if (to_stride == 1 && from_stride == 0) {
    std::fill(to, to + n, *from);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i * to_stride] = from[i * from_stride];
  }
}

// A matrix, m by n, whose rows are contiguous in `to` and columns in `from`:
// transposed by tiles of one cache line, so that each line is used whole.
template <class T>
void copy_transposed(T* to, int64_t to_stride, const T* from,
                     int64_t from_stride, int64_t m, int64_t n) {
  constexpr int64_t kTile = 64 / sizeof(T);
  for (int64_t i0 = 0; i0 < m; i0 += kTile) {
    const int64_t i1 = std::min(m, i0 + kTile);
    for (int64_t j0 = 0; j0 < n; j0 += kTile) {
      const int64_t j1 = std::min(n, j0 + kTile);
      for (int64_t i = i0; i < i1; ++i) {
        for (int64_t j = j0; j < j1; ++j) {
          to[i * to_stride + j] = from[i + j * from_stride];
        }
      }
    }
  }
}

template <class T>
void run_copy(StridedCopy copy, T* to, const T* from) {
  if (copy.rank == 0) copy.extents[copy.rank++] = 1;
  const int last = copy.rank - 1;
  bool transposes = false;
  if (copy.to_strides[last] == 1 && copy.from_strides[last] != 1) {
    for (int axis = 0; axis < last && !transposes; ++axis) {
      transposes = copy.from_strides[axis] == 1;
      if (transposes) copy.move_next_to_last(axis);
    }
  }
  // Axes [0, outer) are walked; the rest is one run or one transposition.
  const int outer = transposes ? last - 1 : last;
  int64_t blocks = 1;
  for (int axis = 0; axis < outer; ++axis) blocks *= copy.extents[axis];
  const int64_t n = copy.extents[last];
  const int64_t m = transposes ? copy.extents[outer] : 1;
  if (blocks == 0 || m == 0 || n == 0) return;
  // Threads share the blocks, or the one block's rows or elements.
  const int64_t split = transposes ? m : n;
  const bool one = blocks == 1;
  const int64_t cost = one ? m * n / split : m * n;
  parallel_for(
      one ? split : blocks, std::max<int64_t>(1, kGrain / cost),
      [&](int64_t begin, int64_t end) {
        const int64_t first = one ? begin : 0;
        const int64_t count = one ? end - begin : split;
        for (int64_t block = one ? 0 : begin; block < (one ? 1 : end);
             ++block) {
          int64_t rest = block;
          T* t = to + first * copy.to_strides[transposes ? outer : last];
          const T* f =
              from + first * copy.from_strides[transposes ? outer : last];
          for (int axis = outer - 1; axis >= 0; --axis) {
            const int64_t place = rest % copy.extents[axis];
            rest /= copy.extents[axis];
            t += place * copy.to_strides[axis];
            f += place * copy.from_strides[axis];
          }
          if (transposes) {
            copy_transposed(t, copy.to_strides[outer], f,
                            copy.from_strides[last], count, n);
          } else {
            copy_run(t, copy.to_strides[last], f, copy.from_strides[last],
                     count);
          }
        }
      });
}

// The same for arrays of any dtype; offsets count elements.
inline void run_copy(const StridedCopy& copy, const Array& to,
                     int64_t to_offset, const Array& from,
                     int64_t from_offset) {
  require_dtype(to, from.dtype);
  visit_width(to.dtype, [&](auto type) {
    using T = decltype(type);
    run_copy<T>(copy, to.as<T>() + to_offset, from.as<T>() + from_offset);
  });
}

}  // namespace elman

#endif  // ELMAN_CORE_STRIDED_COPY_H_
