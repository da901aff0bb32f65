// Bytes of a file that is not trusted: whatever is asked for lies within them,
// or there is an error.
#ifndef ELMAN_CORE_HDF5_BYTES_H_
#define ELMAN_CORE_HDF5_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

namespace elman {
namespace hdf5 {

// What is wrong with a file, in words that follow "the file cannot be read:".
class FileError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr uint64_t kUndefined = UINT64_MAX;

class Bytes {
 public:
  Bytes(const unsigned char* data, uint64_t size) : data_(data), size_(size) {}

  uint64_t size() const { return size_; }

  // `n` bytes from `at` on.
  Bytes part(uint64_t at, uint64_t n) const {
    if (at > size_ || n > size_ - at) throw FileError("it is damaged");
    return Bytes(data_ + at, n);
  }
  Bytes from(uint64_t at) const { return part(at, at > size_ ? 1 : size_ - at); }

  // A little-endian number of `n` bytes, up to 8.
  uint64_t number(uint64_t at, int n) const {
    const Bytes bytes = part(at, static_cast<uint64_t>(n));
    uint64_t value = 0;
    for (int k = n - 1; k >= 0; --k) value = value << 8 | bytes.data_[k];
    return value;
  }
  uint64_t u8(uint64_t at) const { return number(at, 1); }
  uint64_t u16(uint64_t at) const { return number(at, 2); }
  uint64_t u32(uint64_t at) const { return number(at, 4); }
  uint64_t u64(uint64_t at) const { return number(at, 8); }

  bool starts_with(const char* sign) const {
    const size_t n = std::strlen(sign);
    return n <= size_ && std::memcmp(data_, sign, n) == 0;
  }

  // A text of at most `most` bytes that ends with a zero byte.
  std::string text(uint64_t at, uint64_t most) const {
    const Bytes rest = from(at);
    const void* end =
        std::memchr(rest.data_, 0, rest.size_ < most ? rest.size_ : most + 1);
    if (end == nullptr) throw FileError("a name in it has no end");
    return std::string(reinterpret_cast<const char*>(rest.data_),
                       static_cast<const char*>(end));
  }
  // All of it, up to the first zero byte.
  std::string text() const {
    const void* end = size_ ? std::memchr(data_, 0, size_) : nullptr;
    const char* first = reinterpret_cast<const char*>(data_);
    return std::string(
        first, end ? static_cast<const char*>(end) : first + size_);
  }

 private:
  const unsigned char* data_;
  uint64_t size_;
};

}  // namespace hdf5
}  // namespace elman

#endif  // ELMAN_CORE_HDF5_BYTES_H_
