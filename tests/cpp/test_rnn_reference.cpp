// The fast recurrent layer beside its plain twin, over sizes around the vector
// and tile widths, instruction sets, types and threads.
#include <cmath>
#include <cstring>
#include <limits>

#include "check.h"
#include "core/isa.h"
#include "core/reference_rnn.h"
#include "core/thread_pool.h"
#include "rnn_cases.h"

using namespace rnn_cases;

namespace {

template <class T>
void check_near(const std::vector<T>& fast, const std::vector<T>& plain,
                const std::string& what) {
  double scale = 1;
  for (T value : plain) scale = std::max(scale, std::abs(double(value)));
  // Sums of a few thousand rounded terms, in other orders.
  const double tolerance = 400 * std::numeric_limits<T>::epsilon() * scale;
  CHECK(fast.size() == plain.size());
  for (size_t i = 0; i < fast.size(); ++i) {
    const double error = std::abs(double(fast[i]) - double(plain[i]));
    CHECK_MESSAGE(error <= tolerance,
                  what + ", element " + std::to_string(i) + ": " +
                      std::to_string(fast[i]) + " is not " +
                      std::to_string(plain[i]));
  }
}

template <class T>
void run_fast(Case<T>& problem) {
  elman::rnn_forward(problem.rnn);
  elman::rnn_backward(problem.rnn, problem.gradient);
}

template <class T>
void check_against_reference(const Case<T>& problem) {
  Case<T> fast = problem, plain = problem, inference = problem;
  run_fast(fast);
  elman::reference::rnn_forward(plain.rnn);
  elman::reference::rnn_backward(plain.rnn, plain.gradient);
  inference.rnn.saved = nullptr;
  elman::rnn_forward(inference.rnn);
  const std::string name =
      problem.name() + " " + elman::isa_name() + (sizeof(T) == 4 ? " f" : " d");
  check_near(fast.y, plain.y, name + " y");
  check_near(fast.h_last, plain.h_last, name + " h_last");
  CHECK_MESSAGE(inference.y == fast.y && inference.h_last == fast.h_last &&
                    inference.c_last == fast.c_last,
                name + ": inference differs from training");
  check_near(fast.dx, plain.dx, name + " dx");
  check_near(fast.dW, plain.dW, name + " dW");
  check_near(fast.dR, plain.dR, name + " dR");
  check_near(fast.db, plain.db, name + " db");
  check_near(fast.dh0, plain.dh0, name + " dh0");
  check_near(fast.c_last, plain.c_last, name + " c_last");
  check_near(fast.dc0, plain.dc0, name + " dc0");
}

template <class F>
void for_every_isa(F f) {
  const std::string usual = elman::isa_name();
  for (const std::string& name : elman::supported_isas()) {
    elman::set_isa(name);
    f();
  }
  elman::set_isa(usual);
}

// Sizes around the widths of vectors and tiles, flags in turn.
template <class T>
void check_sizes() {
  const int64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33};
  unsigned seed = 0;
  for (int64_t U : sizes) {
    for (int64_t F : {int64_t{1}, int64_t{13}, U}) {
      for (int64_t B : {1, 2, 3, 7, 25}) {
        const int flags = seed * 37 % kAllFlags;
        const int64_t steps = 1 + int64_t(seed % 5);
        const Activation tanh = Activation::kTanh;
        check_against_reference<T>({Cell::kSimple, B, steps, F, U, tanh, flags,
                                    seed});
        check_against_reference<T>({kGatedCells[seed % 3], B, steps, F, U, tanh,
                                    flags, seed});
        ++seed;
      }
    }
  }
}

bool same_bits(const Case<float>& a, const Case<float>& b) {
  return a.y == b.y && a.h_last == b.h_last && a.dx == b.dx && a.dW == b.dW &&
         a.dR == b.dR && a.db == b.db && a.dh0 == b.dh0 &&
         a.c_last == b.c_last && a.dc0 == b.dc0;
}

// Each gradient where it is the only one that is wanted.
void check_each_wanted_alone(Cell cell, int64_t B) {
  const Case<float> problem(cell, B, 30, 3, 19, Activation::kTanh,
                            kBias | kSequences);
  Case<float> whole = problem;
  run_fast(whole);
  for (int wanted = 0; wanted < 6; ++wanted) {
    Case<float> part = problem;
    elman::rnn_forward(part.rnn);
    elman::RnnGradient<float> one;
    one.dy = part.dy.data();
    one.dlast[0] = part.gradient.dlast[0];
    one.dlast[1] = part.gradient.dlast[1];
    if (wanted == 0) one.dx = part.dx.data();
    if (wanted == 1) one.dW = part.dW.data();
    if (wanted == 2) one.dR = part.dR.data();
    if (wanted == 3) one.db = part.db.data();
    if (wanted > 3) one.dfirst[wanted - 4] = part.gradient.dfirst[wanted - 4];
    elman::rnn_backward(part.rnn, one);
    if (wanted == 0) CHECK(part.dx == whole.dx);
    if (wanted == 1) CHECK(part.dW == whole.dW);
    if (wanted == 2) CHECK(part.dR == whole.dR);
    if (wanted == 3) CHECK(part.db == whole.db);
    if (wanted == 4) CHECK(part.dh0 == whole.dh0);
    if (wanted == 5) CHECK(part.dc0 == whole.dc0);
  }
}

}  // namespace

