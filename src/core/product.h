// Region file (see for_each_isa.h): blocked matrix products. Columns are taken
// by kColumnBlock, the depth by kDepthBlock (a panel then stays in the L1
// cache), rows by kRowBlock (which then stay in the L2 cache). Each output sums
// in the order of k wherever the blocks are cut, so threads may share the
// rows and columns in any way.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
constexpr int64_t kDepthBlock = 1024 / sizeof(T);
constexpr int64_t kRowBlock = 20 * ELMAN_TILE_ROWS;
constexpr int64_t kColumnBlock = 512;
// Tiles of the left operand lie so many steps further apart than they are deep,
// or else their lines would share a few places of the L1 cache.
constexpr int64_t kTileGap = 8;

template <class T>
constexpr int64_t kLeftScratch = kRowBlock * (kDepthBlock<T> + kTileGap);

// Elements of packing scratch that product_block() needs.
template <class T>
int64_t packing_size() {
  return kLeftScratch<T> + kColumnBlock * kDepthBlock<T>;
}

// A part of the output: rows [m0, m1), columns [n0, n1), depth [k0, k1).
struct Part {
  int64_t m0, m1, n0, n1, k0, k1;
};

// Products of at most so many columns take their views as they lie: to pack them
// would cost more. The second bound is that of one block of rows, which stays in
// the L2 cache while all columns go through it.
constexpr int64_t kMostNarrow = 64, kMostOfABlock = 256;
// Rows so many bytes apart have but one set of the L1 cache among them.
constexpr int64_t kOneSet = 4096;

template <class T>
constexpr int64_t kWholeTile = ELMAN_TILE_ROWS * kPanel<T>;

template <class T>
class ProductBlock {
 public:
  ProductBlock(const Product<T>& product, T* scratch)
      : p_(product),
        left_(scratch),
        right_(scratch + kLeftScratch<T>),
        in_lines_(is_in_lines(product)),
        right_as_is_(in_lines_ && right_is_panel(product)) {}

  void run(int64_t m0, int64_t m1, int64_t n0, int64_t n1) {
    for (int64_t k0 = 0; k0 == 0 || k0 < p_.K; k0 += kDepthBlock<T>) {
      const int64_t k1 =
          k0 + kDepthBlock<T> < p_.K ? k0 + kDepthBlock<T> : p_.K;
      if (!right_as_is_) pack_right({m0, m1, n0, n1, k0, k1});
      for (int64_t m = m0; m < m1; m += kRowBlock) {
        const int64_t end = m + kRowBlock < m1 ? m + kRowBlock : m1;
        run_rows({m, end, n0, n1, k0, k1});
      }
    }
  }

 private:
  // The view with as many rows in a line as are evenly spaced.
  static RowView<T> in_lines(RowView<T> view, int64_t K) {
    if (view.inner == 1) view.inner_stride = view.outer_stride;
    if (view.inner == 1 ||
        view.outer_stride == view.inner * view.inner_stride) {
      view.inner = K > 0 ? K : 1;
    }
    return view;
  }

  static bool is_in_lines(const Product<T>& product) {
    const int64_t most = product.M > kRowBlock ? kMostNarrow : kMostOfABlock;
    if (product.plain || product.N > most) return false;
    for (const RowView<T>& view : product.views) {
      if (view.columns == 0) continue;
      const int64_t row = in_lines(view, product.K).inner_stride * sizeof(T);
      const bool is_crowded = product.N > kPanel<T> && row % kOneSet == 0;
      if (view.scale || is_crowded) return false;
    }
    return true;
  }

  // Whether the right operand is a panel already.
  static bool right_is_panel(const Product<T>& product) {
    constexpr int64_t W = kWidth<T>;
    return !product.right_transposed && product.right_stride <= kPanel<T> &&
           (product.N + W - 1) / W * W <= product.right_columns;
  }

