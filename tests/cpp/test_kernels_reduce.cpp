// Reductions over any axes, extremes' places, running sums.
#include <algorithm>

#include "kernel_cases.h"

using namespace cases;

namespace {

// Calls f(kept shape, axes, for each output the reduced elements in order) for
// every set of axes of every edge shape.
template <class F>
void for_each_reduction(F f) {
  std::vector<Shape> shapes = edge_shapes();
  shapes.push_back({3, 4, 1, 5, 2});
  shapes.push_back({600, 3});
  shapes.push_back({2, 300, 140});
  for (const Shape& shape : shapes) {
    for (int subset = 0; subset < 1 << shape.rank(); ++subset) {
      std::vector<double> axes;
      Shape kept;
      for (int axis = 0; axis < shape.rank(); ++axis) {
        const bool reduced = subset >> axis & 1;
        if (reduced) axes.push_back(axis);
        kept.push_back(reduced ? 1 : shape[axis]);
      }
      std::vector<std::vector<int64_t>> groups(
          static_cast<size_t>(kept.size()));
      for (int64_t i = 0; i < shape.size(); ++i) {
        const int64_t to = element(kept, place(shape, i));
        groups[static_cast<size_t>(to)].push_back(i);
      }
      Attributes attributes;
      attributes.set("axes", axes);
      f(shape, kept, attributes, groups);
    }
  }
}

template <class T>
void check_sums() {
  for_each_reduction([](const Shape& shape, const Shape& kept,
                        const Attributes& attributes, const auto& groups) {
    Tensor<T> x = numbers<T>(shape), sum(kept), prod(kept), mean(kept);
    call("sum", {x.view()}, {sum.view()}, attributes);
    call("prod", {x.view()}, {prod.view()}, attributes);
    if (std::is_floating_point<T>::value) {
      call("mean", {x.view()}, {mean.view()}, attributes);
    }
    for (size_t i = 0; i < groups.size(); ++i) {
      double total = 0, product = 1;
      for (int64_t k : groups[i]) {
        total += static_cast<double>(x[k]);
        product *= static_cast<double>(x[k]);
      }
      const int64_t at = static_cast<int64_t>(i);
      const double n = static_cast<double>(groups[i].size());
      CHECK_MESSAGE(near(sum[at], static_cast<T>(total), 64), shape.text());
      if (std::is_floating_point<T>::value) {
        if (std::abs(product) < 1e30) {
          CHECK_MESSAGE(near(prod[at], static_cast<T>(product), 64),
                        shape.text());
        }
        CHECK_MESSAGE(near(mean[at], static_cast<T>(total / n), 64),
                      shape.text());
      }
    }
  });
}

template <class T>
void check_extremes() {
  for_each_reduction([](const Shape& shape, const Shape& kept,
                        const Attributes& attributes, const auto& groups) {
    Tensor<T> x = numbers<T>(shape), high(kept), low(kept);
    Tensor<int32_t> high_at(kept), low_at(kept);
    call("max", {x.view()}, {high.view()}, attributes);
    call("min", {x.view()}, {low.view()}, attributes);
    const bool some = shape.size() > 0;
    if (some) {
      call("argmax", {x.view()}, {high_at.view()}, attributes);
      call("argmin", {x.view()}, {low_at.view()}, attributes);
    }
    for (size_t i = 0; some && i < groups.size(); ++i) {
      const std::vector<int64_t>& g = groups[i];
      size_t best = 0, worst = 0;
      for (size_t k = 1; k < g.size(); ++k) {
        if (x[g[k]] > x[g[best]]) best = k;
        if (x[g[k]] < x[g[worst]]) worst = k;
      }
      const int64_t at = static_cast<int64_t>(i);
      CHECK(high[at] == x[g[best]] && low[at] == x[g[worst]]);
      CHECK(high_at[at] == static_cast<int32_t>(best));
      CHECK(low_at[at] == static_cast<int32_t>(worst));
    }
  });
}

Attributes over(std::vector<double> axes) {
  Attributes attributes;
  attributes.set("axes", std::move(axes));
  return attributes;
}

}  // namespace

TEST("sums, products and means agree with loops over any axes") {
  check_sums<float>();
  check_sums<double>();
  check_sums<int32_t>();
}

TEST("extremes and their first places agree with loops over any axes") {
  check_extremes<float>();
  check_extremes<double>();
  check_extremes<int32_t>();
}

