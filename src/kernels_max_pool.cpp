// The largest number of each window of a sequence, channel by channel, and its
// gradient, which goes to the first place that holds it.
//
//   y[b, o, c]  = max over k of x[b, o * stride + k - before, c]
//   dx[b, p, c] = sum of dy[b, o, c] over the windows o whose maximum is at p
//
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <algorithm>
#include <limits>

#include "core/thread_pool.h"
#include "core/windows.h"

namespace elman {
namespace {

// Where the largest number of window o lies, for channel c; a NaN is larger
// than all. There is at least one place inside.
template <class T>
int64_t largest_place(const Windows& w, const T* x, int64_t o, int64_t c) {
  T best = -std::numeric_limits<T>::infinity();
  int64_t at = -1;
  for (int64_t k = 0; k < w.window[2]; ++k) {
    const int64_t p = w.place(2, o, k);
    if (!w.inside(2, p)) continue;
    const T value = x[p * w.channels + c];
    if (at < 0 || value > best || (value != value && best == best)) {
      best = value;
      at = p;
    }
  }
  return at;
}

void require_filled(const Windows& w) {
  require(w.size[0] == 1 && w.size[1] == 1 && w.out[0] == 1 && w.out[1] == 1,
          "pooling is along one axis");
  require(w.dilation[2] == 1, "pooling leaves no place out");
  for (int64_t o = 0; o < w.out[2]; ++o) {
    const int64_t first = w.place(2, o, 0);
    const int64_t last = w.place(2, o, w.window[2] - 1);
    require(first < w.size[2] && last >= 0, "a window is all padding");
  }
}

// visit(from, at): for each number of the output, at `at`, where in the input
// it comes from. Samples are shared out among threads.
template <class T, class Visit>
void each_largest(const Windows& w, const T* x, Visit visit) {
  const int64_t cost = std::max<int64_t>(1, w.out[2] * w.row());
  parallel_for(w.batch, std::max<int64_t>(1, kGrain / cost),
               [&](int64_t begin, int64_t end) {
                 for (int64_t b = begin; b < end; ++b) {
                   const T* sample = x + b * w.sample();
                   for (int64_t o = 0; o < w.out[2]; ++o) {
                     for (int64_t c = 0; c < w.channels; ++c) {
                       const int64_t p = largest_place(w, sample, o, c);
                       visit(b * w.sample() + p * w.channels + c,
                             (b * w.out[2] + o) * w.channels + c);
                     }
                   }
                 }
               });
}

// in: x. out: y.
void max_pool(const Arrays& in, const Arrays& out,
              const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  const Windows w(in[0], out[0], attributes, false);
  require_filled(w);
  visit_floating(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* x = in[0].as<T>();
    T* y = out[0].as<T>();
    each_largest(w, x, [&](int64_t from, int64_t at) { y[at] = x[from]; });
  });
}

// in: dy, x. out: dx.
void max_pool_gradient(const Arrays& in, const Arrays& out,
                       const Attributes& attributes) {
  require_counts(in, 2, out, 1);
  require_same_size(in[1], out[0]);
  require_dtype(in[1], in[0].dtype);
  const Windows w(out[0], in[0], attributes, false);
  require_filled(w);
  visit_floating(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* dy = in[0].as<T>();
    T* dx = out[0].as<T>();
    std::fill(dx, dx + out[0].size(), T(0));
    each_largest(w, in[1].as<T>(),
                 [&](int64_t from, int64_t at) { dx[from] += dy[at]; });
  });
}

}  // namespace

void register_max_pool(Registry& registry) {
  registry.add({
      {"max_pool", max_pool},
      {"max_pool_gradient", max_pool_gradient},
  });
}

}  // namespace elman
