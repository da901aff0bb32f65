// Region file (see for_each_isa.h): packing of operands for the tile.
namespace elman {
namespace ELMAN_ISA {
namespace {

// Rows of a matrix into panels [panel][depth][kPanel], as rows offset.. of each
// panel. Columns beyond the last are zeros, in as many vectors of the last
// panel as its tiles will read. A few rows at a time go into all panels: they
// are then read along their lines, as processors foresee.
template <class T>
void pack_rows(const T* matrix, int64_t stride, int64_t rows, int64_t columns,
               T* panels, int64_t depth, int64_t offset) {
  constexpr int64_t P = kPanel<T>, W = kWidth<T>, kRowsAtOnce = 4;
  const int64_t whole = columns / P * P, n = columns - whole;
  for (int64_t first = 0; first < rows; first += kRowsAtOnce) {
    const int64_t end = first + kRowsAtOnce < rows ? first + kRowsAtOnce : rows;
    for (int64_t j = 0; j < whole; j += P) {
      T* to = panels + j * depth + (offset + first) * P;
      const T* from = matrix + first * stride + j;
      for (int64_t k = first; k < end; ++k, to += P, from += stride) {
        store(to, load(from));
        store(to + W, load(from + W));
      }
    }
  }
  if (n == 0) return;
  T* to = panels + whole * depth + offset * P;
  const T* from = matrix + whole;
  if (n == W) {
    for (int64_t k = 0; k < rows; ++k, to += P, from += stride) {
      store(to, load(from));
    }
    return;
  }
  const int64_t padded = n < W ? W : P;
  for (int64_t k = 0; k < rows; ++k, to += P, from += stride) {
    copy_row(from, to, n);
    clear_row(to + n, padded - n);
  }
}

// The same for a matrix that is stored transposed: [columns, rows].
template <class T>
void pack_transposed(const T* matrix, int64_t stride, int64_t rows,
                     int64_t columns, T* panels, int64_t depth,
                     int64_t offset) {
  constexpr int64_t P = kPanel<T>;
  for (int64_t j = 0; j < columns; j += P) {
    T* to = panels + j * depth + offset * P;
    const int64_t n = columns - j < P ? columns - j : P;
    transpose<T>(matrix + j * stride, stride, to, P, n, rows);
    for (int64_t k = 0; n < P && k < rows; ++k) {
      clear_row(to + k * P + n, P - n);
    }
  }
}

// Elements [0, count) of a row into tiles of ELMAN_TILE_ROWS rows each, `stride`
// elements apart, beginning at row `place` of the first one. `spill`: another
// row follows.
template <class T>
ELMAN_ALWAYS_INLINE void deal_row(const T* row, int64_t count, int64_t place,
                                  T* tiles, int64_t stride, bool spill) {
  constexpr int64_t R = ELMAN_TILE_ROWS;
  int64_t i = 0;
  if (place > 0) {
    for (; i < count && place < R; ++i, ++place) tiles[place] = row[i];
    tiles += stride;
  }
  if (spill) {
    // By whole vectors: what they write too much, the next row writes anew.
    constexpr int64_t W = kWidth<T>;
    constexpr int64_t kWhole = (R + W - 1) / W * W;
    for (; i + kWhole <= count; i += R, tiles += stride) {
      ELMAN_UNROLL
      for (int64_t j = 0; j < kWhole; j += W) {
        store(tiles + j, load(row + i + j));
      }
    }
  }
  for (; i + R <= count; i += R, tiles += stride) {
    __builtin_memcpy(tiles, row + i, R * sizeof(T));
  }
  for (int64_t j = 0; i < count; ++i, ++j) tiles[j] = row[i];
}

template <class T>
ELMAN_ALWAYS_INLINE void deal_scaled_row(const T* row, const T* scale,
                                         int64_t count, int64_t place,
                                         T* tiles, int64_t stride) {
  constexpr int64_t R = ELMAN_TILE_ROWS;
  for (int64_t i = 0; i < count; ++i) {
    tiles[place] = row[i] * scale[i];
    if (++place < R) continue;
    place = 0;
    tiles += stride;
  }
}

// A view's rows lie too far apart for a processor to foresee them: each has one
// fetched that is read so many rows later.
constexpr int64_t kRowsAhead = 8;

template <class T>
ELMAN_ALWAYS_INLINE void fetch_row(const T* row, int64_t count) {
  for (int64_t i = 0; i < count; i += kWidth<T>) __builtin_prefetch(row + i);
}

// Columns [begin, end) of a view, rows [k0, k0 + depth), as the output rows
// first.. of a block, into tiles [k][ELMAN_TILE_ROWS] that are `stride` elements
// apart.
template <class T>
void pack_view(const RowView<T>& view, int64_t begin, int64_t end,
               int64_t first, int64_t k0, int64_t depth, T* tiles,
               int64_t stride) {
  constexpr int64_t R = ELMAN_TILE_ROWS;
  int64_t outer = k0 / view.inner, inner = k0 % view.inner;
  const int64_t count = end - begin, place = first % R;
  T* to = tiles + first / R * stride;
  for (int64_t k = 0; k < depth; ++k, to += R) {
    const T* row = view.data + outer * view.outer_stride +
                   inner * view.inner_stride + begin;
    if (inner + kRowsAhead < view.inner) {
      fetch_row(row + kRowsAhead * view.inner_stride, count);
    }
    if (view.scale) {
      const T* scale = view.scale + inner * view.scale_stride + begin;
      deal_scaled_row(row, scale, count, place, to, stride);
    } else {
      deal_row(row, count, place, to, stride, k + 1 < depth);
    }
    if (++inner == view.inner) {
      inner = 0;
      ++outer;
    }
  }
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