TEST("the sum of nothing is 0, its mean NaN, its maximum -Inf") {
  Tensor<float> x({3, 0}), y({3}, 7.0f);
  call("sum", {x.view()}, {y.view()}, over({1}));
  CHECK(y[0] == 0 && y[2] == 0);
  call("mean", {x.view()}, {y.view()}, over({1}));
  CHECK(y[1] != y[1]);
  call("max", {x.view()}, {y.view()}, over({1}));
  CHECK(y[1] == -INFINITY);
  Tensor<int32_t> at({3});
  CHECK_THROWS(call("argmax", {x.view()}, {at.view()}, over({1})),
               std::invalid_argument);
}

TEST("NaN makes an extreme NaN, and the first NaN is its place") {
  for (int64_t n : {3, 9, 1030}) {
    Tensor<float> x = numbers<float>({n}), y({});
    x[n - 1] = NAN;
    x[1] = NAN;
    Tensor<int32_t> at({});
    call("max", {x.view()}, {y.view()}, over({0}));
    CHECK(y[0] != y[0]);
    call("min", {x.view()}, {y.view()}, over({0}));
    CHECK(y[0] != y[0]);
    call("argmax", {x.view()}, {at.view()}, over({0}));
    CHECK(at[0] == 1);
    call("argmin", {x.view()}, {at.view()}, over({0}));
    CHECK(at[0] == 1);
  }
}

TEST("any and all are bool of any type") {
  for_each_reduction([](const Shape& shape, const Shape& kept,
                        const Attributes& attributes, const auto& groups) {
    Tensor<int32_t> x = numbers<int32_t>(shape), any(kept), all(kept);
    any.dtype = all.dtype = DType::kBool;
    for (int32_t& value : x.values) value = value < -4 ? 0 : value;
    call("any", {x.view()}, {any.view()}, attributes);
    call("all", {x.view()}, {all.view()}, attributes);
    for (size_t i = 0; i < groups.size(); ++i) {
      const auto is_true = [&](int64_t k) { return x[k] != 0; };
      const auto& g = groups[i];
      const int64_t at = static_cast<int64_t>(i);
      CHECK(any[at] == std::any_of(g.begin(), g.end(), is_true));
      CHECK(all[at] == std::all_of(g.begin(), g.end(), is_true));
    }
  });
}

TEST("long sums of float keep their digits") {
  // 0.1f summed a million times naively is off by about one part in 100.
  Tensor<float> x({1000000}, 0.1f), y({});
  call("sum", {x.view()}, {y.view()}, over({0}));
  CHECK(near(y[0], static_cast<float>(1e6 * double(0.1f)), 1));
  Tensor<double> a({1000000}, 0.1), b({});
  call("sum", {a.view()}, {b.view()}, over({0}));
  // Blocks are added one by one in lanes of 128, then pairwise; naive addition
  // would be 60000 roundings off.
  CHECK(near(b[0], 1e5, 128));
}

TEST("the number of threads changes no bit of a sum") {
  const int before = elman::num_threads();
  Tensor<double> x = numbers<double>({301, 997}), y({}), rows({301});
  Tensor<double> columns({997});
  std::vector<double> first;
  for (int threads : {1, 2, 3, 7}) {
    elman::set_num_threads(threads);
    call("sum", {x.view()}, {y.view()}, over({0, 1}));
    call("sum", {x.view()}, {rows.view()}, over({1}));
    call("sum", {x.view()}, {columns.view()}, over({0}));
    std::vector<double> all = {y[0]};
    all.insert(all.end(), rows.values.begin(), rows.values.end());
    all.insert(all.end(), columns.values.begin(), columns.values.end());
    if (threads == 1) first = all;
    CHECK(all == first);
  }
  elman::set_num_threads(before);
}

TEST("the sum of squares runs over all inputs") {
  Tensor<float> a({2}, {3, 4}), b({3}, {1, 2, 2}), y({});
  call("sum_of_squares", {a.view(), Array(), b.view()}, {y.view()});
  CHECK(y[0] == 34.0f);
}

TEST("running sums agree with loops, forwards and backwards") {
  for (const Shape& shape : edge_shapes()) {
    for (int axis = 0; axis < shape.rank(); ++axis) {
      for (bool reverse : {false, true}) {
        Tensor<double> x = numbers<double>(shape), y(shape);
        Attributes attributes;
        attributes.set("axis", axis);
        attributes.set("reverse", reverse ? 1.0 : 0.0);
        call("cumsum", {x.view()}, {y.view()}, attributes);
        for (int64_t i = 0; i < x.size(); ++i) {
          auto at = place(shape, i);
          const size_t k = static_cast<size_t>(axis);
          const int64_t here = at[k];
          double sum = 0;
          for (int64_t j = reverse ? here : 0;
               j < (reverse ? shape[axis] : here + 1); ++j) {
            at[k] = j;
            sum += x[element(shape, at)];
          }
          CHECK(near(y[i], sum, 32));
        }
      }
    }
  }
}
