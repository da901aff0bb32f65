// What the targets of libFuzzer share: numbers, shapes and arrays drawn from the
// bytes of a case, in memory of exactly their size, so that the address
// sanitizer sees the first byte beyond.
#ifndef ELMAN_TESTS_LIBFUZZER_DRAWING_H_
#define ELMAN_TESTS_LIBFUZZER_DRAWING_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/array.h"
#include "core/isa.h"
#include "core/thread_pool.h"

namespace drawing {

using elman::Array;
using elman::DType;
using elman::Shape;

// Ends the process where a claim does not hold, as the sanitizers do.
inline void hold(bool holds, const std::string& claim) {
  if (holds) return;
  std::fprintf(stderr, "This does not hold: %s\n", claim.c_str());
  std::abort();
}

// The bytes of a case, one after the other; zeros when they are used up.
class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint8_t byte() { return at_ < size_ ? data_[at_++] : 0; }
  bool flag() { return byte() & 1; }
  // 0 to n - 1.
  int64_t below(int64_t n) {
    return (n > 256 ? byte() * 256 + byte() : byte()) % n;
  }
  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[static_cast<size_t>(
        below(static_cast<int64_t>(choices.size())))];
  }
  uint32_t word() {
    uint32_t out = 0;
    for (int k = 0; k < 4; ++k) out = out << 8 | byte();
    return out;
  }
  template <class T>
  T bits() {
    T out;
    unsigned char raw[sizeof(T)];
    for (unsigned char& one : raw) one = byte();
    std::memcpy(&out, raw, sizeof(T));
    return out;
  }
  std::string text(size_t most) {
    std::string out;
    for (size_t n = static_cast<size_t>(below(256)) % (most + 1); n > 0; --n) {
      out += static_cast<char>(byte());
    }
    return out;
  }
  bool empty() const { return at_ >= size_; }

 private:
  const uint8_t* data_;
  size_t size_, at_ = 0;
};

// Around the widths of vectors and blocks.
inline int64_t draw_size(Bytes* bytes) {
  static const std::vector<int64_t> sizes = {1, 2, 3, 4, 5,  7,  8,  9,
                                             0, 6, 15, 16, 17, 31, 33, 48};
  return bytes->one_of(sizes);
}

inline DType draw_dtype(Bytes* bytes) {
  return static_cast<DType>(bytes->below(4));
}

// Any instruction set that the processor has, and one to three threads.
inline void draw_machine(Bytes* bytes) {
  static const std::vector<std::string> isas = elman::supported_isas();
  elman::set_isa(bytes->one_of(isas));
  elman::set_num_threads(1 + static_cast<int>(bytes->below(3)));
}

// ---- arrays --------------------------------------------------------------------

// How numbers are drawn: a few bytes decide about an array of any size.
enum Numbers { kUniform, kSmallWhole, kSpecial, kAnyBits };

template <class T>
T special_number(uint32_t draw) {
  const T largest = std::numeric_limits<T>::max();
  const T least = std::numeric_limits<T>::lowest();
  if (std::is_floating_point<T>::value) {
    const T inf = std::numeric_limits<T>::infinity();
    const T all[] = {T(0), T(-0.0), T(1), T(-1), inf, -inf, largest, least,
                     std::numeric_limits<T>::quiet_NaN(),
                     std::numeric_limits<T>::denorm_min(),
                     std::numeric_limits<T>::min(),
                     std::numeric_limits<T>::epsilon(), T(0.5), T(88.8),
                     T(-104), T(1e9)};
    return all[draw % 16];
  }
  const T all[] = {T(0), T(1), T(-1), T(2), T(3), largest, least, T(7)};
  return all[draw % 8];
}

template <class T>
void fill_numbers(Bytes* bytes, Numbers how, T* to, int64_t n) {
  uint32_t state = 0;
  if (how != kAnyBits && n > 0) state = bytes->byte() * 2654435761u + 1;
  for (int64_t i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    const uint32_t draw = state >> 8;
    switch (how) {
      case kUniform: {
        const double unit = draw / 16777216.0;
        to[i] = static_cast<T>(std::is_floating_point<T>::value
                                   ? 4 * unit - 2
                                   : std::floor(13 * unit) - 6);
        break;
      }
      case kSmallWhole: to[i] = static_cast<T>(draw % 4); break;
      case kSpecial: to[i] = special_number<T>(draw); break;
      case kAnyBits: to[i] = bytes->bits<T>(); break;
    }
  }
}

// An array that owns its numbers.
class Owned {
 public:
  Owned() = default;
  Owned(DType dtype, const Shape& shape) {
    array_.dtype = dtype;
    array_.shape = shape;
    memory_.reset(new char[static_cast<size_t>(size())]);
    array_.data = memory_.get();
  }

  void draw(Bytes* bytes, Numbers how) {
    const int64_t n = array_.size();
    switch (array_.dtype) {
      case DType::kFloat32:
        return fill_numbers(bytes, how, array_.as<float>(), n);
      case DType::kFloat64:
        return fill_numbers(bytes, how, array_.as<double>(), n);
      case DType::kInt32:
        return fill_numbers(bytes, how, array_.as<int32_t>(), n);
      case DType::kBool:
        fill_numbers(bytes, kSmallWhole, array_.as<int32_t>(), n);
        for (int64_t i = 0; i < n; ++i) array_.as<int32_t>()[i] &= 1;
    }
  }
  void fill_bytes(int value) {
    if (size() > 0) std::memset(memory_.get(), value, bytes_used());
  }
  bool same_bits(const Owned& other) const {
    return size() == other.size() &&
           (size() == 0 ||
            std::memcmp(memory_.get(), other.memory_.get(), bytes_used()) == 0);
  }
  const Array& view() const { return array_; }
  template <class T>
  T* as() const {
    return array_.as<T>();
  }
  int64_t size() const {
    return array_.shape.size() * elman::dtype_bytes(array_.dtype);
  }

 private:
  size_t bytes_used() const { return static_cast<size_t>(size()); }

  Array array_;
  std::unique_ptr<char[]> memory_;
};

// Equal but for a few roundings of sums of a size around `scale`; what the
// reference has as no number or as infinite may be either.
inline bool agrees(double got, double want, double tolerance, double scale) {
  if (!std::isfinite(want)) return true;
  return std::abs(got - want) <= tolerance * std::max(1.0, scale);
}

}  // namespace drawing

#endif  // ELMAN_TESTS_LIBFUZZER_DRAWING_H_
