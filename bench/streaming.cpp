// Microseconds per step of a SimpleRNN(32) on 8 numbers that keeps its state, in
// a loop in C++ and with a batch of 1 (see bench/streaming, which writes model.h
// by export_cpp()).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "core/program.h"
#include "core/rnn.h"
#include "model.h"

namespace {

constexpr int64_t kF = 8, kU = 32;
using Floats = std::vector<float>;

void show(const char* what, const std::function<void()>& step) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> rounds;
  for (int round = 0; round < 31; ++round) {
    const auto start = Clock::now();
    for (int k = 0; k < 20000; ++k) step();
    rounds.push_back(
        std::chrono::duration<double>(Clock::now() - start).count() / 0.02);
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf("| %s | %.2f | %.2f |\n", what, rounds[15], rounds[0]);
}

}  // namespace

int main() {
  Floats x(kF, .1f), W(kF * kU, .02f), R(kU * kU, .01f), b(kU, .1f), y(kU),
      h(kU);
  elman::Rnn<float> rnn;
  rnn.B = 1, rnn.T_ = 1, rnn.F = kF, rnn.U = kU;
  rnn.x = x.data(), rnn.W = W.data(), rnn.R = R.data(), rnn.b = b.data();
  rnn.first[0] = rnn.last[0] = h.data(), rnn.y = y.data();

  // As R records the step of a stateful layer.
  elman::Program program;
  const auto outer = [&](Floats* values, elman::Shape shape) {
    const int slot = program.add_outer(elman::DType::kFloat32, shape);
    return std::make_pair(slot, values);
  };
  const std::vector<std::pair<int, Floats*>> in = {
      outer(&x, {1, 1, kF}), outer(&W, {kF, kU}), outer(&R, {kU, kU}),
      outer(&b, {kU}), outer(&h, {1, kU})};
  const int out = program.add_inner(elman::DType::kFloat32, {1, kU});
  const int last = program.add_inner(elman::DType::kFloat32, {1, kU});
  std::vector<int> slots;
  for (const auto& entry : in) slots.push_back(entry.first);
  program.add_call(*elman::find_kernel("rnn_forward"), slots, {out, last}, {});
  program.add_call(*elman::find_kernel("copy"), {last}, {slots[4]}, {});
  program.keep(out);
  program.finish();

  static model::Model exported;
  volatile float sink = 0;
  std::printf("| a step in C++ | median us | least us |\n|---|---|---|\n");
  show("rnn_forward(), which packs the weights", [&] {
    elman::rnn_forward(rnn);
  });
  show("the recorded program", [&] {
    for (const auto& entry : in) program.bind(entry.first, entry.second->data());
    program.run();
  });
  show("step() of the header by export_cpp()", [&] {
    sink = exported.step(x.data())[0];
  });
  return 0;
}
