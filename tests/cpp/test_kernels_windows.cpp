// Windows written out as rows and summed back, and the largest number of each.
#include <algorithm>
#include <limits>

#include "kernel_cases.h"

using namespace cases;

namespace {

struct Window {
  int64_t size, window, stride, dilation, before, out;

  Attributes attributes() const {
    Attributes a;
    auto set = [&](const char* name, int64_t value, double filler) {
      a.set(name, std::vector<double>{filler, filler,
                                      static_cast<double>(value)});
    };
    set("size", size, 1);
    set("out", out, 1);
    set("window", window, 1);
    set("stride", stride, 1);
    set("dilation", dilation, 1);
    set("before", before, 0);
    return a;
  }

  // -1 for padding.
  int64_t place(int64_t o, int64_t k) const {
    const int64_t p = o * stride + k * dilation - before;
    return p < 0 || p >= size ? -1 : p;
  }
};

std::vector<Window> windows() {
  std::vector<Window> found;
  for (int64_t size : {1, 2, 5, 9}) {
    for (int64_t window : {1, 2, 3}) {
      for (int64_t stride : {1, 2, 3}) {
        for (int64_t dilation : {1, 2}) {
          const int64_t reach = (window - 1) * dilation + 1;
          if (reach <= size) {
            found.push_back({size, window, stride, dilation, 0,
                             (size - reach) / stride + 1});
          }
          const int64_t out = (size + stride - 1) / stride;
          const int64_t pad =
              std::max<int64_t>((out - 1) * stride + reach - size, 0);
          found.push_back({size, window, stride, dilation, pad / 2, out});
        }
      }
    }
  }
  return found;
}

template <class T>
void check_patches(const Window& w, int64_t batch, int64_t channels) {
  const Shape whole{batch, w.size, channels};
  const Shape rows{batch, w.out, w.window * channels};
  Tensor<T> x = numbers<T>(whole), y(rows), back(whole), sums(whole);
  call("patches", {x.view()}, {y.view()}, w.attributes());
  call("unpatches", {y.view()}, {back.view()}, w.attributes());
  int64_t at = 0;
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t o = 0; o < w.out; ++o) {
      for (int64_t k = 0; k < w.window; ++k) {
        for (int64_t c = 0; c < channels; ++c, ++at) {
          const int64_t p = w.place(o, k);
          const int64_t from = (b * w.size + p) * channels + c;
          CHECK(y[at] == (p < 0 ? T(0) : x[from]));
          if (p >= 0) sums[from] += x[from];
        }
      }
    }
  }
  for (int64_t i = 0; i < sums.size(); ++i) CHECK(back[i] == sums[i]);
}

template <class T>
void check_max_pool(const Window& w, int64_t batch, int64_t channels) {
  const Shape whole{batch, w.size, channels}, pooled{batch, w.out, channels};
  Tensor<T> x = numbers<T>(whole), y(pooled), dx(whole), want(whole);
  // Some numbers are equal.
  for (int64_t i = 0; i < x.size(); ++i) x[i] = std::floor(x[i]);
  Tensor<T> dy = numbers<T>(pooled, 2);
  call("max_pool", {x.view()}, {y.view()}, w.attributes());
  call("max_pool_gradient", {dy.view(), x.view()}, {dx.view()},
       w.attributes());
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t o = 0; o < w.out; ++o) {
      for (int64_t c = 0; c < channels; ++c) {
        int64_t best = -1;
        for (int64_t k = 0; k < w.window; ++k) {
          const int64_t p = w.place(o, k);
          if (p < 0) continue;
          const int64_t from = (b * w.size + p) * channels + c;
          if (best < 0 || x[from] > x[best]) best = from;
        }
        const int64_t at = (b * w.out + o) * channels + c;
        CHECK(y[at] == x[best]);
        want[best] += dy[at];
      }
    }
  }
  for (int64_t i = 0; i < want.size(); ++i) CHECK(dx[i] == want[i]);
}

}  // namespace

TEST("windows are written out, and unpatches adds them up again") {
  for (const Window& w : windows()) {
    check_patches<float>(w, 2, 3);
    check_patches<double>(w, 1, 1);
  }
}

TEST("pooling takes the largest and gives its gradient to the first of them") {
  for (const Window& w : windows()) {
    if (w.dilation > 1) continue;
    check_max_pool<float>(w, 2, 3);
    check_max_pool<double>(w, 1, 17);
  }
}

TEST("a NaN is the largest number of its window") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Tensor<double> x({1, 4, 1}, {1, nan, 5, 2}), y(Shape{1, 2, 1});
  const Window w{4, 2, 2, 1, 0, 2};
  call("max_pool", {x.view()}, {y.view()}, w.attributes());
  CHECK(y[0] != y[0]);
  CHECK(y[1] == 5);
}

TEST("windows of wrong sizes are refused") {
  Tensor<float> x(Shape{2, 4, 3}), rows(Shape{2, 2, 6}), y(Shape{2, 2, 3});
  const Window w{4, 2, 2, 1, 0, 2};
  const auto refused = [&](const char* name, Tensor<float>& in,
                           Tensor<float>& out, const Window& window) {
    CHECK_THROWS(call(name, {in.view()}, {out.view()}, window.attributes()),
                 std::invalid_argument);
  };
  refused("patches", x, y, w);
  refused("max_pool", x, rows, w);
  refused("patches", y, rows, w);
  refused("max_pool", x, y, {4, 2, 4, 1, 0, 2});
}
