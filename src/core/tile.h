// Region file (see for_each_isa.h): the register tile under every product.
//
//   out[i][j] = start[i][j] + sum_k first[i][k] P[k][j] + sum_k second[i][k] P[F + k][j]
//
// P is packed in panels of two vectors: [panel][k][kPanel]. A tile holds up to
// ELMAN_TILE_ROWS x 2 vectors in registers; for each k it loads one row of the
// panel and broadcasts one element per row. Each output sums over k in order, in
// chains of kChain steps, so that a deep sum loses less to rounding. The shape
// of the tile does not matter: how rows are cut into tiles, blocks and threads
// never changes a bit.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
constexpr int kPanel = 2 * kWidth<T>;

// Steps of an operand's depth that are summed before they are added to the sum of
// those before them.
constexpr int64_t kChain = 96;

// Elements of a panel that is worth fetching ahead.
template <class T>
constexpr int64_t kDeepPanel = 32768 / sizeof(T);

// One left operand: element (i, k) is data[i * stride + k], or, transposed,
// data[k * stride + i].
template <class T>
struct Operand {
  const T* data;
  int64_t stride;
  int64_t depth;
};

template <class T>
struct TileTask {
  Operand<T> first, second;  // depth 0: absent
  const T* panel;            // the panel of the first column
  int64_t panel_stride;      // elements from a panel to the next
  const T* start;            // null: zeros
  int64_t start_stride;      // 0: one row for all
  T* out;
  int64_t out_stride;
};

// A task whose first operand is transposed and lies in lines: its data begin
// with `left` rows, then come `line` at a time, from `next` on every
// `line_stride` elements. Rows of its panels are `panel_row` elements apart.
template <class T>
struct LinesTask : TileTask<T> {
  int64_t left, line;
  const T* next;
  int64_t line_stride;
  int64_t panel_row;
};

// How a tile takes its left operands; kFetching is plain, and fetches `step`
// elements from `ahead` on for each k.
enum class Left { kPlain, kTransposed, kFetching, kLines };

// One step of the depth: panel[0..] and the elements of a row each.
template <class T, int kRows, int kVectors, class Element>
ELMAN_ALWAYS_INLINE void add_step(typename Simd<T>::V (&sum)[kRows][kVectors],
                                  const T* panel, int64_t panel_stride,
                                  Element element) {
  typedef typename Simd<T>::V V;
  V b[kVectors];
  ELMAN_UNROLL
  for (int v = 0; v < kVectors; ++v) {
    b[v] = load(panel + (v / 2) * panel_stride + (v % 2) * kWidth<T>);
  }
  ELMAN_UNROLL
  for (int i = 0; i < kRows; ++i) {
    const V x = broadcast(element(i));
    ELMAN_UNROLL
    for (int v = 0; v < kVectors; ++v) sum[i][v] = x * b[v] + sum[i][v];
  }
}

// Two steps at a time, for tiles of many rows: what is no multiply-add in a
// step is then less by a fifth. Leaves the last step of an odd depth.
template <class T, int kRows, Left kLeft>
ELMAN_ALWAYS_INLINE void add_pairs(typename Simd<T>::V (&sum)[kRows][2],
                                   Operand<T>* a, const T** panel,
                                   const T** ahead, int64_t step) {
  const int64_t stride = a->stride;
  const T* rows = a->data;
  // Rows are reached from the first and the fourth one, in the ways of
  // addressing that processors have.
  const T* fourth = rows + 3 * stride;
  for (; a->depth >= 2; a->depth -= 2) {
    if constexpr (kLeft == Left::kFetching) {
      __builtin_prefetch(*ahead, 0, 2);
      *ahead += 2 * step;
    }
    // Or else it keeps a register for each row and step, of too few.
    ELMAN_FORGET(rows);
    ELMAN_FORGET(fourth);
    ELMAN_UNROLL
    for (int k = 0; k < 2; ++k) {
      add_step(sum, *panel + k * kPanel<T>, 0, [&](int i) {
        return i < 3 ? rows[i * stride + k] : fourth[(i - 3) * stride + k];
      });
    }
    *panel += 2 * kPanel<T>;
    rows += 2;
    fourth += 2;
  }
  a->data = rows;
}

template <class T, int kRows, int kVectors, Left kLeft>
ELMAN_ALWAYS_INLINE void accumulate(
    typename Simd<T>::V (&sum)[kRows][kVectors], Operand<T> a, const T* panel,
    int64_t panel_stride, const T* ahead = nullptr, int64_t step = 0,
    int64_t panel_row = kPanel<T>) {
  constexpr bool kTransposed =
      kLeft == Left::kTransposed || kLeft == Left::kLines;
  if constexpr (kRows > 3 && kVectors == 2 && !kTransposed) {
    if (a.depth >= 2) {
      add_pairs<T, kRows, kLeft>(sum, &a, &panel, &ahead, step);
    }
  }
  const T* rows = a.data;
  for (int64_t k = 0; k < a.depth; ++k) {
    if constexpr (kLeft == Left::kFetching) {
      __builtin_prefetch(ahead, 0, 2);
      ahead += step;
    }
    add_step(sum, panel, panel_stride, [&](int i) {
      return kTransposed ? rows[i] : rows[i * a.stride];
    });
    panel += panel_row;
    rows += kTransposed ? a.stride : 1;
  }
}

