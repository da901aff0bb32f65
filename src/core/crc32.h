// The checksum of zip members (ISO 3309, polynomial 0x04C11DB7 reflected).
#ifndef ELMAN_CORE_CRC32_H_
#define ELMAN_CORE_CRC32_H_
#include <cstddef>
#include <cstdint>

namespace elman {

inline uint32_t crc32(const unsigned char* bytes, size_t n) {
  uint32_t table[256];
  for (uint32_t k = 0; k < 256; ++k) {
    uint32_t value = k;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1u) ? 0xEDB88320u ^ (value >> 1) : value >> 1;
    }
    table[k] = value;
  }
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t k = 0; k < n; ++k) {
    crc = table[(crc ^ bytes[k]) & 0xFFu] ^ (crc >> 8);
  }
  return crc ^ 0xFFFFFFFFu;
}

}  // namespace elman

#endif  // ELMAN_CORE_CRC32_H_
