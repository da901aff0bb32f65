// Order and places: sorting, searching in sorted numbers, choosing and writing
// one element per index.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

// The lines of an array along an axis: line i begins at begin(i), its elements
// are `inner` apart.
struct Lines {
  int64_t extent, inner, count;

  Lines(const Shape& shape, int axis)
      : extent(shape[axis]),
        inner(shape.size(axis + 1, shape.rank())),
        count(shape.size(0, axis) * inner) {}

  int64_t begin(int64_t i) const {
    return i / inner * extent * inner + i % inner;
  }
};

int axis_of(const Array& x, const Attributes& attributes) {
  return checked_axis(attributes.integer("axis"), x.shape.rank());
}

// f(line) for every line, on as many threads as the work is worth.
template <class F>
void for_each_line(int64_t count, int64_t extent, F&& f) {
  parallel_for(count, std::max<int64_t>(1, kGrain / (extent + 1)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) f(i);
               });
}

// Is a before b? NaN comes last, as in NumPy.
template <class T>
bool before(T a, T b) {
  return a < b || (b != b && a == a);
}

// The 0-based indices that sort each line; equal elements keep their order.
void argsort(const Arrays& in, const Arrays& out,
             const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  require_dtype(out[0], DType::kInt32);
  require_same_size(in[0], out[0]);
  const bool falling = attributes.flag("descending", false);
  const Lines lines(in[0].shape, axis_of(in[0], attributes));
  visit_number(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    for_each_line(lines.count, lines.extent, [&](int64_t i) {
      const T* x = in[0].as<T>() + lines.begin(i);
      int32_t* y = out[0].as<int32_t>() + lines.begin(i);
      std::vector<int32_t> order(static_cast<size_t>(lines.extent));
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
        const T u = x[a * lines.inner], v = x[b * lines.inner];
        return falling ? before(v, u) : before(u, v);
      });
      for (int64_t k = 0; k < lines.extent; ++k) {
        y[k * lines.inner] = order[static_cast<size_t>(k)];
      }
    });
  });
}

// in: sorted numbers [n], values. How many of the numbers come before a value:
// those below it, or with `right` those not above it.
void searchsorted(const Arrays& in, const Arrays& out,
                  const Attributes& attributes) {
  require_counts(in, 2, out, 1);
  require_dtype(in[1], in[0].dtype);
  require_dtype(out[0], DType::kInt32);
  require_same_size(in[1], out[0]);
  const bool right = attributes.flag("right", false);
  visit_number(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* first = in[0].as<T>();
    const T* last = first + in[0].size();
    for_each_line(in[1].size(), 16, [&](int64_t i) {
      const T value = in[1].as<T>()[i];
      const T* at = right ? std::upper_bound(first, last, value, before<T>)
                          : std::lower_bound(first, last, value, before<T>);
      out[0].as<int32_t>()[i] = static_cast<int32_t>(at - first);
    });
  });
}

int32_t checked_index(int32_t index, int64_t extent) {
  if (index < 0 || index >= extent) {
    throw std::invalid_argument("index " + std::to_string(index) +
                                " is outside 0.." + std::to_string(extent - 1));
  }
  return index;
}

// Lines of the whole, and of the part that one index each takes from them.
struct Along {
  Lines whole, part;
  const int32_t* index;

  Along(const Array& from, const Array& indices, const Array& taken,
        const Attributes& attributes)
      : whole(from.shape, axis_of(from, attributes)),
        part(indices.shape, axis_of(indices, attributes)),
        index(indices.as<int32_t>()) {
    require_dtype(indices, DType::kInt32);
    require_dtype(taken, from.dtype);
    require_same_size(indices, taken);
    require(whole.count == part.count && whole.inner == part.inner,
            "indices have another shape beside the axis");
    for (int64_t i = 0; i < indices.size(); ++i) {
      checked_index(index[i], whole.extent);
    }
  }
};

// in: x, indices (int32, from 0) of x's shape but for the axis.
void take_along(const Arrays& in, const Arrays& out,
                const Attributes& attributes) {
  require_counts(in, 2, out, 1);
  const Along a(in[0], in[1], out[0], attributes);
  visit_number(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    for_each_line(a.part.count, a.part.extent, [&](int64_t i) {
      const T* x = in[0].as<T>() + a.whole.begin(i);
      const int64_t begin = a.part.begin(i);
      for (int64_t k = 0; k < a.part.extent; ++k) {
        const int64_t at = begin + k * a.part.inner;
        out[0].as<T>()[at] = x[a.index[at] * a.part.inner];
      }
    });
  });
}

// in: dy, indices; out: zeros, with dy added where it was taken.
void take_along_gradient(const Arrays& in, const Arrays& out,
                         const Attributes& attributes) {
  require_counts(in, 2, out, 1);
  const Along a(out[0], in[1], in[0], attributes);
  visit_floating(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    for_each_line(a.part.count, a.part.extent + a.whole.extent, [&](int64_t i) {
      T* dx = out[0].as<T>() + a.whole.begin(i);
      for (int64_t k = 0; k < a.whole.extent; ++k) dx[k * a.whole.inner] = T(0);
      const int64_t begin = a.part.begin(i);
      for (int64_t k = 0; k < a.part.extent; ++k) {
        const int64_t at = begin + k * a.part.inner;
        dx[a.index[at] * a.part.inner] += in[0].as<T>()[at];
      }
    });
  });
}

// in: indices (int32, from 0) [..., depth] into an array whose first sizes are
// attribute "sizes"; out: their row-major places [...].
void flat_index(const Arrays& in, const Arrays& out,
                const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  require_dtype(in[0], DType::kInt32);
  require_dtype(out[0], DType::kInt32);
  const std::vector<int64_t> sizes = attributes.integers("sizes");
  const int64_t depth = static_cast<int64_t>(sizes.size());
  require(in[0].size() == out[0].size() * depth,
          "indices need one number per axis");
  double places = 1;
  for (int64_t size : sizes) places *= static_cast<double>(size);
  require(places <= INT32_MAX, "there are too many places for int32");
  const int32_t* index = in[0].as<int32_t>();
  for (int64_t i = 0; i < out[0].size(); ++i) {
    int64_t place = 0;
    for (int64_t k = 0; k < depth; ++k) {
      const int64_t size = sizes[static_cast<size_t>(k)];
      place = place * size + checked_index(index[i * depth + k], size);
    }
    out[0].as<int32_t>()[i] = static_cast<int32_t>(place);
  }
}

// in: places (int32, from 0); out: for every element which place named it last,
// -1 where none did.
void last_writer(const Arrays& in, const Arrays& out, const Attributes&) {
  require_counts(in, 1, out, 1);
  require_dtype(in[0], DType::kInt32);
  require_dtype(out[0], DType::kInt32);
  int32_t* writer = out[0].as<int32_t>();
  std::fill(writer, writer + out[0].size(), -1);
  const int32_t* place = in[0].as<int32_t>();
  for (int64_t i = 0; i < in[0].size(); ++i) {
    writer[checked_index(place[i], out[0].size())] = static_cast<int32_t>(i);
  }
}

}  // namespace

void register_order(Registry& registry) {
  registry.add({
      {"argsort", argsort},
      {"searchsorted", searchsorted},
      {"take_along", take_along},
      {"take_along_gradient", take_along_gradient},
      {"flat_index", flat_index},
      {"last_writer", last_writer},
  });
}

}  // namespace elman
