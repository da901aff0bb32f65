// Random problems for the recurrent layer: owns the arrays of one Rnn and its
// gradients.
#ifndef ELMAN_TESTS_CPP_RNN_CASES_H_
#define ELMAN_TESTS_CPP_RNN_CASES_H_

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/rnn.h"

namespace rnn_cases {

using elman::Activation;
using elman::Cell;

constexpr Cell kCells[] = {Cell::kSimple, Cell::kLstm, Cell::kGru,
                           Cell::kGruResetBefore};
constexpr Cell kGatedCells[] = {Cell::kLstm, Cell::kGru,
                                Cell::kGruResetBefore};

enum Flags {
  kBias = 1,
  kState = 2,
  kMask = 4,
  kDrop = 8,
  kBackwards = 16,
  kSequences = 32,
  kZeroOutput = 64,
  kDropByGate = 128,  // with kDrop
  kAllFlags = 256
};

template <class T>
std::vector<T> random_vector(std::mt19937& generator, int64_t n, double scale) {
  std::uniform_real_distribution<double> uniform(-scale, scale);
  std::vector<T> values(n);
  for (T& value : values) value = static_cast<T>(uniform(generator));
  return values;
}

template <class T>
struct Case {
  std::vector<T> x, W, R, b, h0, c0, x_drop, h_drop, dy, dh_last, dc_last;
  std::vector<int32_t> mask;
  std::vector<T> y, h_last, c_last, saved, dx, dW, dR, db, dh0, dc0;
  elman::Rnn<T> rnn;
  elman::RnnGradient<T> gradient;

  Case(Cell cell, int64_t B, int64_t steps, int64_t F, int64_t U,
       Activation activation, int flags, unsigned seed = 1,
       Activation recurrent_activation = Activation::kSigmoid) {
    std::mt19937 generator(seed);
    const elman::CellShape shape = elman::shape_of(cell);
    const int64_t G = shape.gates;
    rnn.cell = cell;
    rnn.B = B, rnn.T_ = steps, rnn.F = F, rnn.U = U;
    rnn.activation = activation;
    rnn.recurrent_activation = recurrent_activation;
    rnn.go_backwards = flags & kBackwards;
    rnn.return_sequences = flags & kSequences;
    rnn.zero_output_for_mask = flags & kZeroOutput;
    rnn.drop_by_gate = flags & kDropByGate;
    const auto draw = [&](int64_t n, double scale) {
      return random_vector<T>(generator, n, scale);
    };
    x = draw(B * steps * F, 1);
    W = draw(F * G * U, 1 / std::sqrt(F + 1.0));
    R = draw(U * G * U, 1 / std::sqrt(U + 1.0));
    if (flags & kBias) b = draw(shape.bias_rows * G * U, 0.5);
    if (flags & kState) h0 = draw(B * U, 0.5);
    if (flags & kDrop) {
      const int64_t masks = rnn.drop_by_gate ? G : 1;
      x_drop = draw(masks * B * F, 1);
      h_drop = draw(masks * B * U, 1);
      for (T& m : x_drop) m = m > T(-0.4) ? T(1.25) : T(0);
      for (T& m : h_drop) m = m > T(-0.4) ? T(1.25) : T(0);
    }
    if (flags & kMask) {
      mask.resize(B * steps);
      for (int32_t& m : mask) m = generator() % 3 != 0;
      // One row that is never used, one that is used throughout.
      for (int64_t t = 0; t < steps; ++t) mask[t] = 0;
      for (int64_t t = 0; B > 1 && t < steps; ++t) mask[steps + t] = 1;
    }
    const int64_t outputs = flags & kSequences ? B * steps * U : B * U;
    dy = draw(outputs, 1);
    dh_last = draw(B * U, 1);
    if (shape.states > 1) {
      if (flags & kState) c0 = draw(B * U, 0.5);
      dc_last = draw(B * U, 1);
      c_last.resize(B * U), dc0.resize(B * U);
    }
    y.resize(outputs), h_last.resize(B * U);
    saved.resize(elman::rnn_saved_size(rnn));
    dx.resize(x.size()), dW.resize(W.size()), dR.resize(R.size());
    db.resize(shape.bias_rows * G * U), dh0.resize(B * U);
    link();
  }

