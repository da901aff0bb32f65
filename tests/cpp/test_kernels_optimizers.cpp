// Optimizer kernels against their equations, written per element in double,
// over several steps and two variables of different size.
#include <algorithm>
#include <functional>

#include "optimizer_cases.h"

using namespace cases;

namespace {

// One scalar weight with its slots, as plain equations.
struct Plain {
  double w = 0, slot[3] = {0, 0, 0};
};
using Rule = std::function<void(Plain&, double g, int t)>;

template <class T>
void check_rule(const char* name, int slots, const Attributes& attributes,
                const Rule& rule, double tolerance, double start) {
  const int64_t sizes[] = {1, 13};
  Model<T> model;
  std::vector<std::vector<Plain>> plain(2);
  if (std::string(name) == "optimizer_nadam") {
    model.extra.push_back(Tensor<T>(Shape(), T(1)));
  }
  for (size_t k = 0; k < 2; ++k) {
    model.variables.push_back(
        numbers<T>({sizes[k]}, static_cast<uint32_t>(k + 1)));
    for (int64_t i = 0; i < sizes[k]; ++i) {
      Plain one;
      one.w = double(model.variables[k][i]);
      one.slot[0] = start;
      plain[k].push_back(one);
    }
  }
  for (int s = 0; s < slots; ++s) {
    for (int64_t size : sizes) {
      model.rest.push_back(Tensor<T>({size}, T(s == 0 ? start : 0)));
    }
  }
  for (int t = 1; t <= 4; ++t) {
    std::vector<Tensor<T>> g = {
        numbers<T>({1}, static_cast<uint32_t>(10 * t)),
        numbers<T>({13}, static_cast<uint32_t>(10 * t + 1))};
    model.step(name, g, attributes);
    for (size_t k = 0; k < 2; ++k) {
      for (size_t i = 0; i < plain[k].size(); ++i) {
        rule(plain[k][i], double(g[k][static_cast<int64_t>(i)]), t);
      }
    }
  }
  CHECK(model.calls == 4);
  for (size_t k = 0; k < 2; ++k) {
    for (size_t i = 0; i < plain[k].size(); ++i) {
      const int64_t at = static_cast<int64_t>(i);
      CHECK(std::abs(model.variables[k][at] - plain[k][i].w) < tolerance);
      for (size_t s = 0; s < static_cast<size_t>(slots); ++s) {
        CHECK(std::abs(model.rest[2 * s + k][at] - plain[k][i].slot[s]) <
              tolerance);
      }
    }
  }
}

// float32 rounds beta_2 so that 1 - beta_2^t is right to about 1e-5.
void check_both(const char* name, int slots, const Settings& settings,
                const Rule& rule, double start = 0) {
  check_rule<double>(name, slots, make(settings), rule, 1e-12, start);
  check_rule<float>(name, slots, make(settings), rule, 5e-5, start);
}

// The means of Adam and its kin.
void means(Plain& p, double g) {
  p.slot[0] = 0.9 * p.slot[0] + 0.1 * g;
  p.slot[1] = 0.99 * p.slot[1] + 0.01 * g * g;
}

}  // namespace

TEST("sgd follows its equations, with momentum and Nesterov") {
  check_both("optimizer_sgd", 0, {{"learning_rate", 0.1}, {"momentum", 0}},
             [](Plain& p, double g, int) { p.w -= 0.1 * g; });
  for (bool nesterov : {false, true}) {
    check_both("optimizer_sgd", 1,
               {{"learning_rate", 0.1},
                {"momentum", 0.8},
                {"nesterov", nesterov ? 1.0 : 0.0}},
               [nesterov](Plain& p, double g, int) {
                 p.slot[0] = 0.8 * p.slot[0] - 0.1 * g;
                 p.w += nesterov ? 0.8 * p.slot[0] - 0.1 * g : p.slot[0];
               });
  }
}

