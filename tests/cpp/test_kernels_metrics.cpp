// Row losses and the statistics of metrics, against plain reckoning.
#include <algorithm>

#include "kernel_cases.h"

using namespace cases;

namespace {

// Weighted counts at a threshold: tp, fp, tn, fn.
std::vector<double> counted(const Tensor<double>& y, const Tensor<double>& p,
                            const Tensor<double>* w, double threshold) {
  std::vector<double> out(4);
  for (int64_t i = 0; i < p.size(); ++i) {
    const bool positive = p[i] > threshold;
    const int at = y[i] != 0 ? (positive ? 0 : 3) : (positive ? 1 : 2);
    out[at] += w == nullptr ? 1.0 : (*w)[i];
  }
  return out;
}

}  // namespace

TEST("buckets count what comparisons count") {
  for (int64_t n : {0, 1, 2, 9, 100}) {
    Tensor<double> p = numbers<double>({n}, 3), y = numbers<double>({n}, 4);
    Tensor<double> w = numbers<double>({n}, 5);
    for (int64_t i = 0; i < n; ++i) {
      p[i] = std::round(8 * p[i]) / 8;  // some lie on thresholds
      y[i] = y[i] > 0;
      w[i] = std::abs(w[i]);
    }
    const std::vector<double> thresholds = {1.5, -0.5, 0.25, 0.25, 3.5};
    Attributes settings;
    settings.set("thresholds", thresholds);
    for (bool weighted : {false, true}) {
      Tensor<double> found({4, 5});
      Arrays in = {y.view(), p.view()};
      if (weighted) in.push_back(w.view());
      (*elman::find_kernel("confusion_counts"))(in, {found.view()}, settings);
      for (int64_t t = 0; t < 5; ++t) {
        const std::vector<double> want =
            counted(y, p, weighted ? &w : nullptr, thresholds[t]);
        for (int64_t k = 0; k < 4; ++k) {
          CHECK(std::abs(found[k * 5 + t] - want[k]) < 1e-12 * (1 + n));
        }
      }
    }
  }
}

TEST("a sample counts once and by its weights") {
  Tensor<float> values({2, 3}, {1, 2, 3, 4, 5, 6});
  Tensor<double> sums({2});
  const auto call = [&](const Arrays& in) {
    (*elman::find_kernel("sample_sums"))(in, {sums.view()}, Attributes());
  };
  call({values.view()});
  CHECK(sums[0] == 7 && sums[1] == 2);
  Tensor<float> samples({2}, {1, 3});
  call({values.view(), samples.view()});
  CHECK(sums[0] == 2 + 15 && sums[1] == 4);
  Tensor<float> each({2, 3}, {1, 0, 1, 0, 0, 3});
  call({values.view(), each.view()});
  CHECK(std::abs(sums[0] - 22.0 / 3) < 1e-12);
  CHECK(std::abs(sums[1] - 5.0 / 3) < 1e-12);
}

namespace {

// Of the mean, by differences.
void test_row_gradients(const char* name, bool numbers_as_targets) {
  for (int64_t width : {1, 2, 7}) {
    const int64_t rows = 3;
    Tensor<double> p = numbers<double>({rows, width}, 7);
    Tensor<double> y(numbers_as_targets ? Shape{rows} : Shape{rows, width});
    for (int64_t i = 0; i < p.size(); ++i) {
      p[i] = 0.1 + 0.8 * (p[i] + 3) / 6;
    }
    for (int64_t r = 0; r < rows; ++r) {
      if (numbers_as_targets) {
        y[r] = double(r % width);
      } else {
        y[r * width + r % width] = 1;
      }
    }
    Attributes settings;
    settings.set("epsilon", 1e-7);
    const auto value = [&] {
      Tensor<double> mean{Shape{}};
      (*elman::find_kernel(name))({y.view(), p.view()}, {mean.view()},
                                  settings);
      return mean[0];
    };
    Tensor<double> one(Shape{}, 1.0), slope({rows, width});
    (*elman::find_kernel(std::string(name) + "_gradient"))(
        {one.view(), y.view(), p.view()}, {slope.view()}, settings);
    for (int64_t i = 0; i < p.size(); ++i) {
      const double kept = p[i], step = 1e-6;
      p[i] = kept + step;
      const double above = value();
      p[i] = kept - step;
      const double below = value();
      p[i] = kept;
      CHECK(std::abs((above - below) / (2 * step) - slope[i]) < 1e-7);
    }
  }
}

}  // namespace

TEST("gradients of row losses are those of differences") {
  for (const char* name :
       {"mean_squared_error", "binary_crossentropy", "binary_logits",
        "categorical_crossentropy", "categorical_logits"}) {
    test_row_gradients(name, false);
  }
  for (const char* name : {"sparse_crossentropy", "sparse_logits"}) {
    test_row_gradients(name, true);
  }
}

TEST("class numbers outside the classes are refused, ignored ones not") {
  Tensor<float> p({2, 3}, 0.5f), mean{Shape{}};
  for (int32_t wrong : {-1, 3}) {
    Tensor<int32_t> y({2}, {0, wrong});
    Attributes settings;
    settings.set("epsilon", 1e-7);
    const auto call = [&] {
      (*elman::find_kernel("sparse_crossentropy"))({y.view(), p.view()},
                                                   {mean.view()}, settings);
    };
    CHECK_THROWS(call(), std::invalid_argument);
    settings.set("ignore", double(wrong));
    call();
    CHECK(std::abs(mean[0] - std::log(3.0f) / 2) < 1e-6f);
  }
}
