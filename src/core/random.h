// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011,
// doi:10.1145/2063384.2063405). Element i of a draw is a function of the key,
// the counter and i alone, so threads and chunks change nothing.
//
// Normal numbers invert the distribution function (Wichura 1988, AS 241),
// which reaches 6.2 standard deviations from 32 bits and 9.1 from 64, and
// makes truncation a matter of scaling.
#ifndef ELMAN_CORE_RANDOM_H_
#define ELMAN_CORE_RANDOM_H_

#include <cmath>
#include <cstdint>

namespace elman {

struct PhiloxBlock {
  uint32_t word[4];
};

struct PhiloxKey {
  uint32_t key[2];
  uint64_t counter;

  // Four words for block number `index`.
  PhiloxBlock block(uint64_t index) const {
    uint32_t c[4] = {
        static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32),
        static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32)};
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; ++round) {
      const uint64_t p0 = uint64_t{0xD2511F53} * c[0];
      const uint64_t p1 = uint64_t{0xCD9E8D57} * c[2];
      const uint32_t next0 = static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k0;
      const uint32_t next2 = static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k1;
      c[1] = static_cast<uint32_t>(p1);
      c[3] = static_cast<uint32_t>(p0);
      c[0] = next0;
      c[2] = next2;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return {{c[0], c[1], c[2], c[3]}};
  }
};

// How many random bits a number of type T uses.
template <class T>
struct RandomBits;
template <>
struct RandomBits<float> {
  using Word = uint32_t;
};
template <>
struct RandomBits<double> {
  using Word = uint64_t;
};

inline uint32_t pick_word(const PhiloxBlock& b, int64_t i, uint32_t) {
  return b.word[i];
}
inline uint64_t pick_word(const PhiloxBlock& b, int64_t i, uint64_t) {
  return uint64_t{b.word[2 * i]} << 32 | b.word[2 * i + 1];
}

// Calls f(i, word) for elements [begin, end), one block at a time.
template <class Word, class F>
void for_each_word(const PhiloxKey& key, int64_t begin, int64_t end, F f) {
  constexpr int64_t kPerBlock = 16 / sizeof(Word);
  for (int64_t i = begin; i < end;) {
    const PhiloxBlock block = key.block(static_cast<uint64_t>(i / kPerBlock));
    if (i % kPerBlock == 0 && i + kPerBlock <= end) {
      for (int64_t k = 0; k < kPerBlock; ++k) {
        f(i + k, pick_word(block, k, Word()));
      }
      i += kPerBlock;
    } else {
      f(i, pick_word(block, i % kPerBlock, Word()));
      ++i;
    }
  }
}

// Uniform in [0, 1), as fine as the mantissa.
inline float unit_interval(uint32_t word) {
  return static_cast<float>(word >> 8) * 0x1p-24f;
}
inline double unit_interval(uint64_t word) {
  return static_cast<double>(word >> 11) * 0x1p-53;
}

// Uniform in (0, 1/2], and a sign: the smaller tail and its side.
struct Tail {
  double p;
  bool upper;
};
inline Tail tail(uint32_t word) {
  return {(static_cast<double>(word & 0x7FFFFFFF) + 0.5) * 0x1p-32,
          word >> 31 != 0};
}
inline Tail tail(uint64_t word) {
  return {(static_cast<double>(word & 0x7FFFFFFFFFFFFFFF) + 0.5) * 0x1p-64,
          word >> 63 != 0};
}

inline double polynomial(const double (&c)[8], double x) {
  double sum = c[7];
  for (int i = 6; i >= 0; --i) sum = sum * x + c[i];
  return sum;
}

// The z >= 0 beyond which a normal variable lies with probability p, for
// 0 < p <= 1/2; 16 digits.
inline double normal_tail_quantile(double p) {
  static constexpr double a[8] = {
      3.3871328727963666080,    1.3314166789178437745e+2,
      1.9715909503065514427e+3, 1.3731693765509461125e+4,
      4.5921953931549871457e+4, 6.7265770927008700853e+4,
      3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static constexpr double b[8] = {1.0,
                                  4.2313330701600911252e+1,
                                  6.8718700749205790830e+2,
                                  5.3941960214247511077e+3,
                                  2.1213794301586595867e+4,
                                  3.9307895800092710610e+4,
                                  2.8729085735721942674e+4,
                                  5.2264952788528545610e+3};
  static constexpr double c[8] = {
      1.42343711074968357734,    4.63033784615654529590,
      5.76949722146069140550,    3.64784832476320460504,
      1.27045825245236838258,    2.41780725177450611770e-1,
      2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr double d[8] = {1.0,
                                  2.05319162663775882187,
                                  1.67638483018380384940,
                                  6.89767334985100004550e-1,
                                  1.48103976427480074590e-1,
                                  1.51986665636164571966e-2,
                                  5.47593808499534494600e-4,
                                  1.05075007164441684324e-9};
  static constexpr double e[8] = {
      6.65790464350110377720,    5.46378491116411436990,
      1.78482653991729133580,    2.96560571828504891230e-1,
      2.65321895265761230930e-2, 1.24266094738807843860e-3,
      2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr double f[8] = {1.0,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};
  const double q = 0.5 - p;
  if (q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  const double r = std::sqrt(-std::log(p));
  if (r <= 5) return polynomial(c, r - 1.6) / polynomial(d, r - 1.6);
  return polynomial(e, r - 5) / polynomial(f, r - 5);
}

// A standard normal number.
template <class Word>
double standard_normal(Word word) {
  const Tail t = tail(word);
  const double z = normal_tail_quantile(t.p);
  return t.upper ? z : -z;
}

// A standard normal number given that it lies within two standard deviations.
template <class Word>
double truncated_normal(Word word) {
  constexpr double kBeyondTwo = 0.022750131948179207200;  // P(Z > 2)
  const Tail t = tail(word);
  const double p = kBeyondTwo + t.p * (1 - 2 * kBeyondTwo);
  const double z = normal_tail_quantile(p);
  return t.upper ? z : -z;
}

}  // namespace elman

#endif  // ELMAN_CORE_RANDOM_H_
