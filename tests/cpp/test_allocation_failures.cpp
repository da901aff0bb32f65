// Memory that is not there: every allocation of a kernel call fails once, and
// what the call was to change is then as it was.
#include <functional>
#include <new>

#include "allocations.h"
#include "core/thread_pool.h"
#include "core/workspace.h"
#include "kernel_cases.h"
#include "rnn_cases.h"

namespace {

using namespace cases;

// Calls `act` with the first, second, ... allocation failing until it passes.
// After each failure `look()` is called. Gives how many failed.
int64_t fail_each(const std::function<void()>& act,
                  const std::function<void()>& look) {
  for (int64_t n = 0;; ++n) {
    CHECK(n < 100000);
    // No thread and no block of an earlier call helps.
    elman::shutdown_threads();
    elman::release_workspace();
    bool failed = false;
    allocations::fail_after(n);
    try {
      act();
    } catch (const std::bad_alloc&) {
      failed = true;
    } catch (...) {
      allocations::fail_after(-1);
      throw;
    }
    allocations::fail_after(-1);
    if (!failed) return n;
    look();
  }
}

class Threads {
 public:
  explicit Threads(int n) : before_(elman::num_threads()) {
    elman::set_num_threads(n);
  }
  ~Threads() { elman::set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

const char* const kRules[] = {
    "optimizer_adadelta", "optimizer_adafactor", "optimizer_adagrad",
    "optimizer_adam",     "optimizer_adamax",    "optimizer_lamb",
    "optimizer_lion",     "optimizer_muon",      "optimizer_nadam",
    "optimizer_rmsprop",  "optimizer_sgd"};

Attributes rule_settings(bool clips) {
  Attributes attributes;
  const std::pair<const char*, double> settings[] = {
      {"learning_rate", 0.1}, {"momentum", 0.5},    {"beta_1", 0.9},
      {"beta_2", 0.99},       {"epsilon", 1e-7},    {"rho", 0.9},
      {"beta_2_decay", -0.8}, {"epsilon_1", 1e-30}, {"epsilon_2", 1e-3},
      {"clip_threshold", 1},  {"muon_a", 1.5},      {"muon_b", -0.5},
      {"muon_c", 0},          {"ns_steps", 3},      {"nesterov", 1},
      {"adam_beta_1", 0.9},   {"adam_beta_2", 0.9}, {"adam_lr_ratio", 1}};
  for (const auto& one : settings) attributes.set(one.first, one.second);
  if (clips) attributes.set("global_clipnorm", 0.5);
  return attributes;
}

int slots_of(const std::string& rule) {
  if (rule == "optimizer_adafactor") return 3;
  if (rule == "optimizer_adagrad" || rule == "optimizer_lion" ||
      rule == "optimizer_sgd") {
    return 1;
  }
  return 2;
}

// A model of matrices of which each is larger than the one before it, so that
// every one would want more memory.
struct Trained {
  int32_t calls = 0;
  std::vector<Tensor<double>> values, gradients;
  Arrays targets;

  Trained(const std::string& rule, int64_t scale) {
    const Shape shapes[] = {{2, 3}, {5 * scale, 4}, {9 * scale, 20}};
    values.reserve(32);
    if (rule == "optimizer_nadam") add(Shape(), 1);
    uint32_t seed = 0;
    for (const Shape& shape : shapes) {
      values.push_back(numbers<double>(shape, ++seed));
      gradients.push_back(numbers<double>(shape, seed + 10));
    }
    for (int s = 0; s < slots_of(rule); ++s) {
      for (const Shape& shape : shapes) add_slot(rule, s, shape);
    }
    targets = {{&calls, DType::kInt32, Shape()}};
    for (auto& value : values) {
      targets.push_back(value.size() ? value.view() : Array());
    }
  }

  void add(const Shape& shape, double value = 0) {
    values.push_back(Tensor<double>(shape, value));
  }
  void add_slot(const std::string& rule, int s, const Shape& shape) {
    if (rule == "optimizer_adafactor" && s < 2) {
      add({shape[s]});
    } else if (rule == "optimizer_muon" && s == 1) {
      add({0});
    } else {
      add(shape);
    }
  }
  Arrays inputs() {
    Arrays in;
    for (auto& gradient : gradients) in.push_back(gradient.view());
    return in;
  }
  bool operator==(const Trained& other) const {
    for (size_t k = 0; k < values.size(); ++k) {
      if (values[k].values != other.values[k].values) return false;
    }
    return calls == other.calls;
  }
};

}  // namespace

TEST("an update for which there is no memory changes nothing, in any optimizer") {
  for (int threads : {1, 3}) {
    Threads set(threads);
    for (const char* rule : kRules) {
      for (int64_t scale : {1, 200}) {
        for (bool clips : {false, true}) {
          const Attributes attributes = rule_settings(clips);
          Trained start(rule, scale), want(rule, scale), model(rule, scale);
          const auto* kernel = elman::find_kernel(rule);
          (*kernel)(want.inputs(), want.targets, attributes);
          const Arrays in = model.inputs();
          fail_each([&] { (*kernel)(in, model.targets, attributes); },
                    [&] { CHECK_MESSAGE(model == start, rule); });
          CHECK_MESSAGE(model == want, rule);
        }
      }
    }
  }
}

TEST("a recurrent layer for which there is no memory can be called again") {
  using namespace rnn_cases;
  for (int threads : {1, 3}) {
    Threads set(threads);
    for (Cell cell : kCells) {
      for (int64_t size : {3, 40}) {
        Case<float> want(cell, size, 3, 2, size, Activation::kTanh,
                         kBias | kState | kSequences);
        Case<float> got = want;
        elman::rnn_forward(want.rnn);
        elman::rnn_backward(want.rnn, want.gradient);
        const int64_t forward = fail_each(
            [&] { elman::rnn_forward(got.rnn); },
            [&] { CHECK(got.x == want.x && got.W == want.W); });
        const int64_t backward = fail_each(
            [&] { elman::rnn_backward(got.rnn, got.gradient); },
            [&] { CHECK(got.W == want.W && got.R == want.R); });
        CHECK(forward > 0 && backward > 0);
        CHECK(got.y == want.y && got.dx == want.dx && got.dW == want.dW);
        CHECK(got.dR == want.dR && got.db == want.db && got.dh0 == want.dh0);
      }
    }
  }
}

TEST("a product for which there is no memory can be asked for again") {
  for (int threads : {1, 3}) {
    Threads set(threads);
    for (int64_t n : {3, 70, 300}) {
      Tensor<float> a = numbers<float>({n, n}, 1), b = numbers<float>({n, n}, 2);
      Tensor<float> want({n, n}), got({n, n});
      call("matmul", {a.view(), b.view()}, {want.view()});
      const Arrays in = {a.view(), b.view()}, out = {got.view()};
      const auto* kernel = elman::find_kernel("matmul");
      const Attributes none;
      fail_each([&] { (*kernel)(in, out, none); }, [] {});
      CHECK(got.values == want.values);
    }
  }
}
