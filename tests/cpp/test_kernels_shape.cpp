// Kernels that move elements: transpose, flip, slice, concatenate, take, and
// those that make them: fill, arange, cast.
#include <algorithm>
#include <numeric>

#include "kernel_cases.h"

using namespace cases;

namespace {

std::vector<double> as_doubles(const std::vector<int64_t>& values) {
  return std::vector<double>(values.begin(), values.end());
}

template <class T>
void check_transpose(const Shape& shape) {
  std::vector<int64_t> perm(static_cast<size_t>(shape.rank()));
  std::iota(perm.begin(), perm.end(), 0);
  do {
    Shape turned;
    for (int64_t axis : perm) turned.push_back(shape[static_cast<int>(axis)]);
    Tensor<T> x = numbers<T>(shape), y(turned);
    Attributes attributes;
    attributes.set("perm", as_doubles(perm));
    call("transpose", {x.view()}, {y.view()}, attributes);
    for (int64_t i = 0; i < y.size(); ++i) {
      const auto at = place(turned, i);
      std::vector<int64_t> source(at.size());
      for (size_t k = 0; k < perm.size(); ++k) {
        source[static_cast<size_t>(perm[k])] = at[k];
      }
      CHECK_MESSAGE(y[i] == x[element(shape, source)], shape.text());
    }
  } while (std::next_permutation(perm.begin(), perm.end()));
}

}  // namespace

TEST("transpose puts every axis where perm says") {
  for (const Shape& shape : edge_shapes()) {
    check_transpose<float>(shape);
    check_transpose<double>(shape);
  }
  check_transpose<float>({3, 17, 2, 9});
  check_transpose<double>({2, 1, 3, 4, 5});
  check_transpose<float>({301, 203});
}

TEST("a bad perm is refused") {
  Tensor<float> x({2, 3}), y({2, 3});
  Attributes attributes;
  attributes.set("perm", std::vector<double>{0, 0});
  CHECK_THROWS(call("transpose", {x.view()}, {y.view()}, attributes),
               std::invalid_argument);
}

TEST("broadcast_to repeats what has extent one") {
  const Shape pairs[][2] = {{{}, {3, 4}},     {{4}, {3, 4}},
                            {{3, 1}, {3, 4}}, {{1, 5, 1}, {2, 5, 3}},
                            {{1}, {0}},       {{2, 1, 3}, {2, 7, 3}}};
  for (const auto& pair : pairs) {
    Tensor<int32_t> x = numbers<int32_t>(pair[0]), y(pair[1]);
    call("broadcast_to", {x.view()}, {y.view()});
    for (int64_t i = 0; i < y.size(); ++i) {
      CHECK(y[i] == x[element(pair[0], place(pair[1], i))]);
    }
  }
}

TEST("flip reverses the chosen axes") {
  for (const Shape& shape : edge_shapes()) {
    for (int subset = 0; subset < 1 << shape.rank(); ++subset) {
      std::vector<double> axes;
      for (int axis = 0; axis < shape.rank(); ++axis) {
        if (subset >> axis & 1) axes.push_back(axis);
      }
      Tensor<double> x = numbers<double>(shape), y(shape);
      Attributes attributes;
      attributes.set("axes", axes);
      call("flip", {x.view()}, {y.view()}, attributes);
      for (int64_t i = 0; i < y.size(); ++i) {
        auto at = place(shape, i);
        for (double axis : axes) {
          const int k = static_cast<int>(axis);
          at[static_cast<size_t>(k)] =
              shape[k] - 1 - at[static_cast<size_t>(k)];
        }
        CHECK(y[i] == x[element(shape, at)]);
      }
    }
  }
}

TEST("slice takes every stride-th element, unslice puts them back") {
  const Shape whole = {7, 5, 9};
  struct Case {
    std::vector<double> start, stride;
    Shape part;
  };
  const Case all[] = {
      {{0, 0, 0}, {1, 1, 1}, {7, 5, 9}},  {{2, 1, 3}, {1, 1, 1}, {4, 2, 5}},
      {{1, 0, 8}, {2, 1, -1}, {3, 5, 9}}, {{6, 4, 0}, {-3, -2, 4}, {3, 3, 3}},
      {{3, 0, 0}, {1, 1, 1}, {1, 5, 9}},  {{3, 5, 0}, {1, 1, 1}, {1, 0, 9}}};
  for (const Case& c : all) {
    Tensor<float> x = numbers<float>(whole), y(c.part), back(whole, 5.0f);
    Attributes attributes;
    attributes.set("start", c.start);
    attributes.set("stride", c.stride);
    call("slice", {x.view()}, {y.view()}, attributes);
    std::vector<float> expected(static_cast<size_t>(whole.size()), 0);
    for (int64_t i = 0; i < y.size(); ++i) {
      auto at = place(c.part, i);
      for (size_t k = 0; k < 3; ++k) {
        at[k] = static_cast<int64_t>(c.start[k]) +
                at[k] * static_cast<int64_t>(c.stride[k]);
      }
      CHECK(y[i] == x[element(whole, at)]);
      expected[static_cast<size_t>(element(whole, at))] = y[i];
    }
    call("unslice", {y.view()}, {back.view()}, attributes);
    for (int64_t i = 0; i < whole.size(); ++i) {
      CHECK(back[i] == expected[static_cast<size_t>(i)]);
    }
  }
}

