// Memory of the core's own: blocks that begin at a cache line. Large ones lie in
// huge pages where the system has them: a processor knows the places of a few
// thousand pages at a time, and megabytes are that many of 4 KB.
#ifndef ELMAN_CORE_MEMORY_H_
#define ELMAN_CORE_MEMORY_H_

#include <cstddef>
#include <new>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace elman {

constexpr size_t kCacheLine = 64;
constexpr size_t kHugePage = size_t{2} << 20;

// One block, which only grows; what is in it is lost then.
class Memory {
 public:
  Memory() = default;
  Memory(Memory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { release(); }

  void* reserve(size_t bytes) {
    if (bytes > size_) {
      release();
      data_ = ::operator new(bytes, alignment_of(bytes));
      size_ = bytes;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
      // A wish: where it is not granted, nothing changes.
      if (is_large(bytes)) madvise(data_, bytes, MADV_HUGEPAGE);
#endif
    }
    return data_;
  }
  void release() {
    if (data_) ::operator delete(data_, alignment_of(size_));
    data_ = nullptr;
    size_ = 0;
  }
  size_t size() const { return size_; }

 private:
  static bool is_large(size_t bytes) { return bytes >= 2 * kHugePage; }
  static std::align_val_t alignment_of(size_t bytes) {
    return std::align_val_t(is_large(bytes) ? kHugePage : kCacheLine);
  }

  void* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace elman

#endif  // ELMAN_CORE_MEMORY_H_
