// Activations by their Keras names: y = f(z), one scalar formula and slope each,
// and the four that act on a whole row. These are the plain definitions; the
// vectorised ones behind activate() follow them.
#ifndef ELMAN_CORE_ACTIVATIONS_H_
#define ELMAN_CORE_ACTIVATIONS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace elman {

enum class Activation {
  kCelu, kElu, kExponential, kGelu, kGlu, kHardShrink, kHardSigmoid, kHardSilu,
  kHardTanh, kLeakyRelu, kLinear, kLogSigmoid, kLogSoftmax, kMish, kRelu,
  kRelu6, kSelu, kSigmoid, kSilu, kSoftShrink, kSoftmax, kSoftplus, kSoftsign,
  kSparsePlus, kSparseSigmoid, kSparsemax, kSquareplus, kTanh, kTanhShrink,
  kThreshold
};

// Finds an activation by name; false if there is none.
inline bool parse_activation(std::string_view name, Activation* activation) {
  static constexpr struct {
    std::string_view name;
    Activation activation;
  } kNames[] = {
      // Those that recurrent layers usually have are found first.
      {"tanh", Activation::kTanh},
      {"sigmoid", Activation::kSigmoid},
      {"celu", Activation::kCelu},
      {"elu", Activation::kElu},
      {"exponential", Activation::kExponential},
      {"gelu", Activation::kGelu},
      {"glu", Activation::kGlu},
      {"hard_shrink", Activation::kHardShrink},
      {"hard_sigmoid", Activation::kHardSigmoid},
      {"hard_silu", Activation::kHardSilu},
      {"hard_swish", Activation::kHardSilu},
      {"hard_tanh", Activation::kHardTanh},
      {"leaky_relu", Activation::kLeakyRelu},
      {"linear", Activation::kLinear},
      {"log_sigmoid", Activation::kLogSigmoid},
      {"log_softmax", Activation::kLogSoftmax},
      {"mish", Activation::kMish},
      {"relu", Activation::kRelu},
      {"relu6", Activation::kRelu6},
      {"selu", Activation::kSelu},
      {"silu", Activation::kSilu},
      {"soft_shrink", Activation::kSoftShrink},
      {"softmax", Activation::kSoftmax},
      {"softplus", Activation::kSoftplus},
      {"softsign", Activation::kSoftsign},
      {"sparse_plus", Activation::kSparsePlus},
      {"sparse_sigmoid", Activation::kSparseSigmoid},
      {"sparsemax", Activation::kSparsemax},
      {"squareplus", Activation::kSquareplus},
      {"swish", Activation::kSilu},
      {"tanh_shrink", Activation::kTanhShrink},
      {"threshold", Activation::kThreshold},
  };
  for (const auto& entry : kNames) {
    if (entry.name == name) {
      *activation = entry.activation;
      return true;
    }
  }
  return false;
}

// Softmax, log-softmax and sparsemax normalise a row; glu halves it.
inline bool is_row_activation(Activation a) {
  return a == Activation::kSoftmax || a == Activation::kLogSoftmax ||
         a == Activation::kSparsemax || a == Activation::kGlu;
}

// Whether the slope needs z; for the others y = f(z) tells all.
inline bool slope_needs_input(Activation a) {
  return a == Activation::kGelu || a == Activation::kHardSilu ||
         a == Activation::kMish || a == Activation::kSilu ||
         a == Activation::kTanhShrink || a == Activation::kGlu ||
         a == Activation::kSparsemax;
}

namespace activation_constants {
constexpr double kSeluScale = 1.0507009873554804934193349852946;
constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
constexpr double kLeakySlope = 0.2;
constexpr double kShrink = 0.5;
constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kInverseSqrt2Pi = 0.39894228040143267794;
}  // namespace activation_constants

template <class T>
T sigmoid(T z) {
  const T e = std::exp(-std::abs(z));
  return z < 0 ? e / (1 + e) : 1 / (1 + e);
}

template <class T>
T softplus(T z) {
  return (z > 0 ? z : z < 0 ? T(0) : z) + std::log1p(std::exp(-std::abs(z)));
}