TEST("a slice beyond the array is refused") {
  Tensor<float> x({4}), y({3});
  Attributes attributes;
  attributes.set("start", 2.0);
  CHECK_THROWS(call("slice", {x.view()}, {y.view()}, attributes),
               std::invalid_argument);
}

TEST("concatenate is undone by slices") {
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t sizes[] = {2, 0, 5, 1};
    Shape whole = {3, 4, 2};
    whole[axis] = 8;
    std::vector<Tensor<double>> parts;
    Arrays in;
    for (int64_t size : sizes) {
      Shape shape = whole;
      shape[axis] = size;
      parts.push_back(numbers<double>(shape, static_cast<uint32_t>(size + 1)));
    }
    for (auto& part : parts) in.push_back(part.view());
    Tensor<double> y(whole);
    Attributes attributes;
    attributes.set("axis", axis);
    call("concatenate", in, {y.view()}, attributes);
    double at = 0;
    for (auto& part : parts) {
      std::vector<double> start(3, 0);
      start[static_cast<size_t>(axis)] = at;
      Tensor<double> back(part.shape);
      Attributes slice;
      slice.set("start", start);
      call("slice", {y.view()}, {back.view()}, slice);
      for (int64_t i = 0; i < back.size(); ++i) CHECK(back[i] == part[i]);
      at += static_cast<double>(part.shape[axis]);
    }
  }
}

TEST("take copies and its gradient adds along any axis") {
  const Shape shape = {5, 3, 4};
  Tensor<int32_t> index({2, 3}, {1, 0, 2, 2, 1, 1});
  for (int axis = 0; axis < 3; ++axis) {
    Shape taken(shape.begin(), shape.begin() + axis);
    taken.push_back(2);
    taken.push_back(3);
    for (int k = axis + 1; k < 3; ++k) taken.push_back(shape[k]);
    Attributes attributes;
    attributes.set("axis", axis);
    Tensor<double> x = numbers<double>(shape), y(taken);
    call("take", {x.view(), index.view()}, {y.view()}, attributes);
    Tensor<double> dy = numbers<double>(taken, 3), dx(shape, 9.0);
    std::vector<double> sums(static_cast<size_t>(shape.size()), 0);
    for (int64_t i = 0; i < y.size(); ++i) {
      const auto at = place(taken, i);
      std::vector<int64_t> source(at.begin(), at.begin() + axis);
      source.push_back(index[at[static_cast<size_t>(axis)] * 3 +
                             at[static_cast<size_t>(axis) + 1]]);
      source.insert(source.end(), at.begin() + axis + 2, at.end());
      CHECK(y[i] == x[element(shape, source)]);
      sums[static_cast<size_t>(element(shape, source))] += dy[i];
    }
    call("take_gradient", {dy.view(), index.view()}, {dx.view()}, attributes);
    for (int64_t i = 0; i < dx.size(); ++i) {
      CHECK(near(dx[i], sums[static_cast<size_t>(i)]));
    }
  }
}

TEST("take refuses an index outside the axis, takes nothing for none") {
  Tensor<float> x({3, 2}), y({1, 2}), none({0, 2}), empty({0, 2});
  Tensor<int32_t> bad({1}, {3}), no({0});
  CHECK_THROWS(call("take", {x.view(), bad.view()}, {y.view()}),
               std::invalid_argument);
  call("take", {x.view(), no.view()}, {none.view()});
  x.values.assign(x.values.size(), 1.0f);
  call("take_gradient", {empty.view(), no.view()}, {x.view()});
  for (int64_t i = 0; i < 6; ++i) CHECK(x[i] == 0);
}

TEST("fill and arange make numbers of any type") {
  Tensor<float> x({5});
  Attributes fill, steps;
  fill.set("value", -2.5);
  call("fill", {}, {x.view()}, fill);
  for (int i = 0; i < 5; ++i) CHECK(x[i] == -2.5f);
  steps.set("start", 10.0);
  steps.set("step", -3.0);
  Tensor<int32_t> y({4});
  call("arange", {}, {y.view()}, steps);
  CHECK(y[0] == 10 && y[1] == 7 && y[2] == 4 && y[3] == 1);
}

TEST("cast truncates, and only zero is false") {
  Tensor<double> x({5}, {-1.7, 0, 0.3, 2147483647, NAN});
  Tensor<int32_t> y({5});
  call("cast", {x.view()}, {y.view()});
  CHECK(y[0] == -1 && y[1] == 0 && y[2] == 0 && y[3] == 2147483647);
  CHECK(y[4] == std::numeric_limits<int32_t>::min());
  y.dtype = DType::kBool;
  call("cast", {x.view()}, {y.view()});
  CHECK(y[0] == 1 && y[1] == 0 && y[2] == 1 && y[4] == 1);
  Tensor<float> z({5});
  call("cast", {y.view()}, {z.view()});
  CHECK(z[0] == 1.0f && z[1] == 0.0f);
}
