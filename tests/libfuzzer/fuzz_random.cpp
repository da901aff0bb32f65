// Random tensors of any key, counter, range and shard: numbers lie where they
// have to, a shard is a part of the whole, and threads change nothing.
#include "core/registry.h"
#include "drawing.h"

using namespace drawing;

namespace {

using elman::Attributes;

const std::vector<std::string> kNames = {
    "random_uniform", "random_normal", "random_truncated_normal",
    "random_integers", "dropout_mask"};

double draw_setting(Bytes* bytes) {
  static const double some[] = {0, 1, -1, 0.5, 2, 100, 1e30, -1e30, HUGE_VAL,
                                std::nan(""), 2147483647.0, -2147483648.0,
                                2147483648.0, 1e-40, 7, -3};
  return bytes->flag() ? bytes->bits<float>() : some[bytes->below(16)];
}

bool is_tame(double x) { return std::abs(x) < 1e6; }

bool runs(const std::string& name, const Owned& out, const Attributes& a) {
  try {
    (*elman::find_kernel(name))({}, {out.view()}, a);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

struct Settings {
  double minval, maxval, mean, stddev, rate;
};

template <class T>
void hold_range(const std::string& name, const Settings& s, const T* x,
                int64_t n) {
  if (!is_tame(s.minval) || !is_tame(s.maxval) || !is_tame(s.mean) ||
      !is_tame(s.stddev)) {
    return;
  }
  for (int64_t i = 0; i < n; ++i) {
    const double value = static_cast<double>(x[i]);
    hold(std::isfinite(value), name + " gives numbers");
    if (name == "dropout_mask") {
      hold(value == 0 || (s.rate < 1 && x[i] == static_cast<T>(1 / (1 - s.rate))),
           "a mask drops or scales");
    } else if (name == "random_truncated_normal") {
      const double far = 2 * std::abs(s.stddev) + 1e-5 * (1 + std::abs(s.mean) +
                                                          std::abs(s.stddev));
      hold(std::abs(value - s.mean) <= far, "tails are cut off");
    } else if (name == "random_uniform" || name == "random_integers") {
      const T low = static_cast<T>(s.minval), high = static_cast<T>(s.maxval);
      if (low < high) hold(x[i] >= low && x[i] < high, "the range is kept");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  draw_machine(&bytes);
  const std::string& name = bytes.one_of(kNames);
  const bool whole_numbers = name == "random_integers";
  const DType dtype = whole_numbers  ? DType::kInt32
                      : bytes.flag() ? DType::kFloat64
                                     : DType::kFloat32;
  Attributes attributes;
  std::vector<double> key = {double(bytes.word()), double(bytes.word())};
  if (bytes.below(16) == 15) key.resize(static_cast<size_t>(bytes.below(4)), 0.5);
  attributes.set("key", key);
  if (bytes.flag()) attributes.set("counter", draw_setting(&bytes));
  Settings s;
  for (double* one : {&s.minval, &s.maxval, &s.mean, &s.stddev, &s.rate}) {
    *one = draw_setting(&bytes);
  }
  if (whole_numbers) s.minval = std::floor(s.minval), s.maxval = std::floor(s.maxval);
  attributes.set("minval", s.minval), attributes.set("maxval", s.maxval);
  attributes.set("mean", s.mean), attributes.set("stddev", s.stddev);
  attributes.set("rate", s.rate);

  const int64_t blocks = 1 + bytes.below(4), row = 1 + bytes.below(70);
  const int64_t first = bytes.below(row), part = 1 + bytes.below(row - first);
  Owned whole(dtype, {blocks, row}), again(dtype, {blocks, row});
  whole.fill_bytes(0x5c), again.fill_bytes(0xa3);
  const bool works = runs(name, whole, attributes);
  elman::set_num_threads(1 + elman::num_threads() % 3);
  hold(works == runs(name, again, attributes), "settings are good or not");

  Attributes sharded = attributes;
  Owned shard(dtype, {blocks, part});
  std::vector<double> place = {double(part), double(first), double(row)};
  const bool damaged = bytes.below(8) == 7;
  if (damaged) place[static_cast<size_t>(bytes.below(3))] = draw_setting(&bytes);
  sharded.set("shard", place);
  const bool shards = runs(name, shard, sharded);
  if (!works) return 0;
  hold(whole.same_bits(again), "the same key gives the same numbers");
  if (!damaged) hold(shards, "a shard of the whole is given");
  const auto check = [&](auto type) {
    using T = decltype(type);
    hold_range(name, s, whole.as<T>(), whole.view().size());
    if (damaged) return;
    for (int64_t b = 0; b < blocks; ++b) {
      hold(std::memcmp(shard.as<T>() + b * part, whole.as<T>() + b * row + first,
                       static_cast<size_t>(part) * sizeof(T)) == 0,
           "a shard is a part of the whole");
    }
  };
  if (dtype == DType::kFloat32) check(float());
  if (dtype == DType::kFloat64) check(double());
  if (dtype == DType::kInt32) check(int32_t());
  return 0;
}
