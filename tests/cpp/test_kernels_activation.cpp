// Activation kernels: slopes against central differences, parameters, rows.
#include <algorithm>

#include "kernel_cases.h"

using namespace cases;

namespace {

Attributes named(const char* name, const char* parameter = nullptr,
                 double value = 0) {
  Attributes attributes;
  attributes.set("name", name);
  if (parameter) attributes.set(parameter, value);
  return attributes;
}

Tensor<double> forward(Tensor<double>& z, const Shape& shape,
                       const Attributes& attributes) {
  Tensor<double> y(shape);
  call("activation", {z.view()}, {y.view()}, attributes);
  return y;
}

// dz for a random dy against differences of sum(dy * f(z)).
void check_gradient(const Shape& shape, const Shape& shape_y,
                    const Attributes& attributes) {
  Tensor<double> z = numbers<double>(shape, 5), dy = numbers<double>(shape_y);
  // Away from every kink at a multiple of 1/2.
  for (double& value : z.values) {
    if (std::abs(std::remainder(value, 0.5)) < 1e-3) value += 0.01;
  }
  Tensor<double> y = forward(z, shape_y, attributes), dz(shape);
  call("activation_gradient", {dy.view(), z.view(), y.view()}, {dz.view()},
       attributes);
  const double step = 1e-6;
  for (int64_t i = 0; i < z.size(); ++i) {
    const double kept = z[i];
    z[i] = kept + step;
    const Tensor<double> up = forward(z, shape_y, attributes);
    z[i] = kept - step;
    const Tensor<double> down = forward(z, shape_y, attributes);
    z[i] = kept;
    double slope = 0;
    for (int64_t k = 0; k < y.size(); ++k) {
      slope += dy[k] * (up[k] - down[k]) / (2 * step);
    }
    CHECK_MESSAGE(std::abs(slope - dz[i]) < 1e-7 * (1 + std::abs(slope)),
                  attributes.text("name"));
  }
}

double at(double x, const Attributes& attributes) {
  Tensor<double> z({}, {x});
  return forward(z, {}, attributes)[0];
}

}  // namespace

TEST("slopes of activations agree with central differences") {
  for (const char* name :
       {"celu",        "elu",          "exponential",    "gelu",
        "hard_shrink", "hard_sigmoid", "hard_silu",      "hard_swish",
        "hard_tanh",   "leaky_relu",   "linear",         "log_sigmoid",
        "mish",        "relu",         "relu6",          "selu",
        "sigmoid",     "silu",         "soft_shrink",    "softplus",
        "softsign",    "sparse_plus",  "sparse_sigmoid", "squareplus",
        "swish",       "tanh",         "tanh_shrink"}) {
    check_gradient({101}, {101}, named(name));
  }
}

TEST("slopes of activations with parameters agree with differences") {
  check_gradient({53}, {53}, named("celu", "alpha", 0.7));
  check_gradient({53}, {53}, named("elu", "alpha", 1.3));
  check_gradient({53}, {53}, named("gelu", "approximate", 1));
  check_gradient({53}, {53}, named("hard_shrink", "threshold", 1));
  check_gradient({53}, {53}, named("soft_shrink", "threshold", 1));
  check_gradient({53}, {53}, named("leaky_relu", "negative_slope", 0.01));
  check_gradient({53}, {53}, named("squareplus", "b", 1));
  check_gradient({53}, {53}, named("relu", "negative_slope", 0.1));
  Attributes relu = named("relu", "negative_slope", 0.1);
  relu.set("threshold", 0.5);
  relu.set("max_value", 2.0);
  check_gradient({53}, {53}, relu);
  Attributes threshold = named("threshold", "threshold", 0.5);
  threshold.set("default_value", -1.0);
  check_gradient({53}, {53}, threshold);
}

TEST("row activations have exact gradients along any axis") {
  for (const char* name : {"softmax", "log_softmax", "sparsemax"}) {
    for (int axis = -1; axis < 3; ++axis) {
      check_gradient({3, 4, 5}, {3, 4, 5}, named(name, "axis", axis));
    }
  }
  check_gradient({4, 3, 5}, {2, 3, 5}, named("glu", "axis", 0));
  check_gradient({3, 4, 5}, {3, 2, 5}, named("glu", "axis", 1));
  check_gradient({3, 8}, {3, 4}, named("glu"));
}

TEST("activations have the values of their formulas") {
  CHECK(near(at(1, named("hard_sigmoid")), 1 / 6.0 + 0.5));
  CHECK(near(at(-2, named("leaky_relu")), -0.4));
  CHECK(near(at(-1, named("elu", "alpha", 2)), 2 * std::expm1(-1.0)));
  CHECK(near(at(-1, named("celu", "alpha", 2)), 2 * std::expm1(-0.5)));
  CHECK(near(at(1, named("gelu")), 0.5 * (1 + std::erf(std::sqrt(0.5)))));
  CHECK(near(at(1, named("gelu", "approximate", 1)), 0.84119199060827, 1e3));
  Attributes relu = named("relu", "negative_slope", 0.5);
  relu.set("threshold", 1.0);
  relu.set("max_value", 3.0);
  CHECK(at(5, relu) == 3 && at(2, relu) == 2 && at(-1, relu) == -1);
  Attributes threshold = named("threshold", "threshold", 2);
  threshold.set("default_value", -7.0);
  CHECK(at(1, threshold) == -7 && at(3, threshold) == 3);
  CHECK(std::isnan(at(NAN, relu)) && std::isnan(at(NAN, threshold)));
}

TEST("softmax sums to one and withstands large numbers") {
  Tensor<float> z({2, 3}, {1000, 1000, 1000, -1000, 0, 1}), y({2, 3});
  call("activation", {z.view()}, {y.view()}, named("softmax"));
  for (int i = 0; i < 3; ++i) CHECK(near(y[i], 1.0f / 3));
  CHECK(y[3] == 0 && near(y[4] + y[5], 1.0f));
}

TEST("unknown activations and odd halves are refused") {
  Tensor<float> z({3}), y({3}), half({1});
  CHECK_THROWS(call("activation", {z.view()}, {y.view()}, named("tahn")),
               std::invalid_argument);
  CHECK_THROWS(call("activation", {z.view()}, {half.view()}, named("glu")),
               std::invalid_argument);
}
