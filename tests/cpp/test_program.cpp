// Recorded programs: the same numbers as the calls themselves, on shared memory.
#include <vector>

#include "core/memory_plan.h"
#include "core/program.h"
#include "kernel_cases.h"

using namespace cases;

namespace {

const elman::KernelFunction& kernel(const char* name) {
  return *elman::find_kernel(name);
}

// Does no block overlap another that is held at the same time?
class Ledger {
 public:
  void take(int64_t offset, int64_t bytes) {
    for (const auto& other : held_) {
      CHECK(offset + bytes <= other.first ||
            other.first + other.second <= offset);
    }
    held_.push_back({offset, bytes});
  }
  void drop(size_t k) { held_.erase(held_.begin() + static_cast<long>(k)); }
  std::vector<std::pair<int64_t, int64_t>> held_;
};

}  // namespace

TEST("blocks that are held together never overlap") {
  elman::MemoryPlan plan;
  Ledger ledger;
  uint32_t state = 7;
  const auto draw = [&](uint32_t n) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % n;
  };
  for (int step = 0; step < 2000; ++step) {
    if (ledger.held_.empty() || draw(5) < 3) {
      const int64_t bytes = draw(700);
      ledger.take(plan.reserve(bytes), bytes);
    } else {
      const size_t k = draw(static_cast<uint32_t>(ledger.held_.size()));
      plan.give_back(ledger.held_[k].first, ledger.held_[k].second);
      ledger.drop(k);
    }
  }
}

TEST("memory that was given back is used again, whole") {
  elman::MemoryPlan plan;
  const int64_t a = plan.reserve(64), b = plan.reserve(64);
  plan.reserve(64);
  plan.give_back(a, 64);
  plan.give_back(b, 64);
  CHECK(plan.reserve(128) == a);
  CHECK(plan.size() == 192);
}

TEST("a program computes what its calls compute, on new numbers") {
  Tensor<float> x = numbers<float>({5, 3}, 1), w = numbers<float>({5, 3}, 2);
  elman::Program program;
  const int in = program.add_outer(DType::kFloat32, x.shape);
  const int weight = program.add_outer(DType::kFloat32, w.shape);
  const int product = program.add_inner(DType::kFloat32, x.shape);
  const int shifted = program.add_inner(DType::kFloat32, x.shape);
  const int result = program.add_inner(DType::kFloat32, x.shape);
  program.add_call(kernel("multiply"), {in, weight}, {product}, {});
  program.add_call(kernel("add"), {product, in}, {shifted}, {});
  program.add_call(kernel("multiply"), {shifted, shifted}, {result}, {});
  program.keep(result);
  program.finish();
  for (uint32_t seed = 1; seed < 4; ++seed) {
    x = numbers<float>({5, 3}, seed);
    program.bind(in, x.values.data());
    program.bind(weight, w.values.data());
    program.run();
    const float* got = program.array(result).as<float>();
    for (int64_t i = 0; i < x.size(); ++i) {
      const float sum = x[i] * w[i] + x[i];
      CHECK(near(got[i], sum * sum, 4.0));
    }
  }
}

TEST("a program writes to outer memory, with the attributes of the run") {
  Tensor<double> w({7}, 1.0);
  elman::Program program;
  const int weight = program.add_outer(DType::kFloat64, w.shape);
  Attributes attributes;
  attributes.set("value", 1.0);
  const int fill = program.add_call(kernel("fill"), {}, {weight}, attributes);
  const int doubled = program.add_call(kernel("add"), {weight, weight},
                                       {weight}, {});
  CHECK(doubled == 1);
  program.finish();
  program.bind(weight, w.values.data());
  for (double value : {0.5, 3.0}) {
    program.attributes(fill).change("value", {value});
    program.run();
    for (int64_t i = 0; i < w.size(); ++i) CHECK(w[i] == 2 * value);
  }
}

TEST("an absent array stays absent") {
  Tensor<float> y({2, 3}), h({2, 3});
  Tensor<float> x = numbers<float>({2, 4, 5}), W = numbers<float>({5, 3}),
                R = numbers<float>({3, 3});
  elman::Program program;
  std::vector<int> in;
  for (Tensor<float>* t : {&x, &W, &R}) {
    in.push_back(program.add_outer(DType::kFloat32, t->shape));
    program.bind(in.back(), t->values.data());
  }
  const int out = program.add_inner(DType::kFloat32, y.shape);
  program.add_call(kernel("rnn_forward"), in,
                   {out, elman::Program::kAbsent, elman::Program::kAbsent}, {});
  program.keep(out);
  program.finish();
  size_t k = 0;
  for (Tensor<float>* t : {&x, &W, &R}) program.bind(in[k++], t->values.data());
  program.run();
  call("rnn_forward", {x.view(), W.view(), R.view()},
       {y.view(), h.view(), Array{}}, {});
  for (int64_t i = 0; i < y.size(); ++i) {
    CHECK(program.array(out).as<float>()[i] == y[i]);
  }
}
