// Checksums of zip members.
#include "core/crc32.h"

#include <cstring>

#include "check.h"

namespace {
uint32_t crc_of(const char* text) {
  return elman::crc32(reinterpret_cast<const unsigned char*>(text),
                      std::strlen(text));
}
}  // namespace

TEST("checksums have their published values") {
  CHECK(crc_of("") == 0u);
  CHECK(crc_of("123456789") == 0xCBF43926u);
  CHECK(crc_of("The quick brown fox jumps over the lazy dog") == 0x414FA339u);
}