TEST("rmsprop follows its equations, centered and with momentum") {
  for (int flags = 0; flags < 4; ++flags) {
    const bool centered = flags & 1, moves = flags & 2;
    check_both("optimizer_rmsprop", 1 + centered + moves,
               {{"learning_rate", 0.05},
                {"rho", 0.85},
                {"epsilon", 1e-3},
                {"momentum", moves ? 0.7 : 0.0},
                {"centered", centered ? 1.0 : 0.0}},
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
    Settings settings = kAdam;
    settings.push_back({"amsgrad", amsgrad ? 1.0 : 0.0});
    check_both("optimizer_adam", amsgrad ? 3 : 2, settings,
               [amsgrad](Plain& p, double g, int t) {
                 means(p, g);
                 p.slot[2] = std::max(p.slot[2], p.slot[1]);
                 const double m_hat = p.slot[0] / (1 - std::pow(0.9, t));
                 const double c = std::sqrt(1 - std::pow(0.99, t));
                 const double s = amsgrad ? p.slot[2] : p.slot[1];
                 p.w -= 0.01 * m_hat * c / (std::sqrt(s) + 1e-7);
               });
  }
}

TEST("adamax, nadam and lion follow their equations") {
  check_both("optimizer_adamax", 2, kAdam, [](Plain& p, double g, int t) {
    p.slot[0] = 0.9 * p.slot[0] + 0.1 * g;
    p.slot[1] = std::max(0.99 * p.slot[1], std::abs(g));
    p.w -=
        0.01 * p.slot[0] / ((1 - std::pow(0.9, t)) * (p.slot[1] + 1e-7));
  });
  check_both("optimizer_nadam", 2, kAdam, [](Plain& p, double g, int t) {
    means(p, g);
    const auto mu = [](int k) { return 0.9 * (1 - std::pow(0.96, k) / 2); };
    double product = 1;
    for (int k = 1; k <= t; ++k) product *= mu(k);
    const double step = mu(t + 1) * p.slot[0] / (1 - product * mu(t + 1)) +
                        (1 - mu(t)) * g / (1 - product);
    const double v = p.slot[1] / (1 - std::pow(0.99, t));
    p.w -= 0.01 * step / (std::sqrt(v) + 1e-7);
  });
  check_both("optimizer_lion", 1,
             {{"learning_rate", 0.01}, {"beta_1", 0.9}, {"beta_2", 0.8}},
             [](Plain& p, double g, int) {
               const double mean = 0.9 * p.slot[0] + 0.1 * g;
               p.w -= 0.01 * ((mean > 0) - (mean < 0));
               p.slot[0] = 0.8 * p.slot[0] + 0.2 * g;
             });
}

TEST("adagrad, adadelta and ftrl follow their equations") {
  check_both(
      "optimizer_adagrad", 1, {{"learning_rate", 0.1}, {"epsilon", 1e-3}},
      [](Plain& p, double g, int) {
        p.slot[0] += g * g;
        p.w -= 0.1 * g / std::sqrt(p.slot[0] + 1e-3);
      },
      0.25);
  check_both("optimizer_adadelta", 2,
             {{"learning_rate", 0.5}, {"rho", 0.9}, {"epsilon", 1e-3}},
             [](Plain& p, double g, int) {
               p.slot[0] = 0.9 * p.slot[0] + 0.1 * g * g;
               const double d = -g * std::sqrt(p.slot[1] + 1e-3) /
                                std::sqrt(p.slot[0] + 1e-3);
               p.slot[1] = 0.9 * p.slot[1] + 0.1 * d * d;
               p.w += 0.5 * d;
             });
  for (double power : {0.5, 0.75, 0.0}) {
    check_both(
        "optimizer_ftrl", 2,
        {{"learning_rate", 0.1},
         {"learning_rate_power", -power},
         {"l1_regularization_strength", 0.5},
         {"l2_regularization_strength", 0.2},
         {"l2_shrinkage_regularization_strength", 0.1},
         {"beta", 0.3}},
        [power](Plain& p, double g, int) {
          const double sum = p.slot[0] + g * g;
          const double after = std::pow(sum, power);
          const double before = std::pow(p.slot[0], power);
          p.slot[1] += g + 0.2 * p.w - (after - before) / 0.1 * p.w;
          const double z = p.slot[1];
          p.w = (std::min(std::max(z, -0.5), 0.5) - z) /
                ((after + 0.3) / 0.1 + 0.4);
          p.slot[0] = sum;
        },
        0.25);
  }
}

TEST("lamb's steps are as long as the variable") {
  Model<double> model;
  model.variables = {numbers<double>({3, 5}, 4), Tensor<double>({2}, 0.0)};
  for (int s = 0; s < 2; ++s) {
    model.rest.push_back(Tensor<double>({3, 5}));
    model.rest.push_back(Tensor<double>({2}));
  }
  std::vector<Tensor<double>> g = {numbers<double>({3, 5}, 5),
                                   numbers<double>({2}, 6)};
  Tensor<double> before = model.variables[0];
  model.step("optimizer_lamb", g, make(kAdam));
  double moved = 0, size = 0;
  for (int64_t i = 0; i < 15; ++i) {
    moved += std::pow(model.variables[0][i] - before[i], 2);
    size += before[i] * before[i];
  }
  CHECK(std::abs(std::sqrt(moved / size) - 0.01) < 1e-12);
  // A variable that is zero takes the step as it is: lr sign(g) at first.
  CHECK(std::abs(std::abs(model.variables[1][0]) - 0.01) < 1e-7);
}

TEST("adafactor follows its equations for a matrix, a stack and a vector") {
  const double b = 1 - std::pow(1.0, -0.8), lr = 0.1;
  const Attributes attributes = make({{"learning_rate", lr},
                                      {"beta_2_decay", -0.8},
                                      {"epsilon_1", 1e-30},
                                      {"epsilon_2", 1e-3},
                                      {"clip_threshold", 0.5}});
  for (const Shape& shape : {Shape({3, 4}), Shape({2, 3, 4}), Shape({5})}) {
    const int64_t n = shape.size(), C = shape[shape.rank() - 1];
    const int64_t R = shape.rank() < 2 ? 1 : shape[shape.rank() - 2];
    Model<double> model;
    Tensor<double> w = numbers<double>(shape, 2);
    model.variables = {w};
    const bool flat = shape.rank() < 2;
    model.rest = {Tensor<double>({flat ? 1 : n / C}),
                  Tensor<double>({flat ? 1 : n / R}), Tensor<double>(shape)};
    std::vector<Tensor<double>> g = {numbers<double>(shape, 3)};
    Tensor<double> u = g[0];
    model.step("optimizer_adafactor", g, attributes);
    double u_squares = 0, w_squares = 0;
    for (int64_t i = 0; i < n; ++i) {
      double v = g[0][i] * g[0][i];
      if (!flat) {
        const int64_t at = i / (R * C) * R * C, row = i % (R * C) / C;
        double rows = 0, columns = 0, all = 0;
        for (int64_t j = 0; j < R * C; ++j) {
          const double square = g[0][at + j] * g[0][at + j];
          if (j / C == row) rows += square / C;
          if (j % C == i % C) columns += square / R;
          all += square / (R * C);
        }
        v = rows * columns / all;
      }
      u[i] = g[0][i] / std::sqrt((1 - b) * v);
      u_squares += u[i] * u[i] / n;
      w_squares += w[i] * w[i] / n;
    }
    const double divisor = std::max(1.0, std::sqrt(u_squares) / 0.5);
    for (int64_t i = 0; i < n; ++i) {
      const double want = w[i] - std::sqrt(w_squares) * lr * u[i] / divisor;
      CHECK(std::abs(model.variables[0][i] - want) < 1e-12);
    }
  }
}

TEST("muon makes the steps of matrices orthogonal, with Adam for the rest") {
  // With the cubic of Newton and Schulz the steps come as near as one likes.
  Settings settings = {{"learning_rate", 0.1}, {"momentum", 0.9},
                       {"muon_a", 1.5},        {"muon_b", -0.5},
                       {"muon_c", 0},          {"ns_steps", 40},
                       {"nesterov", 1},        {"adam_beta_1", 0.9},
                       {"adam_beta_2", 0.99},  {"epsilon", 1e-7},
                       {"adam_lr_ratio", 0.5}};
  for (const Shape& shape : {Shape({3, 5}), Shape({5, 3}), Shape({4, 4})}) {
    Model<double> model;
    model.variables = {Tensor<double>(shape), Tensor<double>({2})};
    Tensor<double> m(shape), m2({2}), v2({2});
    std::vector<Tensor<double>> g = {numbers<double>(shape, 7),
                                     numbers<double>({2}, 8)};
    const Arrays out = {counter(&model.calls), model.variables[0].view(),
                        model.variables[1].view(), m.view(), m2.view(),
                        Array(), v2.view()};
    call("optimizer_muon", {g[0].view(), g[1].view()}, out, make(settings));
    const int64_t R = shape[0], C = shape[1];
    for (int64_t i = 0; i < std::min(R, C); ++i) {
      for (int64_t j = 0; j < std::min(R, C); ++j) {
        double product = 0;
        for (int64_t k = 0; k < std::max(R, C); ++k) {
          product += R > C ? model.variables[0][k * C + i] *
                                 model.variables[0][k * C + j]
                           : model.variables[0][i * C + k] *
                                 model.variables[0][j * C + k];
        }
        CHECK(std::abs(product - (i == j ? 0.01 : 0)) < 1e-8);
      }
    }
    CHECK(std::abs(std::abs(model.variables[1][0]) - 0.05) < 1e-6);
    // A vector cannot do without its second slot.
    Arrays lacking = out;
    lacking[6] = Array();
    CHECK_THROWS(call("optimizer_muon", {g[0].view(), g[1].view()}, lacking,
                      make(settings)),
                 std::invalid_argument);
  }
}