template <class T>
ELMAN_ALWAYS_INLINE Operand<T> rows_from(const Operand<T>& a, int64_t row) {
  return {a.data + row * a.stride, a.stride, a.depth};
}

// The next steps of an operand, which moves on.
template <class T, int kRows, int kVectors, Left kLeft>
ELMAN_ALWAYS_INLINE void accumulate_next(
    typename Simd<T>::V (&sum)[kRows][kVectors], Operand<T>* a, int64_t steps,
    const T* panel, int64_t panel_stride, const T* ahead = nullptr,
    int64_t step = 0, int64_t panel_row = kPanel<T>) {
  constexpr bool kInRows = kLeft == Left::kPlain || kLeft == Left::kFetching;
  accumulate<T, kRows, kVectors, kLeft>(sum, {a->data, a->stride, steps}, panel,
                                        panel_stride, ahead, step, panel_row);
  a->data += kInRows ? steps : steps * a->stride;
  a->depth -= steps;
}

// The same over the lines that `a` and `next` stand in.
template <class T, int kRows, int kVectors>
ELMAN_ALWAYS_INLINE void accumulate_lines(
    typename Simd<T>::V (&sum)[kRows][kVectors], const LinesTask<T>& task,
    Operand<T>* a, const T** next, int64_t steps, const T* panel) {
  while (steps > 0) {
    const int64_t here = a->depth < steps ? a->depth : steps;
    accumulate_next<T, kRows, kVectors, Left::kLines>(
        sum, a, here, panel, 0, nullptr, 0, task.panel_row);
    steps -= here;
    panel += here * task.panel_row;
    if (a->depth > 0) continue;
    *a = {*next, a->stride, task.line};
    *next += task.line_stride;
  }
}

template <class V, class T, int kRows, int kVectors>
ELMAN_ALWAYS_INLINE void add_sums(const T* from, int64_t stride,
                                  V (&sum)[kRows][kVectors]) {
  ELMAN_UNROLL
  for (int i = 0; i < kRows; ++i) {
    ELMAN_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      sum[i][v] += load(from + i * stride + v * kWidth<T>);
    }
  }
}

// Sums in memory that others are added to; null: none.
template <class T>
struct Held {
  const T* sums;
  int64_t stride;
};

template <class V, class T, int kRows, int kVectors>
ELMAN_ALWAYS_INLINE void store_sums(const V (&sum)[kRows][kVectors], T* out,
                                    int64_t stride) {
  ELMAN_UNROLL
  for (int i = 0; i < kRows; ++i) {
    ELMAN_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      store(out + i * stride + v * kWidth<T>, sum[i][v]);
    }
  }
}

// `from` null: zeros.
template <class V, class T, int kRows, int kVectors>
ELMAN_ALWAYS_INLINE void begin_sums(const T* from, int64_t stride,
                                    V (&sum)[kRows][kVectors]) {
  ELMAN_UNROLL
  for (int i = 0; i < kRows; ++i) {
    ELMAN_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      sum[i][v] = from ? load(from + i * stride + v * kWidth<T>) : V{};
    }
  }
}

// Puts the sums where they are held while others begin with zeros.
template <class V, class T, int kRows, int kVectors>
ELMAN_ALWAYS_INLINE Held<T> hold_sums(V (&sum)[kRows][kVectors], T* place) {
  constexpr int64_t kRow = kVectors * kWidth<T>;
  store_sums(sum, place, kRow);
  begin_sums<V, T>(nullptr, 0, sum);
  return {place, kRow};
}

