// The windows of a convolution as rows, and the reverse: a convolution is then
// a matrix product, and its gradients are these two kernels again.
//
//   out[b, o, k, c] = x[b, o * stride + k * dilation - before, c]
//
// with zeros outside of x; b is the batch, o a place, k an offset in the
// window, c a channel. o, k and x's places have one to three axes, which come as three
// with sizes of 1 in front.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <algorithm>
#include <array>

#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

using Three = std::array<int64_t, 3>;

Three three(const Attributes& attributes, const char* name, int64_t least) {
  const std::vector<int64_t> given = attributes.integers(name);
  require(given.size() == 3, "windows have three axes");
  for (int64_t value : given) require(value >= least, "a window is too small");
  return {given[0], given[1], given[2]};
}

struct Windows {
  Three size, out, window, stride, dilation, before;
  int64_t batch, channels;

  Windows(const Array& whole, const Array& rows, const Attributes& attributes)
      : size(three(attributes, "size", 1)),
        out(three(attributes, "out", 1)),
        window(three(attributes, "window", 1)),
        stride(three(attributes, "stride", 1)),
        dilation(three(attributes, "dilation", 1)),
        before(three(attributes, "before", 0)) {
    require_dtype(rows, whole.dtype);
    const int rank = whole.shape.rank();
    require(rank >= 3, "windows need a batch, places and channels");
    batch = whole.shape[0];
    channels = whole.shape[rank - 1];
    require(whole.size() == batch * product(size) * channels,
            "windows are taken of an array of another size");
    require(rows.size() == batch * product(out) * product(window) * channels,
            "the rows of windows have another size");
  }

  static int64_t product(const Three& a) { return a[0] * a[1] * a[2]; }
  int64_t sample() const { return product(size) * channels; }
  int64_t row() const { return product(window) * channels; }

  // The place on an axis, outside of [0, size) for padding.
  int64_t place(int axis, int64_t o, int64_t k) const {
    return o * stride[axis] + k * dilation[axis] - before[axis];
  }
  bool inside(int axis, int64_t at) const { return at >= 0 && at < size[axis]; }

  // visit(from, to) for every element of a sample's windows, in order: offsets
  // of `channels` numbers, `from` -1 for padding.
  template <class Visit>
  void each(Visit visit) const {
    int64_t to = 0;
    for (int64_t o0 = 0; o0 < out[0]; ++o0)
      for (int64_t o1 = 0; o1 < out[1]; ++o1)
        for (int64_t o2 = 0; o2 < out[2]; ++o2)
          for (int64_t k0 = 0; k0 < window[0]; ++k0)
            for (int64_t k1 = 0; k1 < window[1]; ++k1)
              for (int64_t k2 = 0; k2 < window[2]; ++k2) {
                const int64_t a = place(0, o0, k0), b = place(1, o1, k1),
                              c = place(2, o2, k2);
                const bool in = inside(0, a) && inside(1, b) && inside(2, c);
                visit(in ? ((a * size[1] + b) * size[2] + c) * channels : -1,
                      to);
                to += channels;
              }
  }
};

// in: x. out: its windows.
void patches(const Arrays& in, const Arrays& out,
             const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  const Windows w(in[0], out[0], attributes);
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
