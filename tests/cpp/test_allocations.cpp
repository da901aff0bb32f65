// A loop over the steps of a cell that keeps its state asks for no memory,
// neither through the core's own call nor through a recorded program.
#include <memory>
#include <string>
#include <vector>

#include "allocations.h"
#include "core/program.h"
#include "core/rnn.h"
#include "kernel_cases.h"

using namespace cases;

namespace {

const char* kCells[] = {"simple", "lstm", "gru", "gru_reset_before"};

// Weights and states of a cell of 32 units on 8 numbers, for a batch.
struct Stream {
  elman::Cell cell;
  Tensor<float> x, W, R, b, y, h, c;
  static constexpr int64_t F = 8, U = 32;

  Stream(const char* name, int64_t B)
      : cell(cell_of(name)), x(numbers<float>({B, 1, F}, 1)),
        W(small({F, gates() * U}, 2)), R(small({U, gates() * U}, 3)),
        b(small({elman::shape_of(cell).bias_rows * gates() * U}, 4)),
        y({B, U}), h({B, U}), c({B, U}) {}

  static elman::Cell cell_of(const char* name) {
    elman::Cell cell;
    CHECK(elman::parse_cell(name, &cell));
    return cell;
  }
  static Tensor<float> small(const Shape& shape, uint32_t seed) {
    Tensor<float> out = numbers<float>(shape, seed);
    for (float& value : out.values) value *= 0.1f;
    return out;
  }
  int64_t gates() const { return elman::shape_of(cell).gates; }
  int states() const { return elman::shape_of(cell).states; }

  elman::Rnn<float> layer() {
    elman::Rnn<float> rnn;
    rnn.cell = cell;
    rnn.B = x.shape[0], rnn.T_ = 1, rnn.F = F, rnn.U = U;
    rnn.x = x.values.data(), rnn.W = W.values.data();
    rnn.R = R.values.data(), rnn.b = b.values.data();
    rnn.first[0] = rnn.last[0] = h.values.data();
    if (states() > 1) rnn.first[1] = rnn.last[1] = c.values.data();
    rnn.y = y.values.data();
    return rnn;
  }

  // As a stateful layer's step is recorded: the new states are copied over the
  // old ones. The output is the returned slot.
  int record(const char* name, elman::Program* program) {
    const auto outer = [&](Tensor<float>* t) {
      const int slot = program->add_outer(DType::kFloat32, t->shape);
      bound.push_back({slot, t});
      return slot;
    };
    std::vector<int> in = {outer(&x), outer(&W), outer(&R), outer(&b),
                           outer(&h)};
    std::vector<int> out = {program->add_inner(DType::kFloat32, y.shape),
                            program->add_inner(DType::kFloat32, h.shape)};
    if (states() > 1) {
      in.push_back(outer(&c));
      out.push_back(program->add_inner(DType::kFloat32, c.shape));
    }
    Attributes attributes;
    attributes.set("cell", name);
    const auto kernel = [](const char* which) {
      return *elman::find_kernel(which);
    };
    program->add_call(kernel("rnn_forward"), in, out, attributes);
    for (int s = 0; s < states(); ++s) {
      program->add_call(kernel("copy"), {out[1 + s]}, {in[4 + s]}, {});
    }
    program->keep(out[0]);
    program->finish();
    return out[0];
  }
  void bind(elman::Program* program) {
    for (const auto& slot : bound) {
      program->bind(slot.first, slot.second->values.data());
    }
  }
  std::vector<std::pair<int, Tensor<float>*>> bound;
};

}  // namespace

TEST("allocations are counted") {
  const long before = allocations::count();
  const auto fresh = std::make_unique<std::vector<float>>(100, 1.0f);
  CHECK((*fresh)[99] == 1.0f);
  CHECK(allocations::count() > before);
}

TEST("a step of a layer that keeps its state allocates nothing") {
  for (const char* name : kCells) {
    for (int64_t B : {1, 5}) {
      Stream stream(name, B);
      const elman::Rnn<float> rnn = stream.layer();
      elman::rnn_forward(rnn);
      const Tensor<float> first = stream.y;
      const long before = allocations::count();
      for (int step = 0; step < 100; ++step) elman::rnn_forward(rnn);
      CHECK_MESSAGE(allocations::count() == before, name);
      CHECK(first.values != stream.y.values);
    }
  }
}

TEST("a step of a recorded program allocates nothing, and gives the same") {
  for (const char* name : kCells) {
    Stream stream(name, 1), direct(name, 1);
    elman::Program program;
    const int output = stream.record(name, &program);
    stream.bind(&program);
    program.run();
    const long before = allocations::count();
    for (int step = 0; step < 100; ++step) {
      stream.bind(&program);
      program.run();
    }
    CHECK_MESSAGE(allocations::count() == before, name);
    const elman::Rnn<float> rnn = direct.layer();
    for (int step = 0; step <= 100; ++step) elman::rnn_forward(rnn);
    const float* got = program.array(output).as<float>();
    for (int64_t i = 0; i < direct.y.size(); ++i) CHECK(got[i] == direct.y[i]);
    for (int64_t i = 0; i < direct.h.size(); ++i) {
      CHECK(stream.h[i] == direct.h[i]);
    }
  }
}