// Rows row.. of a task by the columns of one of its panels. An operand of one
// chain goes on from the sum before it; the chains of a deeper one begin with
// zeros, and the sum before them is held in memory. The task is not copied to be
// moved: a copy would read by whole vectors what was just written by fields, and
// wait until all that was written before is in the cache.
template <class T, int kRows, int kVectors, Left kLeft>
__attribute__((noinline)) void tile(const TileTask<T>& task, int64_t row = 0,
                                    int64_t panel = 0,
                                    const T* ahead = nullptr,
                                    int64_t step = 0) {
  typename Simd<T>::V sum[kRows][kVectors];
  alignas(64) T place[kRows * kVectors * kWidth<T>];
  const T* at = task.panel + panel * task.panel_stride;
  Held<T> held = {task.start, task.start_stride};
  if (held.sums) held.sums += row * held.stride + panel * kPanel<T>;
  Operand<T> a = rows_from(task.first, row);
  const T* next_line = nullptr;
  int64_t panel_row = kPanel<T>;
  if constexpr (kLeft == Left::kLines) {
    const auto& in_lines = static_cast<const LinesTask<T>&>(task);
    a = {task.first.data + row, task.first.stride, in_lines.left};
    next_line = in_lines.next + row;
    panel_row = in_lines.panel_row;
  }
  int64_t depth = task.first.depth;
  const bool goes_on = depth <= kChain && held.sums;
  begin_sums(goes_on ? held.sums : nullptr, held.stride, sum);
  if (goes_on) held.sums = nullptr;
  for (bool is_last = task.second.depth == 0;; is_last = true) {
    for (;; depth -= kChain) {
      const int64_t steps = depth < kChain ? depth : kChain;
      if constexpr (kLeft == Left::kLines) {
        accumulate_lines<T>(sum, static_cast<const LinesTask<T>&>(task), &a,
                            &next_line, steps, at);
      } else {
        accumulate_next<T, kRows, kVectors, kLeft>(
            sum, &a, steps, at, task.panel_stride, ahead, step);
      }
      at += steps * panel_row;
      ahead += steps * step;
      if (held.sums) add_sums(held.sums, held.stride, sum);
      if (depth <= kChain) break;
      held = hold_sums(sum, place);
    }
    if (is_last) break;
    held.sums = nullptr;
    a = rows_from(task.second, row);
    depth = a.depth;
    if (depth > kChain) held = hold_sums(sum, place);
  }
  store_sums(sum, task.out + row * task.out_stride + panel * kPanel<T>,
             task.out_stride);
}

template <class T, int kVectors, Left kLeft = Left::kPlain,
          int kRows = ELMAN_TILE_ROWS>
ELMAN_ALWAYS_INLINE void tile_of(int64_t rows, const TileTask<T>& task,
                                 int64_t row = 0, int64_t panel = 0) {
  if constexpr (kRows > 0) {
    if (rows == kRows) {
      return tile<T, kRows, kVectors, kLeft>(task, row, panel);
    }
    tile_of<T, kVectors, kLeft, kRows - 1>(rows, task, row, panel);
  }
}

// All rows of one panel, in tiles of nearly equal heights: 16 rows are 6 + 5 +
// 5, since a tile of few rows waits for its own sums.
template <class T, int kVectors>
void tile_rows(int64_t rows, const TileTask<T>& task, int64_t panel) {
  const int64_t tiles = (rows + ELMAN_TILE_ROWS - 1) / ELMAN_TILE_ROWS;
  for (int64_t i = 0; i < tiles; ++i) {
    const int64_t begin = rows * i / tiles, end = rows * (i + 1) / tiles;
    tile_of<T, kVectors>(end - begin, task, begin, panel);
  }
}

// The same for deep panels, of which few fit into the L2 cache: each tile has
// its share of the next panel brought there, or else the first tile of every
// panel would wait for it.
template <class T>
void fetching_tile_rows(int64_t rows, const TileTask<T>& task, int64_t panel) {
  constexpr int64_t R = ELMAN_TILE_ROWS;
  const int64_t tiles = (rows + R - 1) / R;
  const int64_t depth = task.first.depth + task.second.depth;
  const int64_t step = (kPanel<T> + tiles - 1) / tiles;
  const T* next = task.panel + (panel + 1) * task.panel_stride;
  for (int64_t i = 0; i < tiles; ++i, next += depth * step) {
    const int64_t begin = rows * i / tiles, end = rows * (i + 1) / tiles;
    if (end - begin == R) {
      tile<T, R, 2, Left::kFetching>(task, begin, panel, next, step);
    } else if (end - begin == R - 1) {
      tile<T, R - 1, 2, Left::kFetching>(task, begin, panel, next, step);
    } else {
      tile_of<T, 2>(end - begin, task, begin, panel);
    }
  }
}

// rows x columns of out; columns is a multiple of the vector width. One or two
// rows take several panels at once, again to have enough sums under way.
template <class T>
void multiply(int64_t rows, int64_t columns, const TileTask<T>& task) {
  int64_t panel = 0;
  const int64_t whole = columns / kPanel<T>;
  if (rows == 1) {
    for (; panel + 4 <= whole; panel += 4) {
      tile<T, 1, 8, Left::kPlain>(task, 0, panel);
    }
  }
  if (rows <= 2) {
    for (; panel + 2 <= whole; panel += 2) {
      rows == 1 ? tile<T, 1, 4, Left::kPlain>(task, 0, panel)
                : tile<T, 2, 4, Left::kPlain>(task, 0, panel);
    }
  }
  const bool deep = task.panel_stride > kDeepPanel<T>;
  for (; panel < whole; ++panel) {
    deep ? fetching_tile_rows(rows, task, panel)
         : tile_rows<T, 2>(rows, task, panel);
  }
  if (columns % kPanel<T> != 0) tile_rows<T, 1>(rows, task, panel);
}

// Both widths, for those who lay out what tiles work on.
template <class T>
int64_t panel_width() {
  return kPanel<T>;
}

template <class T>
int64_t vector_width() {
  return kWidth<T>;
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