  void pack_right(const Part& at) {
    const int64_t depth = at.k1 - at.k0;
    const int64_t n1 = at.n1 < p_.N ? at.n1 : p_.right_columns;
    if (p_.right_transposed) {
      pack_transposed(p_.right + at.n0 * p_.right_stride + at.k0,
                      p_.right_stride, depth, at.n1 - at.n0, right_, depth, 0);
    } else {
      pack_rows(p_.right + at.k0 * p_.right_stride + at.n0, p_.right_stride,
                depth, n1 - at.n0, right_, depth, 0);
    }
  }

  void run_rows(const Part& at) {
    if (in_lines_) return rows_in_lines(at);
    const int64_t columns = at.n1 - at.n0;
    const int64_t whole = columns / kPanel<T> * kPanel<T>;
    if (p_.plain) {
      if (whole > 0) multiply(at.m1 - at.m0, whole, plain_task(at));
    } else {
      pack_left(at);
      for (int64_t j = 0; j < whole; j += kPanel<T>) tiles_of_panel(at, j);
    }
    if (whole < columns) tiles_of_panel(at, whole);
  }

  static int64_t tile_stride(int64_t depth) {
    return (depth + kTileGap) * ELMAN_TILE_ROWS;
  }

  void pack_left(const Part& at) {
    constexpr int64_t R = ELMAN_TILE_ROWS;
    const int64_t depth = at.k1 - at.k0, rows = at.m1 - at.m0;
    int64_t view_begin = 0;
    for (const RowView<T>& view : p_.views) {
      const int64_t view_end = view_begin + view.columns;
      const int64_t begin = at.m0 > view_begin ? at.m0 : view_begin;
      const int64_t end = at.m1 < view_end ? at.m1 : view_end;
      if (begin < end) {
        pack_view(view, begin - view_begin, end - view_begin, begin - at.m0,
                  at.k0, depth, left_, tile_stride(depth));
      }
      view_begin = view_end;
    }
    if (rows % R == 0) return;
    T* last = left_ + rows / R * tile_stride(depth) + rows % R;
    for (int64_t k = 0; k < depth; ++k) clear_row(last + k * R, R - rows % R);
  }

  int64_t out_stride() const {
    return p_.out_stride > 0 ? p_.out_stride : p_.N;
  }

  T* out_row(int64_t m) const {
    if (p_.plain) return p_.out + m * out_stride();
    const int64_t first = p_.views[0].columns;
    return m < first ? p_.views[0].out + m * out_stride()
                     : p_.views[1].out + (m - first) * out_stride();
  }

  // Rows that follow each other in memory, and so can be written by a tile.
  bool contiguous(int64_t m0, int64_t m1) const {
    const int64_t first = p_.views[0].columns;
    return p_.plain || m1 <= first || m0 >= first;
  }

  TileTask<T> plain_task(const Part& at) const {
    TileTask<T> task = {};
    const int64_t depth = at.k1 - at.k0;
    if (depth > 0) task.first = {p_.left + at.m0 * p_.K + at.k0, p_.K, depth};
    task.panel = right_;
    task.panel_stride = depth * kPanel<T>;
    task.out = out_row(at.m0) + at.n0;
    task.out_stride = out_stride();
    start_from(at, &task);
    return task;
  }

  void start_from(const Part& at, TileTask<T>* task) const {
    if (at.k0 > 0) {
      task->start = task->out;
      task->start_stride = task->out_stride;
    } else {
      task->start = p_.bias ? p_.bias + at.n0 : nullptr;
      task->start_stride = 0;
    }
  }

