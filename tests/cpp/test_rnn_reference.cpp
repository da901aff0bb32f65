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
  elman::simple_rnn_forward(problem.rnn);
  elman::simple_rnn_backward(problem.rnn, problem.gradient);
}

template <class T>
void check_against_reference(const Case<T>& problem) {
  Case<T> fast = problem, plain = problem, inference = problem;
  run_fast(fast);
  elman::reference::simple_rnn_forward(plain.rnn);
  elman::reference::simple_rnn_backward(plain.rnn, plain.gradient);
  inference.rnn.saved = nullptr;
  elman::simple_rnn_forward(inference.rnn);
  const std::string name =
      problem.name() + " " + elman::isa_name() + (sizeof(T) == 4 ? " f" : " d");
  check_near(fast.y, plain.y, name + " y");
  check_near(fast.h_last, plain.h_last, name + " h_last");
  CHECK_MESSAGE(inference.y == fast.y && inference.h_last == fast.h_last,
                name + ": inference differs from training");
  check_near(fast.dx, plain.dx, name + " dx");
  check_near(fast.dW, plain.dW, name + " dW");
  check_near(fast.dR, plain.dR, name + " dR");
  check_near(fast.db, plain.db, name + " db");
  check_near(fast.dh0, plain.dh0, name + " dh0");
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

template <class T>
void check_sizes() {
  const int64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33};
  unsigned seed = 0;
  for (int64_t U : sizes) {
    for (int64_t F : {int64_t{1}, int64_t{13}, U}) {
      for (int64_t B : {1, 2, 3, 7, 25}) {
        const int flags = seed * 37 % kAllFlags;
        check_against_reference<T>(
            {B, 1 + int64_t(seed % 5), F, U, Activation::kTanh, flags, seed});
        ++seed;
      }
    }
  }
}

bool same_bits(const Case<float>& a, const Case<float>& b) {
  return a.y == b.y && a.h_last == b.h_last && a.dx == b.dx && a.dW == b.dW &&
         a.dR == b.dR && a.db == b.db && a.dh0 == b.dh0;
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
  for_every_isa([=] {
    check_against_reference<float>({33, 57, 19, 23, Activation::kTanh, flags});
    check_against_reference<double>({33, 57, 19, 23, Activation::kTanh, flags});
    check_against_reference<float>({1, 131, 5, 67, Activation::kTanh, flags});
    check_against_reference<float>({2, 70, 5, 131, Activation::kTanh, flags});
    check_against_reference<float>({53, 3, 67, 300, Activation::kTanh, flags});
  });
}

TEST("the fast layer equals the plain one under every combination of flags") {
  elman::set_num_threads(2);
  for_every_isa([] {
    for (int flags = 0; flags < kAllFlags; ++flags) {
      check_against_reference<float>({7, 6, 5, 9, Activation::kTanh, flags});
      check_against_reference<double>({2, 3, 3, 6, Activation::kSilu, flags});
      check_against_reference<float>({1, 70, 3, 6, Activation::kTanh, flags});
    }
  });
}

TEST("the fast layer equals the plain one for every activation") {
  elman::set_num_threads(1);
  for_every_isa([] {
    for (const char* name : activation_names()) {
      for (int flags : {kSequences | kBias, kMask | kSequences, kMask | kBias}) {
        const Activation a = activation_named(name);
        check_against_reference<float>({5, 4, 3, 19, a, flags});
        check_against_reference<double>({5, 4, 3, 11, a, flags});
      }
    }
  });
}

TEST("any number of threads gives the same bits") {
  const int all = kBias | kState | kMask | kDrop | kSequences;
  const Case<float> problems[] = {
      {32, 40, 33, 70, Activation::kTanh, kBias | kSequences},
      {5, 90, 17, 129, Activation::kTanh, kBias | kState},
      {3, 150, 20, 64, Activation::kSigmoid, all},
      {1, 30, 64, 300, Activation::kTanh, kBias},
      {4, 10, 100, 520, Activation::kSoftmax, kBias | kSequences}};
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

TEST("gradients that are not wanted are not needed") {
  Case<float> problem(4, 5, 3, 9, Activation::kTanh, kBias | kSequences);
  Case<float> whole = problem;
  run_fast(whole);
  for (int wanted = 0; wanted < 5; ++wanted) {
    Case<float> part = problem;
    elman::simple_rnn_forward(part.rnn);
    elman::SimpleRnnGradient<float> one = {part.dy.data(), part.dh_last.data(),
                                           nullptr, nullptr, nullptr, nullptr,
                                           nullptr};
    if (wanted == 0) one.dx = part.dx.data();
    if (wanted == 1) one.dW = part.dW.data();
    if (wanted == 2) one.dR = part.dR.data();
    if (wanted == 3) one.db = part.db.data();
    if (wanted == 4) one.dh0 = part.dh0.data();
    elman::simple_rnn_backward(part.rnn, one);
    if (wanted == 0) CHECK(part.dx == whole.dx);
    if (wanted == 1) CHECK(part.dW == whole.dW);
    if (wanted == 2) CHECK(part.dR == whole.dR);
    if (wanted == 3) CHECK(part.db == whole.db);
    if (wanted == 4) CHECK(part.dh0 == whole.dh0);
  }
}

TEST("an empty batch gives zero gradients of the weights") {
  Case<float> problem(0, 3, 2, 4, Activation::kTanh, kBias);
  problem.dW[0] = problem.dR[0] = problem.db[0] = 5;
  run_fast(problem);
  CHECK(problem.dW[0] == 0 && problem.dR[0] == 0 && problem.db[0] == 0);
}

TEST("an unknown instruction set is refused") {
  CHECK_THROWS(elman::set_isa("mmx"), std::invalid_argument);
}
