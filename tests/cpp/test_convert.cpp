// Conversion between R's column-major doubles and row-major tensors.
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "check.h"
#include "core/convert.h"
#include "core/thread_pool.h"

namespace {

// out[row-major place] of an array whose elements number their column-major
// place, found index by index.
std::vector<double> reversed(const std::vector<int64_t>& dims, int64_t size) {
  std::vector<double> out(size);
  std::vector<int64_t> index(dims.size(), 0);
  for (int64_t place = 0; place < size; ++place) {
    int64_t column = 0;
    for (size_t i = dims.size(); i-- > 0;) column = column * dims[i] + index[i];
    out[place] = static_cast<double>(column);
    for (size_t i = dims.size(); i-- > 0;) {
      if (++index[i] < dims[i]) break;
      index[i] = 0;
    }
  }
  return out;
}

template <class T>
void check_shape(const std::vector<int64_t>& dims) {
  int64_t size = 1;
  for (int64_t d : dims) size *= d;
  std::vector<double> in(size), back(size, -1);
  for (int64_t i = 0; i < size; ++i) in[i] = static_cast<double>(i);
  std::vector<T> out(size, T(-1));
  const int rank = static_cast<int>(dims.size());
  elman::from_column_major(in.data(), out.data(), dims.data(), rank);
  const std::vector<double> expected = reversed(dims, size);
  for (int64_t i = 0; i < size; ++i) CHECK(double(out[i]) == expected[i]);
  elman::to_column_major(out.data(), back.data(), dims.data(), rank);
  CHECK(back == in);
}

}  // namespace

TEST("column-major arrays become row-major ones and come back") {
  const std::vector<std::vector<int64_t>> shapes = {
      {},           {1},          {7},          {0, 3},       {1, 9},
      {9, 1},       {3, 4},       {17, 33},     {16, 16},     {2, 3, 4},
      {33, 57, 19}, {1, 10, 8},   {32, 10, 8},  {5, 1, 7},    {4, 3, 1},
      {2, 3, 4, 5}, {7, 2, 1, 9}, {3, 2, 2, 2, 3}, {400, 300}, {70000},
      {37, 45, 70}, {50, 9, 5, 70}};  // rows to threads, of 2 and of 3
  for (int threads = 1; threads <= 3; ++threads) {
    elman::set_num_threads(threads);
    for (const auto& dims : shapes) {
      check_shape<float>(dims);
      check_shape<double>(dims);
    }
  }
}

TEST("integers are transposed too") {
  const std::vector<int64_t> dims = {5, 3, 2};
  std::vector<int32_t> in(30), out(30), back(30);
  for (int i = 0; i < 30; ++i) in[i] = i;
  elman::from_column_major(in.data(), out.data(), dims.data(), 3);
  const std::vector<double> expected = reversed(dims, 30);
  for (int i = 0; i < 30; ++i) CHECK(out[i] == expected[i]);
  elman::to_column_major(out.data(), back.data(), dims.data(), 3);
  CHECK(back == in);
}

TEST("integers become floats, the missing one NaN") {
  const std::vector<int64_t> dims = {17, 3, 5};
  std::vector<int32_t> in(255);
  for (int i = 0; i < 255; ++i) in[i] = i;
  in[100] = std::numeric_limits<int32_t>::min();
  std::vector<float> out(255);
  elman::from_column_major(in.data(), out.data(), dims.data(), 3);
  const std::vector<double> expected = reversed(dims, 255);
  for (int i = 0; i < 255; ++i) {
    CHECK(expected[i] == 100 ? std::isnan(out[i])
                             : double(out[i]) == expected[i]);
  }
}