// f(z) of an element-wise activation. Comparisons are written so that NaN
// stays NaN.
template <class T>
T activate(Activation a, T z) {
  using namespace activation_constants;
  switch (a) {
    case Activation::kCelu:
    case Activation::kElu: return z > 0 ? z : std::expm1(z);
    case Activation::kExponential: return std::exp(z);
    case Activation::kGelu:
      return T(0.5) * z * std::erfc(-z * T(kSqrtHalf));
    case Activation::kHardShrink:
      return std::abs(z) <= T(kShrink) ? T(0) : z;
    case Activation::kHardSigmoid:
      return z <= -3 ? T(0) : z >= 3 ? T(1) : (z + 3) / 6;
    case Activation::kHardSilu:
      return z <= -3 ? T(0) : z >= 3 ? z : z * (z + 3) / 6;
    case Activation::kHardTanh: return z <= -1 ? T(-1) : z >= 1 ? T(1) : z;
    case Activation::kLeakyRelu: return z > 0 ? z : T(kLeakySlope) * z;
    case Activation::kLinear: return z;
    case Activation::kLogSigmoid: return -softplus(-z);
    case Activation::kMish: return z * std::tanh(softplus(z));
    case Activation::kRelu:
    case Activation::kThreshold: return z <= 0 ? T(0) : z;
    case Activation::kRelu6: return z <= 0 ? T(0) : z >= 6 ? T(6) : z;
    case Activation::kSelu:
      return T(kSeluScale) * (z > 0 ? z : T(kSeluAlpha) * std::expm1(z));
    case Activation::kSigmoid: return sigmoid(z);
    case Activation::kSilu: return z * sigmoid(z);
    case Activation::kSoftShrink:
      return z > T(kShrink)    ? z - T(kShrink)
             : z < -T(kShrink) ? z + T(kShrink)
                               : z * 0;
    case Activation::kSoftplus: return softplus(z);
    case Activation::kSoftsign: return z / (1 + std::abs(z));
    case Activation::kSparsePlus:
      return z <= -1 ? T(0) : z >= 1 ? z : (z + 1) * (z + 1) / 4;
    case Activation::kSparseSigmoid:
      return z <= -1 ? T(0) : z >= 1 ? T(1) : (z + 1) / 2;
    case Activation::kSquareplus: {
      const T root = std::sqrt(z * z + 4);
      return z < 0 ? 2 / (root - z) : (z + root) / 2;
    }
    case Activation::kTanh: return std::tanh(z);
    case Activation::kTanhShrink: return z - std::tanh(z);
    default: return z;
  }
}

// f'(z), from z and y = f(z); z is read only where slope_needs_input().
template <class T>
T activation_slope(Activation a, T z, T y) {
  using namespace activation_constants;
  switch (a) {
    case Activation::kCelu:
    case Activation::kElu: return y > 0 ? T(1) : y + 1;
    case Activation::kExponential: return y;
    case Activation::kGelu:
      return T(0.5) * std::erfc(-z * T(kSqrtHalf)) +
             z * T(kInverseSqrt2Pi) * std::exp(T(-0.5) * z * z);
    case Activation::kHardShrink:
    case Activation::kSoftShrink: return y == 0 ? T(0) : T(1);
    case Activation::kHardSigmoid:
      return y > 0 && y < 1 ? T(1) / 6 : T(0);
    case Activation::kHardSilu:
      return z <= -3 ? T(0) : z >= 3 ? T(1) : z / 3 + T(0.5);
    case Activation::kHardTanh: return y > -1 && y < 1 ? T(1) : T(0);
    case Activation::kLeakyRelu: return y > 0 ? T(1) : T(kLeakySlope);
    case Activation::kLogSigmoid: return -std::expm1(y);
    case Activation::kMish: {
      const T t = std::tanh(softplus(z));
      return t + z * sigmoid(z) * (1 - t * t);
    }
    case Activation::kRelu:
    case Activation::kThreshold: return y > 0 ? T(1) : T(0);
    case Activation::kRelu6: return y > 0 && y < 6 ? T(1) : T(0);
    case Activation::kSelu:
      return y >= 0 ? T(kSeluScale) : y + T(kSeluScale * kSeluAlpha);
    case Activation::kSigmoid: return y * (1 - y);
    case Activation::kSilu: {
      const T s = sigmoid(z);
      return s * (1 + z * (1 - s));
    }
    case Activation::kSoftplus: return -std::expm1(-y);
    case Activation::kSoftsign:
      return (1 - std::abs(y)) * (1 - std::abs(y));
    case Activation::kSparsePlus: return y >= 1 ? T(1) : std::sqrt(y);
    case Activation::kSparseSigmoid:
      return y > 0 && y < 1 ? T(0.5) : T(0);
    case Activation::kSquareplus: return y * y / (y * y + 1);
    case Activation::kTanh: return 1 - y * y;
    case Activation::kTanhShrink: return std::tanh(z) * std::tanh(z);
    default: return T(1);
  }
}

// y = f(z) over n elements; z may be y. Vectorised for the instruction set in
// use and spread over threads. Not for row activations.
template <class T>
void activate(Activation a, const T* z, T* y, int64_t n);

// dz = dy f'(z) over n elements; dz may be dy, z may be null where the slope
// does not need it.
template <class T>
void activation_gradient(Activation a, const T* dy, const T* z, const T* y,
                         T* dz, int64_t n);

}  // namespace elman

#endif  // ELMAN_CORE_ACTIVATIONS_H_
