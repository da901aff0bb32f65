// What an update rule is: one struct in an optimizers_*.h, made for each call
// from its attributes and the number t of the update, from 1. A rule has
//   slots(attributes)        how many numbers it keeps beside every weight,
// and either, element by element,
//   update(g, w, slot, n)    one step of n elements, in place,
// or, where kWhole is true, for what needs a variable as a whole,
//   scratch(shape)           elements to work in beside the gradient,
//   prepare()                reserves what else update() needs,
//   update(g, w, slot, shape, scratch)   one step; g may be overwritten.
// The bases below say the rest; a rule hides what differs. Numbers are rounded
// to T where Keras rounds them, so float32 agrees.
#ifndef ELMAN_CORE_OPTIMIZER_RULES_H_
#define ELMAN_CORE_OPTIMIZER_RULES_H_

#include <cmath>
#include <cstdint>
#include <string_view>

#include "core/array.h"
#include "core/attributes.h"

namespace elman {

struct ElementRule {
  static constexpr bool kWhole = false;
  // Numbers that the rule keeps beside all variables together.
  static constexpr int kStates = 0;
  static void advance(const Attributes&, double, const Array*) {}

  // The size of slot s; -1 where the rule does not use it.
  static int64_t slot_size(const Shape& shape, int) { return shape.size(); }
  // Whether slot s may be absent.
  static bool may_lack(const Shape&, int) { return false; }
  // The decay of the variable that has these slots.
  static double decay(const Attributes& a, const Array* const*) {
    return a.number("weight_decay", 0);
  }
};

struct WholeRule : ElementRule {
  static constexpr bool kWhole = true;
  static int64_t scratch(const Shape&) { return 0; }
  static void prepare() {}
};

template <class T>
T setting(const Attributes& a, std::string_view name) {
  return static_cast<T>(a.number(name));
}

// 1 - x, rounded once.
template <class T>
T complement(const Attributes& a, std::string_view name) {
  return static_cast<T>(1 - a.number(name));
}

// 1 - x^t
template <class T>
T correction(T x, double t) {
  return 1 - std::pow(x, static_cast<T>(t));
}

}  // namespace elman

#endif  // ELMAN_CORE_OPTIMIZER_RULES_H_
