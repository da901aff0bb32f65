// The recurrent layer: gradients against central differences, masks against the
// numbers of Keras, bad calls.
#include <cmath>

#include "check.h"
#include "rnn_cases.h"

using namespace rnn_cases;

namespace {

// The gradient of one array against central differences of the loss.
void check_array(Case<double>& problem, std::vector<double>& values,
                 const std::vector<double>& gradient) {
  const double step = 1e-6;
  const size_t stride = values.size() / 7 + 1;
  for (size_t i = 0; i < values.size(); i += stride) {
    const double kept = values[i];
    values[i] = kept + step;
    const double up = problem.loss();
    values[i] = kept - step;
    const double down = problem.loss();
    values[i] = kept;
    const double expected = (up - down) / (2 * step);
    const double error = std::abs(gradient[i] - expected);
    CHECK_MESSAGE(error <= 1e-6 * (1 + std::abs(expected)),
                  problem.name() + ": " + std::to_string(gradient[i]) +
                      " is not " + std::to_string(expected));
  }
}

void check_gradients(Case<double> problem) {
  problem.loss();
  elman::simple_rnn_backward(problem.rnn, problem.gradient);
  check_array(problem, problem.x, problem.dx);
  check_array(problem, problem.W, problem.dW);
  check_array(problem, problem.R, problem.dR);
  if (!problem.b.empty()) check_array(problem, problem.b, problem.db);
  if (!problem.h0.empty()) check_array(problem, problem.h0, problem.dh0);
}

// The table of Keras's numbers for masks: two rows of four steps, one feature,
// two equal units, weights .1, .2 and .05.
struct MaskCase {
  bool sequences, backwards, zero, state;
  std::vector<double> output1, output2;
  double state1, state2;
};

void check_mask_case(const MaskCase& expected) {
  elman::SimpleRnn<double> rnn;
  rnn.B = 2, rnn.T_ = 4, rnn.F = 1, rnn.U = 2;
  const std::vector<double> x = {.1, .2, .3, .4, .5, .6, .7, .8};
  const std::vector<double> W(2, .1), R(4, .2), b(2, .05), h0(4, 1);
  const std::vector<int32_t> mask = {0, 1, 1, 0, 0, 0, 0, 0};
  std::vector<double> y(expected.sequences ? 16 : 4), h_last(4);
  rnn.x = x.data(), rnn.W = W.data(), rnn.R = R.data(), rnn.b = b.data();
  rnn.h0 = expected.state ? h0.data() : nullptr;
  rnn.mask = mask.data();
  rnn.go_backwards = expected.backwards;
  rnn.return_sequences = expected.sequences;
  rnn.zero_output_for_mask = expected.zero;
  rnn.y = y.data(), rnn.h_last = h_last.data();
  elman::simple_rnn_forward(rnn);
  const size_t steps = expected.sequences ? 4 : 1;
  for (size_t s = 0; s < steps; ++s) {
    CHECK(std::abs(y[2 * s] - expected.output1[s]) < 6e-5);
    CHECK(std::abs(y[2 * (steps + s)] - expected.output2[s]) < 6e-5);
  }
  CHECK(std::abs(h_last[0] - expected.state1) < 6e-5);
  CHECK(std::abs(h_last[2] - expected.state2) < 6e-5);
}

}  // namespace

TEST("gradients of every activation equal central differences") {
  for (const char* name : activation_names()) {
    check_gradients({3, 4, 3, 5, activation_named(name),
                     kBias | kState | kMask | kDrop | kSequences});
  }
}

TEST("gradients under every combination of flags equal central differences") {
  for (int flags = 0; flags < kAllFlags; ++flags) {
    check_gradients({3, 5, 2, 4, Activation::kTanh, flags});
    check_gradients({2, 3, 2, 3, Activation::kSilu, flags});
  }
}

TEST("masks give Keras's outputs and states") {
  const std::vector<double> zeros(4, 0);
  const MaskCase cases[] = {
      {false, false, false, false, {.1075}, {0}, .1075, 0},
      {false, false, false, true, {.2499}, {0}, .2499, 1},
      {false, false, true, false, {0}, {0}, .1075, 0},
      {false, true, false, false, {.1016}, {0}, .1016, 0},
      {false, true, false, true, {.2435}, {0}, .2435, 1},
      {true, false, false, false, {0, .0699, .1075, .1075}, zeros, .1075, 0},
      {true, false, false, true, {0, .4382, .2499, .2499}, zeros, .2499, 1},
      {true, false, true, true, {0, .4382, .2499, 0}, zeros, .2499, 1},
      {true, true, false, false, {0, .0798, .1016, .1016}, zeros, .1016, 0},
      {true, true, true, true, {0, .4462, .2435, 0}, zeros, .2435, 1},
  };
  for (const MaskCase& one : cases) check_mask_case(one);
}

TEST("impossible layers are refused") {
  Case<float> problem(2, 3, 4, 5, Activation::kGlu, 0);
  CHECK_THROWS(elman::simple_rnn_forward(problem.rnn), std::invalid_argument);
  problem.rnn.activation = Activation::kTanh;
  problem.rnn.T_ = 0;
  CHECK_THROWS(elman::simple_rnn_forward(problem.rnn), std::invalid_argument);
  problem.rnn.T_ = 3;
  problem.rnn.R = nullptr;
  CHECK_THROWS(elman::simple_rnn_forward(problem.rnn), std::invalid_argument);
  CHECK_THROWS(elman::simple_rnn_backward(problem.rnn, problem.gradient),
               std::invalid_argument);
}
