// The recurrent layer in float32 beside itself in float64, at the sizes of the
// benchmark: what rounding costs does not grow with batch, steps and units.
#include <algorithm>
#include <cmath>

#include "check.h"
#include "core/isa.h"
#include "core/thread_pool.h"
#include "rnn_cases.h"

using namespace rnn_cases;

namespace {

constexpr int kFlags = kBias | kState | kSequences;

std::vector<double> widen(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

// The same problem for float64, to the last digit.
Case<double> widen(const Case<float>& problem) {
  const elman::Rnn<float>& rnn = problem.rnn;
  Case<double> wide(rnn.cell, rnn.B, rnn.T_, rnn.F, rnn.U, rnn.activation,
                    kFlags);
  wide.x = widen(problem.x), wide.W = widen(problem.W);
  wide.R = widen(problem.R), wide.b = widen(problem.b);
  wide.h0 = widen(problem.h0), wide.c0 = widen(problem.c0);
  wide.dy = widen(problem.dy), wide.dh_last = widen(problem.dh_last);
  wide.dc_last = widen(problem.dc_last);
  wide.link();
  return wide;
}

// The largest error, in parts of the largest element.
double error_of(const std::vector<float>& values,
                const std::vector<double>& exact) {
  double error = 0, largest = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    error = std::max(error, std::abs(values[i] - exact[i]));
    largest = std::max(largest, std::abs(exact[i]));
  }
  return error / largest;
}

void check_accuracy(Cell cell, int64_t B, int64_t steps, int64_t F, int64_t U) {
  Case<float> problem(cell, B, steps, F, U, Activation::kTanh, kFlags);
  Case<double> exact = widen(problem);
  elman::rnn_forward(problem.rnn);
  elman::rnn_backward(problem.rnn, problem.gradient);
  elman::rnn_forward(exact.rnn);
  elman::rnn_backward(exact.rnn, exact.gradient);
  const auto check = [&](const std::vector<float>& values,
                         const std::vector<double>& right, const char* what) {
    const double error = error_of(values, right);
    CHECK_MESSAGE(error <= 1e-6, problem.name() + " " + elman::isa_name() +
                                     " " + what + ": " + std::to_string(error));
  };
  check(problem.y, exact.y, "y");
  check(problem.dx, exact.dx, "dx");
  check(problem.dW, exact.dW, "dW");
  check(problem.dR, exact.dR, "dR");
  check(problem.db, exact.db, "db");
  check(problem.dh0, exact.dh0, "dh0");
}

template <class F>
void for_every_isa(F f) {
  const std::string usual = elman::isa_name();
  elman::set_num_threads(2);
  for (const std::string& name : elman::supported_isas()) {
    elman::set_isa(name);
    f();
  }
  elman::set_isa(usual);
}

}  // namespace

TEST("float32 is within 1e-6 of float64 up to 32 units") {
  for_every_isa([] {
    for (Cell cell : kCells) {
      check_accuracy(cell, 1, 1, 1, 1);
      check_accuracy(cell, 1, 100, 8, 32);
      check_accuracy(cell, 32, 10, 8, 4);
      check_accuracy(cell, 32, 100, 32, 32);
    }
  });
}

TEST("float32 is within 1e-6 of float64 at 128 and 256 units") {
  for_every_isa([] {
    for (Cell cell : kCells) {
      check_accuracy(cell, 32, 200, 64, 128);
      check_accuracy(cell, 64, 100, 128, 256);
    }
  });
}

TEST("float32 is within 1e-6 of float64 at 512 and 1024 units") {
  for_every_isa([] {
    check_accuracy(Cell::kSimple, 128, 50, 256, 512);
    check_accuracy(Cell::kSimple, 256, 20, 512, 1024);
  });
}
