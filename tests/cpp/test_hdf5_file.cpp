// The reader of HDF5 files on a file that save_model_weights() wrote, whole and
// damaged in every way that chance finds.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "core/hdf5_file.h"
#include "core/hdf5_numbers.h"

namespace {

using elman::hdf5::Array;
using elman::hdf5::File;
using elman::hdf5::FileError;

typedef std::vector<unsigned char> Content;

Content small_file() {
  std::ifstream in("tests/cpp/small.weights.h5", std::ios::binary);
  return Content(std::istreambuf_iterator<char>(in), {});
}

// The sum of all numbers of a file; 0 where it is refused.
double read_all(const Content& content, bool* refused) {
  double sum = 0;
  *refused = false;
  try {
    const File file(content.data(), content.size());
    for (const Array& array : file.arrays) {
      CHECK(array.count * array.type.size <= content.size());
      std::vector<double> numbers(array.count);
      elman::hdf5::read_numbers(content.data() + array.at, array.type,
                                array.count, numbers.data());
      for (double x : numbers) sum += x;
    }
  } catch (const FileError&) {
    *refused = true;
  }
  return sum;
}

}  // namespace

TEST("a file's groups, arrays and texts are found") {
  const Content content = small_file();
  CHECK(content.size() > 1000);
  const File file(content.data(), content.size());
  bool found = false;
  for (const Array& array : file.arrays) {
    found = found || (array.path == "layers/dense/vars/1" &&
                      array.shape == std::vector<uint64_t>{2});
  }
  CHECK(found);
  CHECK(!file.texts.empty());
  CHECK(file.texts[0].name == "name");
}

TEST("a file cut anywhere is refused") {
  const Content content = small_file();
  for (size_t n = 0; n < content.size(); n += 7) {
    bool refused;
    read_all(Content(content.begin(), content.begin() + static_cast<long>(n)),
             &refused);
    CHECK(refused);
  }
}

TEST("20,000 damaged files are read or refused") {
  const Content content = small_file();
  std::mt19937 random(1);
  const auto below = [&](size_t n) { return random() % n; };
  const uint64_t hostile[] = {0, 1, 7, 0xff, 0x7fffffff, 0xffffffff,
                              0x100000000, UINT64_MAX, UINT64_MAX - 7,
                              INT64_MAX, content.size(), content.size() - 1};
  int refusals = 0;
  for (int round = 0; round < 20000; ++round) {
    Content hurt = content;
    for (size_t k = 1 + below(4); k > 0; --k) {
      const size_t at = below(hurt.size() - 8);
      switch (below(4)) {
        case 0: hurt[at] = static_cast<unsigned char>(random()); break;
        case 1: {  // a number where numbers stand: at a multiple of eight
          const uint64_t value = hostile[below(std::size(hostile))];
          std::memcpy(&hurt[at / 8 * 8], &value, 8);
          break;
        }
        case 2: {  // an address of another part
          const uint64_t value = below(content.size()) / 8 * 8;
          std::memcpy(&hurt[at / 8 * 8], &value, 8);
          break;
        }
        default: {  // a piece of the file in another place
          const size_t n = 1 + below(64), from = below(hurt.size() - n);
          const size_t to = below(hurt.size() - n);
          std::memmove(&hurt[to], &content[from], n);
        }
      }
    }
    bool refused;
    read_all(hurt, &refused);
    refusals += refused;
  }
  CHECK(refusals > 1000);
  CHECK(refusals < 20000);
}

TEST("numbers of every type are read") {
  using elman::hdf5::Type;
  const auto read = [](Type type, std::vector<unsigned char> bytes) {
    double value;
    elman::hdf5::read_numbers(bytes.data(), type, 1, &value);
    return value;
  };
  const auto of = [](Type::Kind kind, uint64_t size, bool is_signed, bool big) {
    Type type;
    type.kind = kind;
    type.size = size;
    type.is_signed = is_signed;
    type.big_endian = big;
    return type;
  };
  CHECK(read(of(Type::kInteger, 1, true, false), {0xff}) == -1);
  CHECK(read(of(Type::kInteger, 1, false, false), {0xff}) == 255);
  CHECK(read(of(Type::kInteger, 2, true, true), {0xff, 0xfe}) == -2);
  CHECK(read(of(Type::kInteger, 8, true, false),
             {0xfe, 255, 255, 255, 255, 255, 255, 255}) == -2);
  CHECK(read(of(Type::kFloat, 2, true, false), {0x00, 0xc0}) == -2);
  CHECK(read(of(Type::kFloat, 2, true, false), {0x01, 0x00}) ==
        std::ldexp(1, -24));
  CHECK(std::isinf(read(of(Type::kFloat, 2, true, false), {0x00, 0x7c})));
  CHECK(read(of(Type::kFloat, 4, true, true), {0x3f, 0xc0, 0, 0}) == 1.5);
  CHECK(read(of(Type::kFloat, 8, true, false), {0, 0, 0, 0, 0, 0, 0xf8, 0x3f}) ==
        1.5);
}
