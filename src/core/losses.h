// Errors of predictions element by element, one struct each, with
//   value(y, p)   the error of prediction p where y was wanted,
//   slope(y, p)   its derivative in p; 0 where there is none.
#ifndef ELMAN_CORE_LOSSES_H_
#define ELMAN_CORE_LOSSES_H_

namespace elman {

struct SquaredError {
  template <class T>
  static T value(T y, T p) {
    return (p - y) * (p - y);
  }
  template <class T>
  static T slope(T y, T p) {
    return 2 * (p - y);
  }
};

struct AbsoluteError {
  template <class T>
  static T value(T y, T p) {
    return p < y ? y - p : p - y;
  }
  template <class T>
  static T slope(T y, T p) {
    return static_cast<T>((p > y) - (p < y));
  }
};

}  // namespace elman

#endif  // ELMAN_CORE_LOSSES_H_