  // The rows of a part by the panel that begins `j` columns into it. One task
  // serves all tiles: to make it anew, or to copy it, would wait until what the
  // last tile wrote is in the cache.
  void tiles_of_panel(const Part& at, int64_t j) {
    constexpr int64_t R = ELMAN_TILE_ROWS;
    const int64_t depth = at.k1 - at.k0;
    const int64_t left = at.n1 - at.n0 - j;
    const int64_t columns = left < kPanel<T> ? left : kPanel<T>;
    TileTask<T> task = {};
    task.panel = right_ + j * depth;
    task.panel_stride = depth * kPanel<T>;
    for (int64_t m = at.m0; m < at.m1; m += R) {
      const int64_t rows = at.m1 - m < R ? at.m1 - m : R;
      Part part = {m, m + rows, at.n0 + j, at.n0 + j + columns, at.k0, at.k1};
      if (!p_.plain) {
        task.first = {left_ + (m - at.m0) / R * tile_stride(depth), R, depth};
      } else if (depth > 0) {
        task.first = {p_.left + m * p_.K + at.k0, p_.K, depth};
      }
      const bool in_place = columns == kPanel<T> && contiguous(m, m + rows) &&
                            (p_.plain || rows == R);
      in_place ? tile_in_place(part, &task) : tile_by_copy(part, &task);
    }
  }

  void run_tile(int64_t rows, int64_t columns, const TileTask<T>& task) {
    constexpr int64_t R = ELMAN_TILE_ROWS;
    const bool half = columns <= kWidth<T>;
    if (!p_.plain) {
      half ? tile<T, R, 1, Left::kTransposed>(task)
           : tile<T, R, 2, Left::kTransposed>(task);
    } else {
      half ? tile_of<T, 1>(rows, task) : tile_of<T, 2>(rows, task);
    }
  }

  void tile_in_place(const Part& at, TileTask<T>* task) {
    task->out = out_row(at.m0) + at.n0;
    task->out_stride = out_stride();
    start_from(at, task);
    run_tile(at.m1 - at.m0, kPanel<T>, *task);
  }

  // A tile at an edge: by way of a whole one.
  void tile_by_copy(const Part& at, TileTask<T>* task) {
    T whole[kWholeTile<T>] = {};
    task->start = task->out = whole;
    task->start_stride = task->out_stride = kPanel<T>;
    copy_in(at, whole);
    run_tile(at.m1 - at.m0, at.n1 - at.n0, *task);
    copy_out(at, whole);
  }

  void copy_in(const Part& at, T* whole) const {
    const T* from = at.k0 > 0 ? nullptr : p_.bias;
    if (at.k0 == 0 && !from) return;
    for (int64_t m = at.m0; m < at.m1; ++m, whole += kPanel<T>) {
      copy_row((from ? from : out_row(m)) + at.n0, whole, at.n1 - at.n0);
    }
  }

  void copy_out(const Part& at, const T* whole) const {
    for (int64_t m = at.m0; m < at.m1; ++m, whole += kPanel<T>) {
      copy_row(whole, out_row(m) + at.n0, at.n1 - at.n0);
    }
  }

  // Rows of a part by all its panels, each view in tiles of its own.
  void rows_in_lines(const Part& at) {
    int64_t first = 0;
    for (const RowView<T>& view : p_.views) {
      const int64_t last = first + view.columns;
      Part part = at;
      if (part.m0 < first) part.m0 = first;
      if (part.m1 > last) part.m1 = last;
      if (part.m0 < part.m1) {
        panels_in_lines(part, task_in_lines(view, part, part.m0 - first));
      }
      first = last;
    }
  }

  void panels_in_lines(const Part& at, const LinesTask<T>& task) {
    const int64_t rows = at.m1 - at.m0;
    const int64_t tiles = (rows + ELMAN_TILE_ROWS - 1) / ELMAN_TILE_ROWS;
    int64_t panel = 0;
    for (int64_t n = at.n0; n < at.n1; n += kPanel<T>, ++panel) {
      const int64_t stop = n + kPanel<T> < at.n1 ? n + kPanel<T> : at.n1;
      const bool whole = stop - n == kPanel<T> || stop - n == kWidth<T>;
      for (int64_t i = 0; i < tiles; ++i) {
        const int64_t row = rows * i / tiles, end = rows * (i + 1) / tiles;
        if (whole) {
          tile_in_lines(end - row, stop - n, task, row, panel);
        } else {
          edge_in_lines({at.m0 + row, at.m0 + end, n, stop, at.k0, at.k1}, task,
                        row, panel);
        }
      }
    }
  }

