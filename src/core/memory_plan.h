// Where blocks lie in one stretch of memory: blocks that are given back make
// room for later ones. Offsets and sizes are multiples of a cache line.
#ifndef ELMAN_CORE_MEMORY_PLAN_H_
#define ELMAN_CORE_MEMORY_PLAN_H_

#include <cstdint>
#include <iterator>
#include <map>

#include "core/memory.h"

namespace elman {

class MemoryPlan {
 public:
  // The offset of a block: the smallest gap that fits, else at the end.
  int64_t reserve(int64_t bytes) {
    const int64_t size = rounded(bytes);
    auto best = gaps_.end();
    for (auto gap = gaps_.begin(); gap != gaps_.end(); ++gap) {
      if (gap->second < size) continue;
      if (best == gaps_.end() || gap->second < best->second) best = gap;
    }
    if (best == gaps_.end()) {
      const int64_t offset = size_;
      size_ += size;
      return offset;
    }
    const int64_t offset = best->first;
    const int64_t left = best->second - size;
    gaps_.erase(best);
    if (left > 0) gaps_[offset + size] = left;
    return offset;
  }

  void give_back(int64_t offset, int64_t bytes) {
    auto gap = gaps_.emplace(offset, rounded(bytes)).first;
    const auto after = std::next(gap);
    if (after != gaps_.end() && gap->first + gap->second == after->first) {
      gap->second += after->second;
      gaps_.erase(after);
    }
    if (gap == gaps_.begin()) return;
    const auto before = std::prev(gap);
    if (before->first + before->second == gap->first) {
      before->second += gap->second;
      gaps_.erase(gap);
    }
  }

  int64_t size() const { return size_; }

 private:
  static int64_t rounded(int64_t bytes) {
    constexpr int64_t kLine = kCacheLine;
    return bytes > 0 ? (bytes + kLine - 1) / kLine * kLine : kLine;
  }

  std::map<int64_t, int64_t> gaps_;  // size by offset
  int64_t size_ = 0;
};

}  // namespace elman

#endif  // ELMAN_CORE_MEMORY_PLAN_H_
