// The windows of a convolution as rows, and the reverse: a convolution is then
// a matrix product, and its gradients are these two kernels again.
//
//   out[b, o, k, c] = x[b, o * stride + k * dilation - before, c]
//
// with zeros outside of x; b is the batch, o a window, k an offset in it, c a
// channel.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <algorithm>

#include "core/thread_pool.h"
#include "core/windows.h"

namespace elman {
namespace {

// in: x. out: its windows.
void patches(const Arrays& in, const Arrays& out,
             const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  const Windows w(in[0], out[0], attributes);
  if (w.channels == 0) return;
  const int64_t part = w.row() * Windows::product(w.out);
  visit_floating(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    parallel_for(w.batch, std::max<int64_t>(1, kGrain / part),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t b = begin; b < end; ++b) {
                     const T* x = in[0].as<T>() + b * w.sample();
                     T* y = out[0].as<T>() + b * part;
                     w.each([&](int64_t from, int64_t to) {
                       if (from < 0) {
                         std::fill(y + to, y + to + w.channels, T(0));
                       } else {
                         std::copy(x + from, x + from + w.channels, y + to);
                       }
                     });
                   }
                 });
  });
}

// in: windows. out: an array of which each element is the sum of its places in
// the windows.
void unpatches(const Arrays& in, const Arrays& out,
               const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  const Windows w(out[0], in[0], attributes);
  if (w.channels == 0) return;
  const int64_t part = w.row() * Windows::product(w.out);
  visit_floating(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    parallel_for(w.batch, std::max<int64_t>(1, kGrain / part),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t b = begin; b < end; ++b) {
                     const T* y = in[0].as<T>() + b * part;
                     T* x = out[0].as<T>() + b * w.sample();
                     std::fill(x, x + w.sample(), T(0));
                     w.each([&](int64_t from, int64_t to) {
                       if (from < 0) return;
                       for (int64_t c = 0; c < w.channels; ++c) {
                         x[from + c] += y[to + c];
                       }
                     });
                   }
                 });
  });
}

}  // namespace

void register_patches(Registry& registry) {
  registry.add({
      {"patches", patches},
      {"unpatches", unpatches},
  });
}

}  // namespace elman