  Case(const Case& other) { *this = other; }
  Case& operator=(const Case& other) {
    x = other.x, W = other.W, R = other.R, b = other.b, h0 = other.h0;
    c0 = other.c0, x_drop = other.x_drop, h_drop = other.h_drop;
    mask = other.mask, dy = other.dy, dh_last = other.dh_last;
    dc_last = other.dc_last, y = other.y, saved = other.saved;
    h_last = other.h_last, c_last = other.c_last, dx = other.dx;
    dW = other.dW, dR = other.dR, db = other.db, dh0 = other.dh0;
    dc0 = other.dc0, rnn = other.rnn;
    link();
    return *this;
  }

  void link() {
    const auto pointer = [](auto& v) { return v.empty() ? nullptr : v.data(); };
    rnn.x = pointer(x), rnn.W = pointer(W), rnn.R = R.data();
    rnn.b = pointer(b), rnn.mask = pointer(mask);
    rnn.first[0] = pointer(h0), rnn.first[1] = pointer(c0);
    rnn.x_drop = pointer(x_drop), rnn.h_drop = pointer(h_drop);
    rnn.y = y.data(), rnn.saved = saved.data();
    rnn.last[0] = h_last.data(), rnn.last[1] = pointer(c_last);
    gradient.dy = dy.data();
    gradient.dlast[0] = dh_last.data(), gradient.dlast[1] = pointer(dc_last);
    gradient.dx = pointer(dx), gradient.dW = pointer(dW);
    gradient.dR = dR.data(), gradient.db = db.data();
    gradient.dfirst[0] = dh0.data(), gradient.dfirst[1] = pointer(dc0);
  }

  // The scalar whose gradients the backward pass computes.
  double loss() {
    elman::rnn_forward(rnn);
    double sum = 0;
    for (size_t i = 0; i < y.size(); ++i) sum += double(y[i]) * dy[i];
    for (size_t i = 0; i < h_last.size(); ++i) {
      sum += double(h_last[i]) * dh_last[i];
    }
    for (size_t i = 0; i < c_last.size(); ++i) {
      sum += double(c_last[i]) * dc_last[i];
    }
    return sum;
  }

  std::string name() const {
    return "cell " + std::to_string(int(rnn.cell)) +
           " B=" + std::to_string(rnn.B) + " T=" + std::to_string(rnn.T_) +
           " F=" + std::to_string(rnn.F) + " U=" + std::to_string(rnn.U) +
           " activations " + std::to_string(int(rnn.activation)) + " " +
           std::to_string(int(rnn.recurrent_activation)) +
           (b.empty() ? "" : " bias") + (h0.empty() ? "" : " h0") +
           (mask.empty() ? "" : " mask") + (x_drop.empty() ? "" : rnn.drop_by_gate ? " drops" : " drop") +
           (rnn.go_backwards ? " backwards" : "") +
           (rnn.return_sequences ? " sequences" : "") +
           (rnn.zero_output_for_mask ? " zero" : "");
  }
};

inline const std::vector<const char*>& activation_names() {
  static const std::vector<const char*> names = {
      "celu",        "elu",       "exponential",    "gelu",
      "hard_shrink", "hard_sigmoid", "hard_silu",   "hard_tanh",
      "leaky_relu",  "linear",    "log_sigmoid",    "log_softmax",
      "mish",        "relu",      "relu6",          "selu",
      "sigmoid",     "silu",      "soft_shrink",    "softmax",
      "softplus",    "softsign",  "sparse_plus",    "sparse_sigmoid",
      "sparsemax",   "squareplus", "tanh",          "tanh_shrink",
      "threshold"};
  return names;
}

inline Activation activation_named(const char* name) {
  Activation activation;
  if (!elman::parse_activation(name, &activation)) {
    throw std::runtime_error(name);
  }
  return activation;
}

}  // namespace rnn_cases

#endif  // ELMAN_TESTS_CPP_RNN_CASES_H_
