// Memory that kernels work in. Each thread keeps one block per purpose between
// calls, for fresh megabytes cost a page fault every 4 KB; blocks only grow,
// and those above a bound are given back after the call.
#ifndef ELMAN_CORE_WORKSPACE_H_
#define ELMAN_CORE_WORKSPACE_H_

#include <cstddef>
#include <cstdint>

#include "core/memory.h"

namespace elman {

enum class Purpose { kCall, kSlice, kPacking, kCount };

namespace internal {

constexpr size_t kKeptBytes = size_t{256} << 20;

inline Memory& thread_block(Purpose purpose) {
  thread_local Memory blocks[static_cast<int>(Purpose::kCount)];
  return blocks[static_cast<int>(purpose)];
}

}  // namespace internal

// Gives back what the calling thread keeps. Workers give theirs back when
// shutdown_threads() ends them.
inline void release_workspace() {
  for (int i = 0; i < static_cast<int>(Purpose::kCount); ++i) {
    internal::thread_block(static_cast<Purpose>(i)).release();
  }
}

// The use of a thread's block during one call: arrays are cut from it one
// after the other. The first pass over a plan measures (no block yet), the
// second cuts: see cut_workspace().
class Workspace {
 public:
  explicit Workspace(Purpose purpose)
      : block_(internal::thread_block(purpose)) {}
  ~Workspace() {
    if (block_.size() > internal::kKeptBytes) block_.release();
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // n elements, aligned to a cache line; null while measuring.
  template <class T>
  T* cut(int64_t n) {
    const size_t bytes = static_cast<size_t>(n) * sizeof(T);
    const size_t begin = used_;
    used_ += (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
    return base_ ? reinterpret_cast<T*>(base_ + begin) : nullptr;
  }

  // Ends measuring: reserves what was asked for, to be cut again.
  void reserve() {
    base_ = static_cast<char*>(block_.reserve(used_ + kCacheLine));
    used_ = 0;
  }

 private:
  Memory& block_;
  char* base_ = nullptr;
  size_t used_ = 0;
};

// Runs `layout`, which cuts all arrays of a call, twice: to measure, to cut.
template <class Layout>
void cut_workspace(Workspace& workspace, Layout&& layout) {
  layout();
  workspace.reserve();
  layout();
}

}  // namespace elman

#endif  // ELMAN_CORE_WORKSPACE_H_
