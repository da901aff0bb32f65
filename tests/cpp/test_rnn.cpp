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
  elman::rnn_backward(problem.rnn, problem.gradient);
  check_array(problem, problem.x, problem.dx);
  check_array(problem, problem.W, problem.dW);
  check_array(problem, problem.R, problem.dR);
  if (!problem.b.empty()) check_array(problem, problem.b, problem.db);
  if (!problem.h0.empty()) check_array(problem, problem.h0, problem.dh0);
  if (!problem.c0.empty()) check_array(problem, problem.c0, problem.dc0);
}

// The table of Keras's numbers for masks: two rows of four steps, one feature,
// two equal units, weights .1, .2 and .05.
struct MaskCase {
  bool sequences, backwards, zero, state;
  std::vector<double> output1, output2;
  double state1, state2;
};

void check_mask_case(const MaskCase& expected) {
  elman::Rnn<double> rnn;
  rnn.B = 2, rnn.T_ = 4, rnn.F = 1, rnn.U = 2;
  const std::vector<double> x = {.1, .2, .3, .4, .5, .6, .7, .8};
  const std::vector<double> W(2, .1), R(4, .2), b(2, .05), h0(4, 1);
  const std::vector<int32_t> mask = {0, 1, 1, 0, 0, 0, 0, 0};
  std::vector<double> y(expected.sequences ? 16 : 4), h_last(4);
  rnn.x = x.data(), rnn.W = W.data(), rnn.R = R.data(), rnn.b = b.data();
  rnn.first[0] = expected.state ? h0.data() : nullptr;
  rnn.mask = mask.data();
  rnn.go_backwards = expected.backwards;
  rnn.return_sequences = expected.sequences;
  rnn.zero_output_for_mask = expected.zero;
  rnn.y = y.data(), rnn.last[0] = h_last.data();
  elman::rnn_forward(rnn);
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
  const int flags = kBias | kState | kMask | kDrop | kSequences;
  for (const char* name : activation_names()) {
    const Activation a = activation_named(name);
    // Fed back into itself, an exponential leaves no digits to compare.
    const bool mild = a != Activation::kExponential;
    check_gradients({Cell::kSimple, 3, 4, 3, 5, a, flags});
    for (Cell cell : kGatedCells) {
      if (mild) check_gradients({cell, 3, 4, 3, 5, a, flags});
      check_gradients({cell, 3, mild ? 4 : 2, 3, 5, Activation::kTanh,
                       flags | kDropByGate, 2, a});
    }
  }
}

TEST("gradients under every combination of flags equal central differences") {
  for (Cell cell : kCells) {
    for (int flags = 0; flags < kAllFlags; ++flags) {
      if ((flags & kDropByGate) && !(flags & kDrop)) continue;
      check_gradients({cell, 3, 5, 2, 4, Activation::kTanh, flags});
      check_gradients({cell, 2, 3, 2, 3, Activation::kSilu, flags, 1,
                       Activation::kMish});
    }
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

// Weights .01, .02 and .03 throughout (and 1 for the forget gate), two units, on
// 0, 1, 2, ... as two rows of four steps of three features.
void check_constant_cell(Cell cell, double output1, double output2) {
  const elman::CellShape shape = elman::shape_of(cell);
  const int64_t GU = shape.gates * 2;
  std::vector<double> x(24), W(3 * GU, .01), R(2 * GU, .02), y(4);
  std::vector<double> b(shape.bias_rows * GU, .03);
  for (size_t i = 0; i < x.size(); ++i) x[i] = double(i);
  if (cell == Cell::kLstm) b[2] = b[3] = 1;
  elman::Rnn<double> rnn;
  rnn.cell = cell;
  rnn.B = 2, rnn.T_ = 4, rnn.F = 3, rnn.U = 2;
  rnn.x = x.data(), rnn.W = W.data(), rnn.R = R.data(), rnn.b = b.data();
  rnn.y = y.data();
  elman::rnn_forward(rnn);
  const double expected[] = {output1, output1, output2, output2};
  for (int i = 0; i < 4; ++i) CHECK(std::abs(y[i] - expected[i]) < 1e-6);
}

TEST("constant weights give Keras's outputs") {
  check_constant_cell(Cell::kLstm, .19900082, .52335435);
  check_constant_cell(Cell::kGru, .23482965, .453848);
  check_constant_cell(Cell::kGruResetBefore, .22259443, .44695824);
}

TEST("impossible layers are refused") {
  Case<float> problem(Cell::kLstm, 2, 3, 4, 5, Activation::kGlu, 0);
  CHECK_THROWS(elman::rnn_forward(problem.rnn), std::invalid_argument);
  problem.rnn.activation = Activation::kTanh;
  problem.rnn.recurrent_activation = Activation::kGlu;
  CHECK_THROWS(elman::rnn_forward(problem.rnn), std::invalid_argument);
  problem.rnn.recurrent_activation = Activation::kSigmoid;
  problem.rnn.T_ = 0;
  CHECK_THROWS(elman::rnn_forward(problem.rnn), std::invalid_argument);
  problem.rnn.T_ = 3;
  problem.rnn.R = nullptr;
  CHECK_THROWS(elman::rnn_forward(problem.rnn), std::invalid_argument);
  CHECK_THROWS(elman::rnn_backward(problem.rnn, problem.gradient),
               std::invalid_argument);
}
