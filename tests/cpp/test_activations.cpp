// Vectorised activations: accuracy, special values, agreement with the plain
// definitions.
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "check.h"
#include "core/activations.h"
#include "core/isa.h"
#include "exact.h"
#include "rnn_cases.h"

using elman::Activation;
using namespace rnn_cases;

namespace {

template <class F>
void for_every_isa(F f) {
  const std::string usual = elman::isa_name();
  for (const std::string& name : elman::supported_isas()) {
    elman::set_isa(name);
    f();
  }
  elman::set_isa(usual);
}

// Distance to `exact` in units in the last place of T there.
template <class T>
double ulps(T value, exact::Wide exact) {
  const T nearest = static_cast<T>(exact.high);
  if (std::isinf(nearest) || std::isinf(value)) return value == nearest ? 0 : 1e9;
  const T size = std::max(std::abs(nearest), std::numeric_limits<T>::min());
  const T unit = std::nextafter(size, std::numeric_limits<T>::infinity()) - size;
  return std::abs((static_cast<double>(value) - exact.high) - exact.low) / unit;
}

template <class T>
std::vector<T> sweep(double low, double high, int n) {
  std::vector<T> points;
  for (int i = 0; i < n; ++i) {
    points.push_back(static_cast<T>(low + (high - low) * i / n));
  }
  for (double x = 1e-30; x < high; x *= 1.01) {
    points.push_back(static_cast<T>(x));
    points.push_back(static_cast<T>(-x));
  }
  return points;
}

template <class T, class F>
double worst_ulps(Activation a, double low, double high, F exact) {
  const std::vector<T> z = sweep<T>(low, high, 200000);
  std::vector<T> y(z.size());
  elman::activate(a, z.data(), y.data(), static_cast<int64_t>(z.size()));
  double worst = 0;
  for (size_t i = 0; i < z.size(); ++i) {
    worst = std::max(worst, ulps(y[i], exact(static_cast<double>(z[i]))));
  }
  return worst;
}

template <class T>
T one(Activation a, T z) {
  T y;
  elman::activate(a, &z, &y, 1);
  return y;
}

template <class T>
void check_special_values() {
  const T inf = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  CHECK(one(Activation::kTanh, inf) == 1 && one(Activation::kTanh, -inf) == -1);
  CHECK(one(Activation::kTanh, T(30)) == 1);
  CHECK(std::signbit(one(Activation::kTanh, T(-0.0))));
  CHECK(one(Activation::kSigmoid, inf) == 1);
  CHECK(one(Activation::kSigmoid, -inf) == 0);
  CHECK(one(Activation::kExponential, inf) == inf);
  CHECK(one(Activation::kExponential, -inf) == 0);
  CHECK(one(Activation::kExponential, T(0)) == 1);
  for (const char* name : activation_names()) {
    const Activation a = activation_named(name);
    if (elman::is_row_activation(a)) continue;
    CHECK_MESSAGE(std::isnan(one(a, nan)), std::string(name) + " loses NaN");
  }
}

template <class T>
void check_definitions() {
  for (const char* name : activation_names()) {
    const Activation a = activation_named(name);
    if (elman::is_row_activation(a)) continue;
    const int n = 803;
    std::vector<T> z(n), y(n), dy(n, T(1.5)), dz(n);
    for (int i = 0; i < n; ++i) z[i] = static_cast<T>(-12 + 24.01 * i / n);
    elman::activate(a, z.data(), y.data(), n);
    elman::activation_gradient(a, dy.data(), z.data(), y.data(), dz.data(), n);
    for (int i = 0; i < n; ++i) {
      const double expected = elman::activate(a, double(z[i]));
      const double slope =
          1.5 * elman::activation_slope(a, double(z[i]), expected);
      const double unit = 4 * std::numeric_limits<T>::epsilon();
      CHECK_MESSAGE(std::abs(y[i] - expected) <= unit * (1 + std::abs(expected)),
                    std::string(name) + " at " + std::to_string(z[i]));
      // sqrt(y) of sparse_plus is steep at zero.
      const double slack = a == Activation::kSparsePlus ? 3e3 * unit : 4 * unit;
      CHECK_MESSAGE(std::abs(dz[i] - slope) <= slack * (1 + std::abs(slope)),
                    std::string(name) + " slope at " + std::to_string(z[i]));
    }
  }
}

}  // namespace

TEST("what the last places are held to is itself exact") {
  // e, tanh(1) and 1 / (1 + e^-1), beyond the places of a double.
  const auto near = [](exact::Wide x, double high, double low) {
    return x.high == high && std::abs(x.low - low) < 1e-30;
  };
  CHECK(near(exact::exp(1), 0x1.5bf0a8b145769p+1, 0x1.4d57ee2b1013ap-53));
  CHECK(near(exact::tanh(1), 0x1.85efab514f394p-1, 0x1.5618caf8a4f11p-55));
  CHECK(near(exact::sigmoid(1), 0x1.764d4f5d5a2bdp-1, -0x1.35dae23bc734ap-56));
}

TEST("tanh is within 2 units in the last place") {
  for_every_isa([] {
    CHECK(worst_ulps<float>(Activation::kTanh, -12, 12, exact::tanh) < 2);
    CHECK(worst_ulps<double>(Activation::kTanh, -25, 25, exact::tanh) < 2);
  });
}

TEST("tanh rises everywhere") {
  for_every_isa([] {
    const int n = 2000000;
    std::vector<float> z(n), y(n);
    for (int i = 0; i < n; ++i) z[i] = -10 + 20.0f * float(i) / n;
    elman::activate(Activation::kTanh, z.data(), y.data(), n);
    for (int i = 1; i < n; ++i) CHECK(y[i - 1] <= y[i]);
  });
}

TEST("exp and sigmoid are within 3 units in the last place") {
  for_every_isa([] {
    CHECK(worst_ulps<float>(Activation::kExponential, -110, 95, exact::exp) < 3);
    CHECK(worst_ulps<double>(Activation::kExponential, -750, 715, exact::exp) <
          3);
    CHECK(worst_ulps<float>(Activation::kSigmoid, -80, 40, exact::sigmoid) < 3);
    CHECK(worst_ulps<double>(Activation::kSigmoid, -700, 50, exact::sigmoid) <
          3);
  });
}

TEST("infinities, NaN and signed zero pass as they should") {
  for_every_isa([] {
    check_special_values<float>();
    check_special_values<double>();
  });
}

TEST("vectorised activations and slopes equal their definitions") {
  for_every_isa([] {
    check_definitions<float>();
    check_definitions<double>();
  });
}

TEST("unknown activations are not found") {
  Activation a;
  CHECK(!elman::parse_activation("tahn", &a));
  CHECK(elman::parse_activation("swish", &a) && a == Activation::kSilu);
}
