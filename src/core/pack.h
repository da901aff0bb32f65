// Region file (see for_each_isa.h): packing of operands for the tile.
namespace elman {
namespace ELMAN_ISA {
namespace {

// Rows of a matrix into panels [panel][depth][kPanel], as rows offset.. of each
// panel; columns beyond the last are zeros.
template <class T>
void pack_rows(const T* matrix, int64_t stride, int64_t rows, int64_t columns,
               T* panels, int64_t depth, int64_t offset) {
  constexpr int64_t P = kPanel<T>;
  for (int64_t j = 0; j < columns; j += P) {
    T* to = panels + j * depth + offset * P;
    const int64_t n = columns - j < P ? columns - j : P;
    for (int64_t k = 0; k < rows; ++k, to += P) {
      const T* from = matrix + k * stride + j;
      if (n == P) {
        store(to, load(from));
        store(to + kWidth<T>, load(from + kWidth<T>));
      } else {
        copy_row(from, to, n);
        clear_row(to + n, P - n);
      }
    }
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
    for (int64_t i = 0; i < n; ++i) {
      const T* from = matrix + (j + i) * stride;
      for (int64_t k = 0; k < rows; ++k) to[k * P + i] = from[k];
    }
    for (int64_t k = 0; n < P && k < rows; ++k) {
      clear_row(to + k * P + n, P - n);
    }
  }
}

// Columns [begin, begin + count) of a view's row k, as part of one tile's row.
template <class T>
ELMAN_ALWAYS_INLINE void pack_part(const RowView<T>& view, const T* row,
                                   const T* scale, int64_t begin,
                                   int64_t count, T* to) {
  (void)view;
  if (scale) {
    for (int64_t i = 0; i < count; ++i) {
      to[i] = row[begin + i] * scale[begin + i];
    }
  } else if (count == ELMAN_TILE_ROWS) {
    __builtin_memcpy(to, row + begin, ELMAN_TILE_ROWS * sizeof(T));
  } else {
    for (int64_t i = 0; i < count; ++i) to[i] = row[begin + i];
  }
}

// Columns [begin, end) of a view, rows [k0, k0 + depth), into the tiles of the
// output rows first.. of a block that starts at output row m0: the layout is
// [tile][k][ELMAN_TILE_ROWS].
template <class T>
void pack_view(const RowView<T>& view, int64_t begin, int64_t end,
               int64_t first, int64_t k0, int64_t depth, T* tiles) {
  constexpr int64_t R = ELMAN_TILE_ROWS;
  int64_t outer = k0 / view.inner, inner = k0 % view.inner;
  for (int64_t k = 0; k < depth; ++k) {
    const T* row =
        view.data + outer * view.outer_stride + inner * view.inner_stride;
    const T* scale =
        view.scale ? view.scale + inner * view.scale_stride : nullptr;
    int64_t column = begin, place = first;
    while (column < end) {
      const int64_t within = place % R;
      const int64_t room = R - within;
      const int64_t count = end - column < room ? end - column : room;
      T* to = tiles + ((place / R) * depth + k) * R + within;
      pack_part(view, row, scale, column, count, to);
      column += count;
      place += count;
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
