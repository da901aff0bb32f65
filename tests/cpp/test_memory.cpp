// Memory of the core's own, small and large.
#include <cstdint>
#include <cstring>
#include <utility>

#include "check.h"
#include "core/memory.h"

namespace {

size_t beyond(const void* data, size_t alignment) {
  return reinterpret_cast<uintptr_t>(data) % alignment;
}

TEST("memory begins at a cache line, and at a huge page if it is large") {
  elman::Memory memory;
  for (size_t bytes :
       {size_t{1}, size_t{100}, size_t{5000}, 2 * elman::kHugePage - 1}) {
    void* data = memory.reserve(bytes);
    CHECK(beyond(data, elman::kCacheLine) == 0);
    std::memset(data, 1, bytes);
  }
  for (size_t bytes : {2 * elman::kHugePage, 3 * elman::kHugePage + 1}) {
    void* data = memory.reserve(bytes);
    CHECK(beyond(data, elman::kHugePage) == 0);
    std::memset(data, 1, bytes);
  }
}

TEST("memory only grows until it is given back") {
  elman::Memory memory;
  CHECK(memory.size() == 0);
  char* data = static_cast<char*>(memory.reserve(1000));
  std::memset(data, 7, 1000);
  CHECK(memory.reserve(10) == data && memory.size() == 1000);
  CHECK(data[999] == 7);
  memory.reserve(5 * elman::kHugePage);
  CHECK(memory.size() == 5 * elman::kHugePage);
  memory.release();
  CHECK(memory.size() == 0);
  memory.release();
  CHECK(memory.reserve(3) != nullptr && memory.size() == 3);
}

TEST("memory that is moved leaves none behind") {
  elman::Memory memory;
  void* data = memory.reserve(3 * elman::kHugePage);
  elman::Memory taken(std::move(memory));
  CHECK(memory.size() == 0 && taken.size() == 3 * elman::kHugePage);
  CHECK(taken.reserve(1) == data);
  CHECK(memory.reserve(8) != data);
}

}  // namespace
