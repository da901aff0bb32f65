// Settings and numbers that nobody should give: they are refused, or there is an
// answer for them, on every processor the same.
#include <limits>

#include "kernel_cases.h"

using namespace cases;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

Attributes with(const char* name, std::vector<double> values) {
  Attributes attributes;
  attributes.set(name, std::move(values));
  return attributes;
}

Attributes windows(double size, double out, double stride, double dilation) {
  Attributes a;
  const auto set = [&](const char* name, double value, double filler) {
    a.set(name, std::vector<double>{filler, filler, value});
  };
  set("size", size, 1), set("out", out, 1), set("window", 2, 1);
  set("stride", stride, 1), set("dilation", dilation, 1), set("before", 0, 0);
  return a;
}

}  // namespace

TEST("what is no int32 is the least one, in fill and arange as in cast") {
  for (double value : {kNan, 1e300, -1e300, 2147483648.0}) {
    Tensor<int32_t> x({3});
    call("fill", {}, {x.view()}, with("value", {value}));
    CHECK(x[0] == INT32_MIN && x[2] == INT32_MIN);
    call("arange", {}, {x.view()}, with("start", {value}));
    CHECK(x[0] == INT32_MIN);
  }
}

TEST("a shard of more than there can be is refused") {
  Tensor<float> x({2, 3});
  for (double whole : {9e15, 1e300, kNan, 2.5}) {
    Attributes attributes = with("key", {1, 2});
    attributes.set("shard", std::vector<double>{3, 0, whole});
    CHECK_THROWS(call("random_uniform", {}, {x.view()}, attributes),
                 std::invalid_argument);
  }
}

TEST("counts need thresholds, and these are numbers") {
  Tensor<float> y({2}, {0, 1}), p({2}, {0.25f, 0.75f});
  Tensor<double> none({4, 0}), one({4, 1});
  CHECK_THROWS(call("confusion_counts", {y.view(), p.view()}, {none.view()},
                    with("thresholds", {})),
               std::invalid_argument);
  CHECK_THROWS(call("confusion_counts", {y.view(), p.view()}, {one.view()},
                    with("thresholds", {kNan})),
               std::invalid_argument);
}

TEST("NaN is among the largest only where nothing else is left") {
  const float nan = static_cast<float>(kNan);
  Tensor<float> y({1, 4}, {1, 1, 1, 1}), p({1, 4}, {nan, 0.5f, nan, 0.25f});
  Tensor<double> counts({4, 1});
  for (double k : {1, 2}) {
    Attributes attributes = with("thresholds", {0});
    attributes.set("top_k", k);
    call("confusion_counts", {y.view(), p.view()}, {counts.view()}, attributes);
    CHECK(counts[0] == k);
  }
}

TEST("a class that is no number is refused, and none of the largest") {
  Tensor<float> p({1, 2}, {0.25f, 0.75f}), out({1});
  Tensor<int32_t> hit({1});
  hit.dtype = DType::kBool;
  for (double number : {kNan, 1e30, -1e30}) {
    Tensor<float> y({1}, {static_cast<float>(number)});
    Attributes attributes = with("epsilon", {1e-7});
    CHECK_THROWS(call("sparse_crossentropy", {y.view(), p.view()},
                      {out.view()}, attributes),
                 std::invalid_argument);
    hit[0] = 7;
    call("sparse_hits", {y.view(), p.view()}, {hit.view()}, with("k", {2}));
    CHECK(hit[0] == 0);
  }
}

TEST("windows without channels are empty, and immense ones refused") {
  Tensor<float> none({1, 4, 0}), rows({1, 3, 0});
  call("patches", {none.view()}, {rows.view()}, windows(4, 3, 1, 1));
  call("unpatches", {rows.view()}, {none.view()}, windows(4, 3, 1, 1));
  Tensor<float> x({1, 4, 1}), y({1, 3, 2});
  CHECK_THROWS(call("patches", {x.view()}, {y.view()}, windows(4, 3, 9e15, 1)),
               std::invalid_argument);
  CHECK_THROWS(call("patches", {x.view()}, {y.view()},
                    windows(4, 6442450944.0, 1, 1)),
               std::invalid_argument);
  Tensor<float> largest({1, 3, 1});
  CHECK_THROWS(
      call("max_pool", {x.view()}, {largest.view()}, windows(4, 3, 1, 2)),
      std::invalid_argument);
}

TEST("steps and places beyond all arrays are refused") {
  Tensor<float> x({4}), y({2});
  Attributes slice = with("start", {0});
  slice.set("stride", std::vector<double>{9e15});
  CHECK_THROWS(call("slice", {x.view()}, {y.view()}, slice),
               std::invalid_argument);
  Tensor<int32_t> index({1, 3}), place({1});
  CHECK_THROWS(call("flat_index", {index.view()}, {place.view()},
                    with("sizes", {9e15, 9e15, 9e15})),
               std::invalid_argument);
}

TEST("an optimizer that is not told all it needs changes nothing") {
  int32_t calls = 3;
  float product = 0.5f;
  Tensor<float> w({2}, 1.0f), g({2}, 1.0f), m({2}), v({2});
  const Array count{&calls, DType::kInt32, {}};
  const Array kept{&product, DType::kFloat32, {}};
  Attributes nadam = with("beta_1", {0.9});
  nadam.set("beta_2", 0.999), nadam.set("learning_rate", 0.5);
  CHECK_THROWS(call("optimizer_nadam", {g.view()},
                    {count, kept, w.view(), m.view(), v.view()}, nadam),
               std::invalid_argument);
  Attributes sgd = with("decayed", {1, 1});
  sgd.set("learning_rate", 1.0), sgd.set("momentum", 0.0);
  CHECK_THROWS(call("optimizer_sgd", {g.view()}, {count, w.view()}, sgd),
               std::invalid_argument);
  CHECK(calls == 3 && product == 0.5f && w[0] == 1.0f);
}
