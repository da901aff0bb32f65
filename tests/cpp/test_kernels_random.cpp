// Random kernels: the generator's published answers, ranges, moments, tails.
#include <algorithm>

#include "core/random.h"
#include "kernel_cases.h"

using namespace cases;

namespace {

Attributes keyed(double a, double b) {
  Attributes attributes;
  attributes.set("key", std::vector<double>{a, b});
  return attributes;
}

template <class T>
Tensor<T> draw(const char* name, int64_t n, const Attributes& attributes) {
  Tensor<T> x({n});
  call(name, {}, {x.view()}, attributes);
  return x;
}

// Mean and standard deviation.
template <class T>
std::pair<double, double> moments(const Tensor<T>& x) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < x.size(); ++i) sum += double(x[i]);
  const double mean = sum / double(x.size());
  for (int64_t i = 0; i < x.size(); ++i) {
    squares += (double(x[i]) - mean) * (double(x[i]) - mean);
  }
  return {mean, std::sqrt(squares / double(x.size()))};
}

// A shard of a draw is a part of it: rows 3 and 4 of 5, in each of two blocks.
template <class T>
void check_shards() {
  Attributes whole = keyed(7, 8);
  whole.set("rate", 0.5);
  Attributes part = whole;
  part.set("shard", std::vector<double>{2 * 3, 2 * 3, 5 * 3});
  for (const char* name : {"random_uniform", "random_normal", "dropout_mask"}) {
    const auto all = draw<T>(name, 2 * 5 * 3, whole);
    const auto some = draw<T>(name, 2 * 2 * 3, part);
    for (int64_t block = 0; block < 2; ++block) {
      for (int64_t i = 0; i < 6; ++i) {
        CHECK(some[block * 6 + i] == all[block * 15 + 6 + i]);
      }
    }
  }
}

template <class T>
void check_distributions() {
  const int64_t n = 200000;
  const double slack = 5 / std::sqrt(double(n));  // five standard errors
  Attributes range = keyed(1, 2);
  range.set("minval", -1.0);
  range.set("maxval", 3.0);
  const auto uniform = draw<T>("random_uniform", n, range);
  for (int64_t i = 0; i < n; ++i) CHECK(uniform[i] >= -1 && uniform[i] < 3);
  CHECK(std::abs(moments(uniform).first - 1) < slack * 4 / std::sqrt(12.0));
  CHECK(std::abs(moments(uniform).second - 4 / std::sqrt(12.0)) < slack);

  Attributes bell = keyed(3, 4);
  bell.set("mean", 10.0);
  bell.set("stddev", 2.0);
  const auto normal = draw<T>("random_normal", n, bell);
  CHECK(std::abs(moments(normal).first - 10) < slack * 2);
  CHECK(std::abs(moments(normal).second - 2) < slack * 2);
  int64_t beyond = 0;  // three standard deviations: 0.0027
  for (int64_t i = 0; i < n; ++i) beyond += std::abs(normal[i] - 10) > 6;
  CHECK(std::abs(double(beyond) / double(n) - 0.0026998) < slack * 0.052);

  const auto cut = draw<T>("random_truncated_normal", n, bell);
  for (int64_t i = 0; i < n; ++i) CHECK(std::abs(cut[i] - 10) <= 4);
  // The standard deviation of a normal cut at two of its own.
  CHECK(std::abs(moments(cut).second - 2 * 0.87962566103423978) < slack * 2);
}

}  // namespace

