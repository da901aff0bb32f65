// Random tensors. Attribute "key" is two whole numbers below 2^32; "counter"
// tells draws with one key apart. Attribute "shard" is c(size, first, whole):
// each block of `size` elements is what stands after the first `first` ones of
// a block of `whole` elements of a larger draw.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/dispatch.h"
#include "core/random.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

uint32_t key_word(double value) {
  require(value >= 0 && value < 4294967296.0 && value == std::floor(value),
          "a key is two whole numbers below 2^32");
  return static_cast<uint32_t>(value);
}

PhiloxKey read_key(const Attributes& attributes) {
  const std::vector<double>& key = attributes.numbers("key");
  require(key.size() == 2, "a key is two whole numbers below 2^32");
  const int64_t counter = attributes.integer("counter", 0);
  return {{key_word(key[0]), key_word(key[1])}, static_cast<uint64_t>(counter)};
}

constexpr int64_t kMostElements = int64_t{1} << 53;

// Where the elements of a draw stand in the larger one.
struct Shard {
  int64_t size, first, whole;
};

struct Draw {
  PhiloxKey key;
  Shard shard;
};

Draw read_draw(const Attributes& attributes, const Array& out) {
  const int64_t all = std::max<int64_t>(out.size(), 1);
  Draw draw{read_key(attributes), {all, 0, all}};
  if (!attributes.has("shard")) return draw;
  const std::vector<int64_t> shard = attributes.integers("shard");
  require(shard.size() == 3, "a shard is three whole numbers");
  draw.shard = {shard[0], shard[1], shard[2]};
  const Shard& s = draw.shard;
  require(s.size > 0 && s.first >= 0 && s.first + s.size <= s.whole &&
              out.size() % s.size == 0,
          "a shard must lie within the whole");
  require(out.size() / s.size <= kMostElements / s.whole,
          "the whole of a shard is too large");
  return draw;
}

// out[i] = f(word of element i); a number takes some 10 ns.
template <class Word, class T, class F>
void generate(const Draw& draw, const Array& out, F f) {
  T* to = out.as<T>();
  const Shard& s = draw.shard;
  parallel_for(out.size(), kGrain / 8, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t block = begin / s.size;
      const int64_t stop = std::min(end, (block + 1) * s.size);
      const int64_t shift = block * (s.whole - s.size) + s.first;
      for_each_word<Word>(
          draw.key, begin + shift, stop + shift,
          [&](int64_t i, Word word) { to[i - shift] = f(word); });
      begin = stop;
    }
  });
}

// In [minval, maxval).
void random_uniform(const Arrays& in, const Arrays& out,
                    const Attributes& attributes) {
  require_counts(in, 0, out, 1);
  const Draw draw = read_draw(attributes, out[0]);
  visit_floating(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    using Word = typename RandomBits<T>::Word;
    const T low = static_cast<T>(attributes.number("minval", 0));
    const T high = static_cast<T>(attributes.number("maxval", 1));
    // Rounding may reach the end of the range, which is not part of it.
    const T last = low < high ? std::nextafter(high, low) : low;
    generate<Word, T>(draw, out[0], [=](Word word) {
      const T x = low + unit_interval(word) * (high - low);
      return x < high ? x : last;
    });
  });
}

// mean + stddev z, z from a word.
template <class F>
void random_bell(const Arrays& in, const Arrays& out,
                 const Attributes& attributes, F standard) {
  require_counts(in, 0, out, 1);
  const Draw draw = read_draw(attributes, out[0]);
  const double mean = attributes.number("mean", 0);
  const double stddev = attributes.number("stddev", 1);
  visit_floating(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    using Word = typename RandomBits<T>::Word;
    generate<Word, T>(draw, out[0], [=](Word word) {
      return static_cast<T>(mean + stddev * standard(word));
    });
  });
}

void random_normal(const Arrays& in, const Arrays& out,
                   const Attributes& attributes) {
  random_bell(in, out, attributes,
              [](auto word) { return standard_normal(word); });
}

void random_truncated_normal(const Arrays& in, const Arrays& out,
                             const Attributes& attributes) {
  random_bell(in, out, attributes,
              [](auto word) { return truncated_normal(word); });
}

// In [minval, maxval): the upper half of word * range, with 64 random bits so
// that no value is favoured noticeably.
void random_integers(const Arrays& in, const Arrays& out,
                     const Attributes& attributes) {
  require_counts(in, 0, out, 1);
  require_dtype(out[0], DType::kInt32);
  const Draw draw = read_draw(attributes, out[0]);
  const int64_t low = attributes.integer("minval");
  const int64_t high = attributes.integer("maxval");
  require(low >= INT32_MIN && high <= int64_t{INT32_MAX} + 1 && low < high,
          "minval must be less than maxval, both int32");
  const uint64_t range = static_cast<uint64_t>(high - low);
  generate<uint64_t, int32_t>(draw, out[0], [=](uint64_t word) {
    const uint64_t carry = (word & 0xFFFFFFFF) * range >> 32;
    const uint64_t place = ((word >> 32) * range + carry) >> 32;
    return static_cast<int32_t>(low + static_cast<int64_t>(place));
  });
}

// 0 with probability `rate`, else 1 / (1 - rate); the same elements for every
// dtype.
void dropout_mask(const Arrays& in, const Arrays& out,
                  const Attributes& attributes) {
  require_counts(in, 0, out, 1);
  const Draw draw = read_draw(attributes, out[0]);
  const double rate = attributes.number("rate");
  require(rate >= 0 && rate <= 1, "rate must lie within 0 and 1");
  const uint64_t dropped = static_cast<uint64_t>(rate * 0x1p32);
  visit_floating(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T keep = rate < 1 ? static_cast<T>(1 / (1 - rate)) : T(0);
    generate<uint32_t, T>(draw, out[0], [=](uint32_t word) {
      return word < dropped ? T(0) : keep;
    });
  });
}

}  // namespace

void register_random(Registry& registry) {
  registry.add({
      {"random_uniform", random_uniform},
      {"random_normal", random_normal},
      {"random_truncated_normal", random_truncated_normal},
      {"random_integers", random_integers},
      {"dropout_mask", dropout_mask},
  });
}

}  // namespace elman