  // Columns first.. of a view, from row k0 on, into the output in place.
  LinesTask<T> task_in_lines(const RowView<T>& given, const Part& at,
                             int64_t first) const {
    const RowView<T> view = in_lines(given, p_.K);
    const int64_t depth = at.k1 - at.k0;
    const int64_t outer = at.k0 / view.inner, inner = at.k0 % view.inner;
    const T* line = view.data + outer * view.outer_stride + first;
    LinesTask<T> task = {};
    task.first = {line + inner * view.inner_stride, view.inner_stride, depth};
    task.left = view.inner - inner;
    task.line = view.inner;
    task.next = line + view.outer_stride;
    task.line_stride = view.outer_stride;
    task.panel = right_as_is_ ? p_.right + at.k0 * p_.right_stride : right_;
    task.panel_row = right_as_is_ ? p_.right_stride : kPanel<T>;
    task.panel_stride = depth * kPanel<T>;
    task.out = out_row(at.m0) + at.n0;
    task.out_stride = out_stride();
    start_from(at, &task);
    return task;
  }

  static void tile_in_lines(int64_t rows, int64_t columns,
                            const LinesTask<T>& task, int64_t row,
                            int64_t panel) {
    columns <= kWidth<T> ? tile_of<T, 1, Left::kLines>(rows, task, row, panel)
                         : tile_of<T, 2, Left::kLines>(rows, task, row, panel);
  }

  // A tile whose columns are no whole vectors: by way of a whole one.
  void edge_in_lines(const Part& at, LinesTask<T> task, int64_t row,
                     int64_t panel) {
    T whole[kWholeTile<T>] = {};
    task.first.data += row;
    task.next += row;
    task.panel += panel * task.panel_stride;
    task.start = task.out = whole;
    task.start_stride = task.out_stride = kPanel<T>;
    copy_in(at, whole);
    tile_in_lines(at.m1 - at.m0, at.n1 - at.n0, task, 0, 0);
    copy_out(at, whole);
  }

  const Product<T>& p_;
  T* left_;   // tiles [k][ELMAN_TILE_ROWS], tile_stride() elements apart
  T* right_;  // [panel][k][kPanel]
  const bool in_lines_, right_as_is_;
};

// The sum over K rows of column m of a view times `right`.
template <class T>
T view_product(const RowView<T>& view, int64_t m, const T* right, int64_t down,
               int64_t K, T sum) {
  const T* line = view.data + m;
  for (int64_t k = 0; k < K; line += view.outer_stride) {
    for (int64_t i = 0; i < view.inner && k < K; ++i, ++k, right += down) {
      T x = line[i * view.inner_stride];
      if (view.scale) x *= view.scale[i * view.scale_stride + m];
      sum = x * *right + sum;
    }
  }
  return sum;
}

// A product of few numbers, which takes less time than to pack them; each sum as
// in a tile, in one chain.
template <class T>
void few_products(const Product<T>& p) {
  const int64_t out_stride = p.out_stride > 0 ? p.out_stride : p.N;
  const int64_t across = p.right_transposed ? p.right_stride : 1;
  const int64_t down = p.right_transposed ? 1 : p.right_stride;
  for (int64_t n = 0; n < p.N; ++n) {
    const T start = p.bias ? p.bias[n] : T(0);
    const T* right = p.right + n * across;
    for (int64_t m = 0; p.plain && m < p.M; ++m) {
      const T* left = p.left + m * p.K;
      T sum = start;
      for (int64_t k = 0; k < p.K; ++k) sum = left[k] * right[k * down] + sum;
      p.out[m * out_stride + n] = sum;
    }
    for (const RowView<T>& view : p.views) {
      for (int64_t m = 0; m < view.columns; ++m) {
        view.out[m * out_stride + n] =
            view_product(view, m, right, down, p.K, start);
      }
    }
  }
}

template <class T>
void product_block(const Product<T>& product, int64_t m0, int64_t m1,
                   int64_t n0, int64_t n1, T* scratch) {
  ProductBlock<T>(product, scratch).run(m0, m1, n0, n1);
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
