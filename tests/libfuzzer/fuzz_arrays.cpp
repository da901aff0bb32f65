// R's arrays to tensors and back: every number comes to the place that its
// indices say, and back to where it was.
#include "core/convert.h"
#include "drawing.h"

using namespace drawing;

namespace {

// The place of row-major element i where the first index runs fastest.
int64_t column_major(const std::vector<int64_t>& dims, int64_t i) {
  int64_t place = 0, stride = 1;
  for (int64_t size : dims) stride *= size;
  for (size_t axis = dims.size(); axis-- > 0;) {
    stride /= dims[axis];
    place += i % dims[axis] * stride;
    i /= dims[axis];
  }
  return place;
}

template <class From, class To>
void run(Bytes* bytes, const std::vector<int64_t>& dims, int64_t n) {
  std::unique_ptr<From[]> in(new From[static_cast<size_t>(n)]);
  std::unique_ptr<To[]> out(new To[static_cast<size_t>(n)]);
  fill_numbers(bytes, bytes->flag() ? kUniform : kSpecial, in.get(), n);
  const int rank = static_cast<int>(dims.size());
  elman::from_column_major(in.get(), out.get(), dims.data(), rank);
  for (int64_t i = 0; i < n; ++i) {
    const From from = in[static_cast<size_t>(column_major(dims, i))];
    if (std::is_same<From, int32_t>::value &&
        std::is_floating_point<To>::value &&
        from == std::numeric_limits<From>::lowest()) {
      hold(out[static_cast<size_t>(i)] != out[static_cast<size_t>(i)],
           "a missing integer is no number");
      continue;
    }
    const To want = static_cast<To>(from);
    const To got = out[static_cast<size_t>(i)];
    hold(got == want || (got != got && want != want), "numbers keep their place");
  }
  using Back = std::conditional_t<std::is_floating_point<To>::value, double, To>;
  std::unique_ptr<Back[]> back(new Back[static_cast<size_t>(n)]);
  elman::to_column_major(out.get(), back.get(), dims.data(), rank);
  for (int64_t i = 0; i < n; ++i) {
    const Back got = back[static_cast<size_t>(column_major(dims, i))];
    const Back want = static_cast<Back>(out[static_cast<size_t>(i)]);
    hold(got == want || (got != got && want != want), "numbers come back");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  draw_machine(&bytes);
  std::vector<int64_t> dims;
  int64_t n = 1;
  for (int64_t rank = bytes.below(8); rank > 0; --rank) {
    int64_t extent = draw_size(&bytes);
    if (bytes.below(8) == 7) extent *= 9;
    if (n * extent > 200000) extent = 1;
    dims.push_back(extent);
    n *= extent;
  }
  if (bytes.below(32) == 31) dims.resize(static_cast<size_t>(bytes.below(40)), 1);
  if (dims.size() > 32) {
    try {
      double one = 0;
      float to = 0;
      elman::from_column_major(&one, &to, dims.data(),
                               static_cast<int>(dims.size()));
      hold(false, "more than 32 axes are refused");
    } catch (const std::invalid_argument&) {
    }
    return 0;
  }
  n = 1;
  for (int64_t extent : dims) n *= extent;
  switch (bytes.below(5)) {
    case 0: run<double, float>(&bytes, dims, n); break;
    case 1: run<double, double>(&bytes, dims, n); break;
    case 2: run<int32_t, int32_t>(&bytes, dims, n); break;
    case 3: run<int32_t, float>(&bytes, dims, n); break;
    default: run<int32_t, double>(&bytes, dims, n);
  }
  return 0;
}
