// Choosing along an axis by index: take, and its gradient.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <algorithm>
#include <cstring>
#include <string>

#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

// [outer, extent, inner] is the array seen from the axis; [outer, count, inner]
// is what the indices take from it.
struct Taking {
  int64_t outer, extent, inner, count;
  const int32_t* indices;

  Taking(const Array& whole, const Array& index, const Array& part,
         const Attributes& attributes) {
    require_dtype(index, DType::kInt32);
    require_dtype(part, whole.dtype);
    const int rank = whole.shape.rank();
    const int axis = checked_axis(attributes.integer("axis", 0), rank);
    outer = whole.shape.size(0, axis);
    extent = whole.shape[axis];
    inner = whole.shape.size(axis + 1, rank);
    count = index.size();
    indices = index.as<int32_t>();
    require(part.size() == outer * count * inner,
            "the taken part has another size");
    for (int64_t i = 0; i < count; ++i) {
      if (indices[i] < 0 || indices[i] >= extent) {
        throw std::invalid_argument("index " + std::to_string(indices[i]) +
                                    " is outside 0.." +
                                    std::to_string(extent - 1));
      }
    }
  }
};

// in: x, indices (int32, from 0). Rows are copied whole.
void take(const Arrays& in, const Arrays& out, const Attributes& attributes) {
  require_counts(in, 2, out, 1);
  const Taking t(in[0], in[1], out[0], attributes);
  const int64_t bytes = t.inner * dtype_bytes(in[0].dtype);
  const char* from = in[0].as<char>();
  char* to = out[0].as<char>();
  if (bytes == 0 || t.count == 0) return;
  const int64_t grain = std::max<int64_t>(1, kGrain / t.inner);
  parallel_for(t.outer * t.count, grain, [&](int64_t begin, int64_t end) {
    int64_t block = begin / t.count, i = begin % t.count;
    for (int64_t row = begin; row < end; ++row) {
      const int64_t source = block * t.extent + t.indices[i];
      std::memcpy(to + row * bytes, from + source * bytes,
                  static_cast<size_t>(bytes));
      if (++i == t.count) {
        i = 0;
        ++block;
      }
    }
  });
}

// dx[begin..end) of the axis, for every outer block: the rows of dy that were
// taken from there, added in the order of the indices.
template <class T>
void add_rows(const Taking& t, const T* dy, T* dx, int64_t begin, int64_t end) {
  for (int64_t block = 0; block < t.outer; ++block) {
    T* to = dx + block * t.extent * t.inner;
    const T* from = dy + block * t.count * t.inner;
    std::fill(to + begin * t.inner, to + end * t.inner, T(0));
    for (int64_t i = 0; i < t.count; ++i) {
      const int64_t target = t.indices[i];
      if (target < begin || target >= end) continue;
      T* sum = to + target * t.inner;
      const T* row = from + i * t.inner;
      for (int64_t j = 0; j < t.inner; ++j) sum[j] += row[j];
    }
  }
}

// in: dy, indices. A thread owns a range of the axis and scans all indices for
// it, so that sums do not depend on the number of threads.
void take_gradient(const Arrays& in, const Arrays& out,
                   const Attributes& attributes) {
  require_counts(in, 2, out, 1);
  const Taking t(out[0], in[1], in[0], attributes);
  const int64_t each =
      std::max<int64_t>(1, (t.extent + t.count) * t.outer * t.inner /
                               std::max<int64_t>(1, t.extent));
  visit_floating(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    parallel_for(t.extent, std::max<int64_t>(1, kGrain / each),
                 [&](int64_t begin, int64_t end) {
                   add_rows<T>(t, in[0].as<T>(), out[0].as<T>(), begin, end);
                 });
  });
}

}  // namespace

void register_take(Registry& registry) {
  registry.add({
      {"take", take},
      {"take_gradient", take_gradient},
  });
}

}  // namespace elman
