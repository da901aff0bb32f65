// What a kernel sees of a tensor: a view of row-major numbers with a dtype and
// a shape. Views own nothing; whoever calls a kernel keeps the memory alive.
#ifndef ELMAN_CORE_ARRAY_H_
#define ELMAN_CORE_ARRAY_H_

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

namespace elman {

// kBool is stored as int32 0 or 1, as R stores logical.
enum class DType { kFloat32, kFloat64, kInt32, kBool };

inline int64_t dtype_bytes(DType dtype) {
  return dtype == DType::kFloat64 ? 8 : 4;
}

inline const char* dtype_name(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return "float32";
    case DType::kFloat64:
      return "float64";
    case DType::kInt32:
      return "int32";
    case DType::kBool:
      return "bool";
  }
  return "unknown";
}

inline DType parse_dtype(const std::string& name) {
  if (name == "float32") return DType::kFloat32;
  if (name == "float64") return DType::kFloat64;
  if (name == "int32") return DType::kInt32;
  if (name == "bool") return DType::kBool;
  throw std::invalid_argument("unknown dtype \"" + name + "\"");
}

inline bool is_floating(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

// Extents of up to eight axes, outermost first; rank 0 is a scalar. No heap.
class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<int64_t> extents)
      : Shape(extents.begin(), extents.end()) {}
  template <class Iterator>
  Shape(Iterator first, Iterator last) {
    for (; first != last; ++first) push_back(static_cast<int64_t>(*first));
  }

  int rank() const { return rank_; }
  int64_t operator[](int axis) const { return extents_[axis]; }
  int64_t& operator[](int axis) { return extents_[axis]; }
  const int64_t* begin() const { return extents_; }
  const int64_t* end() const { return extents_ + rank_; }

  void push_back(int64_t extent) {
    if (rank_ == kMaxRank) {
      throw std::invalid_argument("a shape has at most 8 axes");
    }
    if (extent < 0) throw std::invalid_argument("an extent is negative");
    extents_[rank_++] = extent;
  }

  // The product of the extents of axes [first, last).
  int64_t size(int first, int last) const {
    int64_t n = 1;
    for (int axis = first; axis < last; ++axis) n *= extents_[axis];
    return n;
  }
  int64_t size() const { return size(0, rank_); }

  std::string text() const {
    std::string out = "[";
    for (int axis = 0; axis < rank_; ++axis) {
      out += (axis > 0 ? ", " : "") + std::to_string(extents_[axis]);
    }
    return out + "]";
  }

 private:
  int64_t extents_[kMaxRank] = {};
  int rank_ = 0;
};

inline bool operator==(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return false;
  for (int axis = 0; axis < a.rank(); ++axis) {
    if (a[axis] != b[axis]) return false;
  }
  return true;
}
inline bool operator!=(const Shape& a, const Shape& b) { return !(a == b); }

// A row-major view. An absent optional input has data == nullptr.
struct Array {
  void* data = nullptr;
  DType dtype = DType::kFloat32;
  Shape shape;

  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
  int64_t size() const { return shape.size(); }
};

using Arrays = std::vector<Array>;

}  // namespace elman

#endif  // ELMAN_CORE_ARRAY_H_
