// Activations whose shape is set by numbers: relu, leaky_relu, elu, celu, gelu,
// hard_shrink, soft_shrink, threshold and squareplus. With their defaults they
// are those of activations.h, which are vectorised; these are for the rest.
#ifndef ELMAN_CORE_ACTIVATION_PARAMETERS_H_
#define ELMAN_CORE_ACTIVATION_PARAMETERS_H_

#include <cmath>
#include <limits>
#include <string_view>

#include "core/activations.h"
#include "core/attributes.h"

namespace elman {

struct ActivationParameters {
  bool are_default = true;
  double slope = 0;      // relu, leaky_relu: left of the threshold
  double alpha = 1;      // elu, celu
  double threshold = 0;  // relu, threshold, hard_shrink, soft_shrink
  double limit = std::numeric_limits<double>::infinity();  // relu
  double otherwise = 0;                                    // threshold
  double b = 4;                                            // squareplus

  ActivationParameters(Activation kind, const Attributes& attributes) {
    const auto read = [&](std::string_view name, double usual) {
      const double value = attributes.number(name, usual);
      if (value != usual) are_default = false;
      return value;
    };
    switch (kind) {
      case Activation::kRelu:
        slope = read("negative_slope", 0);
        threshold = read("threshold", 0);
        limit = read("max_value", limit);
        break;
      case Activation::kLeakyRelu:
        slope = read("negative_slope", 0.2);
        break;
      case Activation::kElu:
      case Activation::kCelu:
        alpha = read("alpha", 1);
        break;
      case Activation::kGelu:
        read("approximate", 0);
        break;
      case Activation::kHardShrink:
      case Activation::kSoftShrink:
        threshold = read("threshold", 0.5);
        break;
      case Activation::kThreshold:
        threshold = read("threshold", 0);
        otherwise = read("default_value", 0);
        break;
      case Activation::kSquareplus:
        b = read("b", 4);
        break;
      default:
        break;
    }
  }
};

// gelu by tanh: z/2 (1 + tanh(u)), u = sqrt(2/pi) (z + 0.044715 z^3).
constexpr double kGeluScale = 0.79788456080286535588;
constexpr double kGeluCube = 0.044715;

template <class T>
T clip_to(T z, T limit) {
  return z < 0 ? T(0) : z > limit ? limit : z;
}

template <class T>
T activate(Activation kind, const ActivationParameters& p, T z) {
  const T threshold = static_cast<T>(p.threshold);
  const T alpha = static_cast<T>(p.alpha);
  switch (kind) {
    case Activation::kRelu: {
      const T limit = static_cast<T>(p.limit);
      if (z <= threshold) return static_cast<T>(p.slope) * (z - threshold);
      return std::isinf(p.limit) ? z : clip_to(z, limit);
    }
    case Activation::kLeakyRelu:
      return z > 0 ? z : static_cast<T>(p.slope) * z;
    case Activation::kElu:
      return z > 0 ? z : alpha * std::expm1(z);
    case Activation::kCelu:
      return z > 0 ? z : alpha * std::expm1(z / alpha);
    case Activation::kGelu: {
      const T u = T(kGeluScale) * (z + T(kGeluCube) * z * z * z);
      return T(0.5) * z * (1 + std::tanh(u));
    }
    case Activation::kHardShrink:
      return std::abs(z) <= threshold ? T(0) : z;
    case Activation::kSoftShrink:
      return z > threshold    ? z - threshold
             : z < -threshold ? z + threshold
                              : z * 0;
    case Activation::kThreshold:
      return z <= threshold ? static_cast<T>(p.otherwise) : z;
    case Activation::kSquareplus:
      return (z + std::sqrt(z * z + static_cast<T>(p.b))) / 2;
    default:
      return activate(kind, z);
  }
}

// f'(z), from z and y = f(z).
template <class T>
T activation_slope(Activation kind, const ActivationParameters& p, T z, T y) {
  const T threshold = static_cast<T>(p.threshold);
  const T alpha = static_cast<T>(p.alpha);
  switch (kind) {
    case Activation::kRelu:
      if (z <= threshold) return static_cast<T>(p.slope);
      if (std::isinf(p.limit)) return T(1);
      return z > 0 && z < static_cast<T>(p.limit) ? T(1) : T(0);
    case Activation::kLeakyRelu:
      return z > 0 ? T(1) : static_cast<T>(p.slope);
    case Activation::kElu:
      return z > 0 ? T(1) : alpha * std::exp(z);
    case Activation::kCelu:
      return z > 0 ? T(1) : std::exp(z / alpha);
    case Activation::kGelu: {
      const T u = T(kGeluScale) * (z + T(kGeluCube) * z * z * z);
      const T t = std::tanh(u);
      const T du = T(kGeluScale) * (1 + 3 * T(kGeluCube) * z * z);
      return T(0.5) * (1 + t) + T(0.5) * z * (1 - t * t) * du;
    }
    case Activation::kHardShrink:
    case Activation::kSoftShrink:
      return std::abs(z) <= threshold ? T(0) : T(1);
    case Activation::kThreshold:
      return z <= threshold ? T(0) : T(1);
    case Activation::kSquareplus:
      return (1 + z / std::sqrt(z * z + static_cast<T>(p.b))) / 2;
    default:
      return activation_slope(kind, z, y);
  }
}

}  // namespace elman

#endif  // ELMAN_CORE_ACTIVATION_PARAMETERS_H_
