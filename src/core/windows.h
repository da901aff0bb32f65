// The windows that slide over an array: how convolution and pooling find what
// they look at.
//
//   window o, offset k looks at place o * stride + k * dilation - before
//
// of one to three axes of places, which come as three with sizes of 1 in front.
// Places outside of the array are padding.
#ifndef ELMAN_CORE_WINDOWS_H_
#define ELMAN_CORE_WINDOWS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "core/dispatch.h"

namespace elman {

using Three = std::array<int64_t, 3>;

inline Three three(const Attributes& attributes, std::string_view name,
                   int64_t least) {
  const std::vector<int64_t> given = attributes.integers(name);
  require(given.size() == 3, "windows have three axes");
  for (int64_t value : given) {
    require(value >= least, "a window is too small");
    require(value <= INT32_MAX, "a window is too large");
  }
  return {given[0], given[1], given[2]};
}

// The array is [batch, places, channels].
struct Windows {
  Three size, out, window, stride, dilation, before;
  int64_t batch, channels;

  // `rows` holds each window, or one number for each channel of it.
  Windows(const Array& whole, const Array& rows, const Attributes& attributes,
          bool written_out = true)
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
    // In double, which does not overflow.
    const double whole_size = double(batch) * count(size) * double(channels);
    require(double(whole.size()) == whole_size && count(size) < kMost,
            "windows are taken of an array of another size");
    require(double(rows.size()) == double(batch) * count(out) *
                                       double(channels) *
                                       (written_out ? count(window) : 1) &&
                count(out) < kMost && count(window) < kMost,
            "the rows of windows have another size");
  }

  static constexpr double kMost = 9007199254740992.0;
  static double count(const Three& a) {
    return double(a[0]) * double(a[1]) * double(a[2]);
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

}  // namespace elman

#endif  // ELMAN_CORE_WINDOWS_H_
