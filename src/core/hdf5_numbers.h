// The numbers of an HDF5 array, of every type that Keras writes, as doubles.
#ifndef ELMAN_CORE_HDF5_NUMBERS_H_
#define ELMAN_CORE_HDF5_NUMBERS_H_

#include <cmath>
#include <cstdint>
#include <cstring>

#include "core/hdf5_messages.h"

namespace elman {
namespace hdf5 {

inline double half_to_double(uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const double fraction = static_cast<double>(bits & 1023) / 1024;
  double value = exponent == 0    ? std::ldexp(fraction, -14)
                 : exponent == 31 ? (fraction == 0 ? HUGE_VAL : std::nan(""))
                                  : std::ldexp(1 + fraction, exponent - 15);
  return bits >> 15 ? -value : value;
}

// `count` numbers of a type from `bytes`, which holds them.
inline void read_numbers(const unsigned char* bytes, const Type& type,
                         uint64_t count, double* to) {
  const int size = static_cast<int>(type.size);
  for (uint64_t k = 0; k < count; ++k, bytes += size) {
    uint64_t bits = 0;
    for (int i = 0; i < size; ++i) {
      bits = bits << 8 | bytes[type.big_endian ? i : size - 1 - i];
    }
    if (type.kind == Type::kInteger) {
      const int unused = 64 - 8 * size;
      to[k] = type.is_signed
                  ? static_cast<double>(static_cast<int64_t>(bits << unused) >>
                                        unused)
                  : static_cast<double>(bits);
    } else if (size == 8) {
      std::memcpy(&to[k], &bits, sizeof(double));
    } else if (size == 4) {
      const uint32_t low = static_cast<uint32_t>(bits);
      float value;
      std::memcpy(&value, &low, sizeof(float));
      to[k] = value;
    } else {
      to[k] = half_to_double(bits);
    }
  }
}

}  // namespace hdf5
}  // namespace elman

#endif  // ELMAN_CORE_HDF5_NUMBERS_H_