TEST("the fast layer equals the plain one at sizes around the vector width") {
  elman::set_num_threads(1);
  for_every_isa([] {
    check_sizes<float>();
    check_sizes<double>();
  });
}

TEST("the fast layer equals the plain one at prime and large sizes") {
  elman::set_num_threads(1);
  const int flags = kBias | kState | kSequences;
  const Activation tanh = Activation::kTanh;
  for_every_isa([=] {
    for (Cell cell : kCells) {
      check_against_reference<float>({cell, 33, 57, 19, 23, tanh, flags});
      check_against_reference<double>({cell, 33, 57, 19, 23, tanh, flags});
      check_against_reference<float>({cell, 1, 131, 5, 67, tanh, flags});
      check_against_reference<float>({cell, 2, 70, 5, 131, tanh, flags});
    }
    check_against_reference<float>(
        {Cell::kSimple, 53, 3, 67, 300, tanh, flags});
    check_against_reference<float>({Cell::kLstm, 27, 2, 67, 160, tanh, flags});
  });
}

TEST("few units equal the plain layer at sizes around blocks of lanes") {
  elman::set_num_threads(1);
  for_every_isa([] {
    unsigned seed = 0;
    for (int64_t B : {11, 12, 16, 17, 31, 32, 33, 65}) {
      for (int64_t U = 1; U <= 9; ++U) {
        const int flags = seed * 5 % 4 + seed * 3 % 4 * kBackwards;
        const int64_t F = seed % 10, steps = U == 4 ? 67 : 1 + seed % 4;
        const Cell cell = kCells[seed % 3];
        const Activation a = seed % 5 == 0 ? Activation::kSilu : Activation::kTanh;
        check_against_reference<float>({cell, B, steps, F, U, a, flags, seed});
        check_against_reference<double>({cell, B, steps, F, U, a, flags, seed});
        ++seed;
      }
    }
  });
}

TEST("a row of a batch in lanes has the bits that it has alone") {
  elman::set_num_threads(1);
  for_every_isa([] {
    for (Cell cell : kCells) {
      const int64_t B = 32, steps = 5, F = 3, U = 4;
      Case<float> batch(cell, B, steps, F, U, Activation::kTanh, kBias);
      elman::rnn_forward(batch.rnn);
      Case<float> row(cell, 1, steps, F, U, Activation::kTanh, kBias);
      row.W = batch.W, row.R = batch.R, row.b = batch.b;
      for (int64_t i = 0; i < B; ++i) {
        std::copy_n(batch.x.data() + i * steps * F, steps * F, row.x.data());
        row.link();
        elman::rnn_forward(row.rnn);
        CHECK(std::equal(row.y.begin(), row.y.end(), batch.y.begin() + i * U));
      }
    }
  });
}

TEST("what runs away in the padding of lanes stays out of the gradients") {
  // Rows with inputs far below zero stay at zero; padding grows by its bias.
  const int64_t B = 20, steps = 300, F = 2, U = 2;
  for_every_isa([=] {
    Case<float> problem(Cell::kSimple, B, steps, F, U, Activation::kRelu,
                        kBias | kSequences);
    std::fill(problem.x.begin(), problem.x.end(), -9.0f);
    std::fill(problem.W.begin(), problem.W.end(), 1.0f);
    std::fill(problem.R.begin(), problem.R.end(), 2.0f);
    std::fill(problem.b.begin(), problem.b.end(), 1.0f);
    check_against_reference<float>(problem);
  });
}

TEST("the fast layer equals the plain one under every combination of flags") {
  elman::set_num_threads(2);
  for_every_isa([] {
    for (Cell cell : kCells) {
      for (int flags = 0; flags < kAllFlags; ++flags) {
        const Activation tanh = Activation::kTanh, silu = Activation::kSilu;
        check_against_reference<float>({cell, 7, 6, 5, 9, tanh, flags});
        check_against_reference<double>({cell, 2, 3, 3, 6, silu, flags, 1,
                                         Activation::kHardSigmoid});
        check_against_reference<float>({cell, 1, 70, 3, 6, tanh, flags});
      }
    }
  });
}