TEST("Philox gives the published words") {
  struct Answer {
    elman::PhiloxKey key;
    uint64_t index;
    uint32_t word[4];
  };
  const Answer answers[] = {
      {{{0, 0}, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{{0xffffffff, 0xffffffff}, ~uint64_t{0}},
       ~uint64_t{0},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{{0xa4093822, 0x299f31d0}, 0x0370734413198a2e},
       0x85a308d3243f6a88,
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const Answer& a : answers) {
    const elman::PhiloxBlock block = a.key.block(a.index);
    for (int k = 0; k < 4; ++k) CHECK(block.word[k] == a.word[k]);
  }
}

TEST("normal quantiles invert the distribution function") {
  for (double z = 0.01; z < 9; z += 0.13) {
    const double p = 0.5 * std::erfc(z / std::sqrt(2.0));
    CHECK(std::abs(elman::normal_tail_quantile(p) - z) < 1e-14 * (1 + z * z));
  }
  CHECK(elman::normal_tail_quantile(0.5) == 0);
}

TEST("random numbers have their range, mean, deviation and tails") {
  check_distributions<float>();
  check_distributions<double>();
}

TEST("an element depends on key, counter and place only") {
  const int before = elman::num_threads();
  for (const char* name :
       {"random_uniform", "random_normal", "random_truncated_normal"}) {
    elman::set_num_threads(1);
    const auto all = draw<double>(name, 30011, keyed(5, 6));
    for (int64_t n : {0, 1, 2, 3, 7, 101}) {
      const auto some = draw<double>(name, n, keyed(5, 6));
      for (int64_t i = 0; i < n; ++i) CHECK(some[i] == all[i]);
    }
    elman::set_num_threads(3);
    CHECK(draw<double>(name, 30011, keyed(5, 6)).values == all.values);
    CHECK(draw<double>(name, 30011, keyed(5, 7)).values != all.values);
    Attributes later = keyed(5, 6);
    later.set("counter", 1.0);
    CHECK(draw<double>(name, 30011, later).values != all.values);
  }
  elman::set_num_threads(before);
}

TEST("random integers fill their range evenly") {
  Attributes range = keyed(8, 9);
  range.set("minval", -3.0);
  range.set("maxval", 4.0);
  const auto x = draw<int32_t>("random_integers", 70000, range);
  std::vector<int> counts(7, 0);
  for (int64_t i = 0; i < x.size(); ++i) {
    CHECK(x[i] >= -3 && x[i] < 4);
    ++counts[static_cast<size_t>(x[i] + 3)];
  }
  // Five standard deviations of a count of mean 10000.
  for (int count : counts) CHECK(std::abs(count - 10000) < 5 * 93);
}

TEST("dropout drops at its rate and keeps the mean") {
  for (double rate : {0.0, 0.3, 1.0}) {
    Attributes attributes = keyed(10, 11);
    attributes.set("rate", rate);
    const auto x = draw<float>("dropout_mask", 100000, attributes);
    const auto y = draw<double>("dropout_mask", 100000, attributes);
    int64_t dropped = 0;
    for (int64_t i = 0; i < x.size(); ++i) {
      dropped += x[i] == 0;
      CHECK((x[i] == 0) == (y[i] == 0));
      CHECK(x[i] == 0 || x[i] == static_cast<float>(1 / (1 - rate)));
    }
    CHECK(std::abs(double(dropped) / 1e5 - rate) < 5 * 0.0016);
    if (rate == 0 || rate == 1) CHECK(double(dropped) == 1e5 * rate);
  }
}

TEST("a shard of a draw is what the whole draw has there") {
  check_shards<float>();
  check_shards<double>();
  Tensor<float> x({4});
  Attributes beyond = keyed(1, 2);
  beyond.set("shard", std::vector<double>{4, 3, 6});
  CHECK_THROWS(call("random_normal", {}, {x.view()}, beyond),
               std::invalid_argument);
}

TEST("a key that is not two words is refused") {
  Tensor<float> x({3});
  Attributes one;
  one.set("key", 1.0);
  CHECK_THROWS(call("random_normal", {}, {x.view()}, one),
               std::invalid_argument);
  CHECK_THROWS(call("random_normal", {}, {x.view()}, keyed(-1, 0)),
               std::invalid_argument);
  CHECK_THROWS(call("random_normal", {}, {x.view()}, keyed(0.5, 0)),
               std::invalid_argument);
}
