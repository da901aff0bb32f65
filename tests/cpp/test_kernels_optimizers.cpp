// Optimizer kernels against their equations, written per element, over several
// steps and two variables of different size.
#include "kernel_cases.h"

using namespace cases;

namespace {

// One scalar weight with its slots, as plain equations.
struct Plain {
  double w = 0, slot[3] = {0, 0, 0};
};

// Runs `steps` steps on two variables by the kernel and by `rule(state, g, t)`.
template <class T, class Rule>
void check_rule(const char* name, int slots, Attributes attributes, Rule rule,
                double tolerance) {
  const int64_t sizes[] = {1, 13};
  std::vector<Tensor<T>> tensors;
  std::vector<std::vector<Plain>> plain(2);
  for (int k = 0; k < 2; ++k) {
    tensors.push_back(numbers<T>({sizes[k]}, static_cast<uint32_t>(k + 1)));
    for (int64_t i = 0; i < sizes[k]; ++i) {
      plain[static_cast<size_t>(k)].push_back(Plain());
      plain[static_cast<size_t>(k)].back().w = double(tensors.back()[i]);
    }
  }
  for (int s = 0; s < slots; ++s) {
    for (int64_t size : sizes) tensors.push_back(Tensor<T>({size}));
  }
  Arrays out;
  for (auto& tensor : tensors) out.push_back(tensor.view());
  for (int t = 1; t <= 4; ++t) {
    Attributes now = attributes;
    now.set("iteration", t);
    Tensor<T> g0 = numbers<T>({1}, static_cast<uint32_t>(10 * t));
    Tensor<T> g1 = numbers<T>({13}, static_cast<uint32_t>(10 * t + 1));
    call(name, {g0.view(), g1.view()}, out, now);
    rule(plain[0][0], double(g0[0]), t);
    for (size_t i = 0; i < 13; ++i) {
      rule(plain[1][i], double(g1[static_cast<int64_t>(i)]), t);
    }
  }
  for (size_t k = 0; k < 2; ++k) {
    for (size_t i = 0; i < plain[k].size(); ++i) {
      const int64_t at = static_cast<int64_t>(i);
      CHECK(std::abs(tensors[k][at] - plain[k][i].w) < tolerance);
      for (size_t s = 0; s < static_cast<size_t>(slots); ++s) {
        CHECK(std::abs(tensors[2 * (s + 1) + k][at] - plain[k][i].slot[s]) <
              tolerance);
      }
    }
  }
}

// float32 rounds beta_2 so that 1 - beta_2^t is right to about 1e-5.
template <class Rule>
void check_both(const char* name, int slots, const Attributes& attributes,
                Rule rule) {
  check_rule<double>(name, slots, attributes, rule, 1e-13);
  check_rule<float>(name, slots, attributes, rule, 2e-5);
}

Attributes rate(double learning_rate) {
  Attributes attributes;
  attributes.set("learning_rate", learning_rate);
  return attributes;
}

}  // namespace

TEST("sgd follows its equations, with momentum and Nesterov") {
  check_both("optimizer_sgd", 0, rate(0.1),
             [](Plain& p, double g, int) { p.w -= 0.1 * g; });
  for (bool nesterov : {false, true}) {
    Attributes attributes = rate(0.1);
    attributes.set("momentum", 0.8);
    attributes.set("nesterov", nesterov ? 1.0 : 0.0);
    check_both("optimizer_sgd", 1, attributes,
               [nesterov](Plain& p, double g, int) {
                 p.slot[0] = 0.8 * p.slot[0] - 0.1 * g;
                 p.w += nesterov ? 0.8 * p.slot[0] - 0.1 * g : p.slot[0];
               });
  }
}

TEST("rmsprop follows its equations, centered and with momentum") {
  for (int flags = 0; flags < 4; ++flags) {
    const bool centered = flags & 1, moves = flags & 2;
    Attributes attributes = rate(0.05);
    attributes.set("rho", 0.85);
    attributes.set("epsilon", 1e-3);
    attributes.set("centered", centered ? 1.0 : 0.0);
    if (moves) attributes.set("momentum", 0.7);
    check_both("optimizer_rmsprop", 1 + centered + moves, attributes,
               [=](Plain& p, double g, int) {
                 double& v = p.slot[0];
                 v = 0.85 * v + 0.15 * g * g;
                 double spread = v + 1e-3;
                 if (centered) {
                   double& mean = p.slot[moves ? 2 : 1];
                   mean = 0.85 * mean + 0.15 * g;
                   spread -= mean * mean;
                 }
                 double step = 0.05 * g / std::sqrt(spread);
                 if (moves) step = p.slot[1] = 0.7 * p.slot[1] + step;
                 p.w -= step;
               });
  }
}

TEST("adam follows its equations, with and without amsgrad") {
  for (bool amsgrad : {false, true}) {
    Attributes attributes = rate(0.01);
    attributes.set("amsgrad", amsgrad ? 1.0 : 0.0);
    check_both("optimizer_adam", amsgrad ? 3 : 2, attributes,
               [amsgrad](Plain& p, double g, int t) {
                 double& m = p.slot[0];
                 double& v = p.slot[1];
                 m = 0.9 * m + 0.1 * g;
                 v = 0.999 * v + 0.001 * g * g;
                 p.slot[2] = std::max(p.slot[2], v);
                 const double m_hat = m / (1 - std::pow(0.9, t));
                 const double c = std::sqrt(1 - std::pow(0.999, t));
                 const double s = amsgrad ? p.slot[2] : v;
                 p.w -= 0.01 * m_hat * c / (std::sqrt(s) + 1e-7);
               });
  }
}

TEST("a variable without a gradient stays") {
  Tensor<float> w0({2}, 1.0f), w1({3}, 1.0f), g({3}, 2.0f);
  call("optimizer_sgd", {Array(), g.view()}, {w0.view(), w1.view()}, rate(0.5));
  CHECK(w0[0] == 1.0f && w1[2] == 0.0f);
}

TEST("missing slots and sizes that differ are refused") {
  Tensor<float> w({2}), g({2}), other({3});
  Attributes attributes = rate(0.1);
  attributes.set("iteration", 1.0);
  CHECK_THROWS(call("optimizer_adam", {g.view()}, {w.view()}, attributes),
               std::invalid_argument);
  CHECK_THROWS(call("optimizer_sgd", {other.view()}, {w.view()}, attributes),
               std::invalid_argument);
}