TEST("the fast layer equals the plain one for every activation") {
  elman::set_num_threads(1);
  for_every_isa([] {
    for (const char* name : activation_names()) {
      const Activation a = activation_named(name);
      for (int flags : {kSequences | kBias, kMask | kSequences, kMask | kBias}) {
        check_against_reference<float>(
            {Cell::kSimple, 5, 4, 3, 19, a, flags});
        check_against_reference<double>(
            {Cell::kSimple, 5, 4, 3, 11, a, flags});
        for (Cell cell : kGatedCells) {
          check_against_reference<double>({cell, 5, 2, 3, 11, a, flags});
          check_against_reference<double>({cell, 5, 2, 3, 19,
                                           Activation::kRelu, flags, 1, a});
        }
      }
    }
  });
}

TEST("any number of threads gives the same bits") {
  const int all = kBias | kState | kMask | kDrop | kSequences;
  const Activation tanh = Activation::kTanh;
  const Case<float> problems[] = {
      {Cell::kSimple, 32, 40, 33, 70, tanh, kBias | kSequences},
      {Cell::kSimple, 5, 90, 17, 129, tanh, kBias | kState},
      {Cell::kSimple, 3, 150, 20, 64, Activation::kSigmoid, all},
      {Cell::kSimple, 1, 30, 64, 300, tanh, kBias},
      {Cell::kSimple, 4, 10, 100, 520, Activation::kSoftmax,
       kBias | kSequences},
      {Cell::kSimple, 600, 40, 9, 4, tanh, kBias | kSequences},
      {Cell::kLstm, 32, 20, 33, 70, tanh, kBias | kSequences},
      {Cell::kLstm, 200, 40, 9, 3, tanh, kBias | kState},
      {Cell::kLstm, 5, 70, 17, 65, tanh, all},
      {Cell::kLstm, 3, 90, 20, 64, tanh, all | kDropByGate},
      {Cell::kLstm, 1, 30, 64, 150, tanh, kBias},
      {Cell::kGru, 32, 20, 33, 70, tanh, kBias | kSequences},
      {Cell::kGru, 3, 90, 20, 64, tanh, all | kDropByGate},
      {Cell::kGru, 200, 40, 9, 3, tanh, kBias | kSequences},
      {Cell::kGruResetBefore, 5, 70, 17, 65, tanh, kBias | kState},
      {Cell::kGruResetBefore, 3, 90, 20, 64, tanh, all | kDropByGate}};
  for (const Case<float>& problem : problems) {
    for_every_isa([&] {
      Case<float> one = problem;
      elman::set_num_threads(1);
      run_fast(one);
      for (int threads : {2, 3, 5}) {
        Case<float> many = problem;
        elman::set_num_threads(threads);
        run_fast(many);
        CHECK_MESSAGE(same_bits(one, many), problem.name());
      }
    });
  }
}

TEST("rows in groups equal the plain layer, with any number of threads") {
  const int all = kBias | kState | kMask | kDrop | kSequences;
  const Activation tanh = Activation::kTanh, silu = Activation::kSilu;
  for_every_isa([=] {
    for (Cell cell : kCells) {
      for (int64_t B : {32, 37, 70}) {
        for (int flags : {kBias | kSequences, all, all | kZeroOutput,
                          all | kDropByGate | kBackwards, int(kState)}) {
          const Activation a = flags == all ? silu : tanh;
          const Case<float> problem(cell, B, 30, 11, 19, a, flags);
          elman::set_num_threads(1);
          check_against_reference(problem);
          Case<float> one = problem;
          run_fast(one);
          for (int threads : {2, 3, 4}) {
            Case<float> many = problem;
            elman::set_num_threads(threads);
            run_fast(many);
            CHECK_MESSAGE(same_bits(one, many), problem.name());
          }
        }
      }
      elman::set_num_threads(2);
      check_against_reference<double>({cell, 33, 20, 17, 32, tanh, all});
    }
  });
}

TEST("the backward pass may run on another number of threads than the forward") {
  const Case<float> problem(Cell::kLstm, 64, 30, 11, 19, Activation::kTanh,
                            kBias | kSequences);
  Case<float> one = problem;
  elman::set_num_threads(1);
  run_fast(one);
  for (int threads : {2, 3, 7}) {
    Case<float> many = problem;
    elman::set_num_threads(1);
    elman::rnn_forward(many.rnn);
    elman::set_num_threads(threads);
    elman::rnn_backward(many.rnn, many.gradient);
    CHECK_MESSAGE(same_bits(one, many), std::to_string(threads));
  }
}

TEST("gradients that are not wanted are not needed") {
  for (Cell cell : kCells) {
    for (int64_t B : {4, 40}) check_each_wanted_alone(cell, B);
  }
}

TEST("an empty batch gives zero gradients of the weights") {
  for (Cell cell : kCells) {
    Case<float> problem(cell, 0, 3, 2, 4, Activation::kTanh, kBias);
    problem.dW.back() = problem.dR.back() = problem.db.back() = 5;
    run_fast(problem);
    CHECK(problem.dW.back() == 0 && problem.dR.back() == 0);
    CHECK(problem.db.back() == 0);
  }
}

TEST("an unknown instruction set is refused") {
  CHECK_THROWS(elman::set_isa("mmx"), std::invalid_argument);
}
