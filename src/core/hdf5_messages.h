// The messages of an HDF5 object's header: what type its numbers have, their
// shape, where they lie. After the HDF5 file format specification, version 3.0,
// chapter IV, as much of it as h5py writes for Keras.
#ifndef ELMAN_CORE_HDF5_MESSAGES_H_
#define ELMAN_CORE_HDF5_MESSAGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/hdf5_bytes.h"

namespace elman {
namespace hdf5 {

// ---- types -------------------------------------------------------------------

struct Type {
  enum Kind { kFloat, kInteger, kText, kTextReference, kOther };
  Kind kind = kOther;
  uint64_t size = 0;
  bool is_signed = false;
  bool big_endian = false;
};

inline Type read_type(Bytes message) {
  Type type;
  const uint64_t version = message.u8(0) >> 4, kind = message.u8(0) & 15;
  const uint64_t bits = message.number(1, 3);
  type.size = message.u32(4);
  if (version < 1 || version > 3) return type;
  const bool whole = type.size <= 8 && type.size > 0 &&
                     (type.size & (type.size - 1)) == 0;
  if (kind == 0 && whole) {
    if (message.u16(8) == 0 && message.u16(10) == 8 * type.size) {
      type.kind = Type::kInteger;
    }
    type.big_endian = bits & 1;
    type.is_signed = bits & 8;
  } else if (kind == 1 && whole && type.size > 1 && !(bits & 0x40)) {
    // IEEE numbers only: exponent, mantissa and bias where they belong.
    struct Layout {
      uint64_t size, exponent, exponent_bits, mantissa_bits, bias;
    };
    static constexpr Layout kLayouts[] = {
        {2, 10, 5, 10, 15}, {4, 23, 8, 23, 127}, {8, 52, 11, 52, 1023}};
    for (const Layout& is : kLayouts) {
      if (type.size == is.size && message.u16(8) == 0 &&
          message.u16(10) == 8 * is.size && message.u8(12) == is.exponent &&
          message.u8(13) == is.exponent_bits && message.u8(14) == 0 &&
          message.u8(15) == is.mantissa_bits && message.u32(16) == is.bias) {
        type.kind = Type::kFloat;
      }
    }
    type.big_endian = bits & 1;
  } else if (kind == 3) {
    type.kind = Type::kText;
  } else if (kind == 9 && (bits & 15) == 1 && type.size == 16) {
    type.kind = Type::kTextReference;
  }
  return type;
}

// ---- shapes ------------------------------------------------------------------

struct Space {
  bool empty = false;  // "null": not even one number
  std::vector<uint64_t> shape;
};

inline constexpr uint64_t kMaxRank = 8;

inline Space read_space(Bytes message) {
  Space space;
  const uint64_t version = message.u8(0), rank = message.u8(1);
  if (version != 1 && version != 2) throw FileError("a shape in it is unknown");
  if (rank > kMaxRank) throw FileError("it has a shape that is out of range");
  if (version == 2) space.empty = message.u8(3) == 2;
  const uint64_t first = version == 1 ? 8 : 4;
  for (uint64_t k = 0; k < rank; ++k) {
    const uint64_t size = message.u64(first + 8 * k);
    if (size >= uint64_t(1) << 31) {
      throw FileError("it has a shape that is out of range");
    }
    space.shape.push_back(size);
  }
  return space;
}

// The number of elements; an error where that is more than `limit`.
inline uint64_t count_elements(const Space& space, uint64_t limit,
                               const std::string& what) {
  if (space.empty) return 0;
  uint64_t count = 1;
  for (uint64_t size : space.shape) {
    if (size == 0) return 0;
    if (count > limit / size) {
      throw FileError(what +
                      " says that it has more bytes, but they are not there");
    }
    count *= size;
  }
  return count;
}

// ---- where numbers lie -------------------------------------------------------

struct Layout {
  uint64_t at = kUndefined;  // in the file, or within the message where compact
  uint64_t size = 0;
  bool compact = false;
};

inline Layout read_layout(Bytes message, const std::string& what) {
  Layout layout;
  const uint64_t version = message.u8(0), kind = message.u8(1);
  if (version != 3 && version != 4) {
    throw FileError("the layout of " + what + " is unknown");
  }
  if (kind == 0) {
    layout.compact = true;
    layout.size = message.u16(2);
    layout.at = 4;
  } else if (kind == 1) {
    layout.at = message.u64(2);
    layout.size = message.u64(10);
  } else {
    throw FileError(what +
                    " is virtual or in chunks, which Keras does not write");
  }
  return layout;
}

}  // namespace hdf5
}  // namespace elman

#endif  // ELMAN_CORE_HDF5_MESSAGES_H_
