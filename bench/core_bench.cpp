// Times the recurrent layer of the core alone, beside the multiply-add peak of
// the same processor at the same moment. Build and run from the package root:
//
//   g++ -std=gnu++17 -O2 -pthread -Isrc -o core_bench bench/core_bench.cpp
//     src/kernels_{rnn,cells,gemm,activate,pool,isa,convert}.cpp
//   ./core_bench [threads] [seconds per size]
//
// Prints, for each size, the best time of forward and forward + backward, their
// GF/s, and the share of the peak in percent (median of rounds, each round
// paired with a peak measured right beside it).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "core/convert.h"
#include "core/gemm.h"
#include "core/isa.h"
#include "core/rnn.h"
#include "core/thread_pool.h"
#include "peak.h"

namespace {

bool processor_time = true;

// Seconds of wall time, or, on one thread, of the thread's processor time,
// which does not count what other programs take.
double now() {
#if defined(CLOCK_THREAD_CPUTIME_ID)
  if (processor_time) {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
#endif
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

using elman_bench::peak;

struct Timing {
  double best, share;  // seconds; GF/s over the peak of the same round
};

template <class F>
Timing timed(double flops, double budget, F f) {
  f();
  double once = now();
  f();
  once = now() - once;
  const int calls = std::max(1, static_cast<int>(0.002 / (once + 1e-9)));
  std::vector<double> shares;
  double best = 1e9;
  const double end = now() + budget;
  while (now() < end || shares.size() < 3) {
    const double around = peak(now);
    const double begin = now();
    for (int i = 0; i < calls; ++i) f();
    const double seconds = (now() - begin) / calls;
    best = std::min(best, seconds);
    shares.push_back(flops / seconds * 1e-9 / around);
  }
  std::nth_element(shares.begin(), shares.begin() + shares.size() / 2,
                   shares.end());
  return {best, shares[shares.size() / 2]};
}

void print(const char* what, double flops, Timing t) {
  std::printf("  %s %10.1f us %6.1f GF/s %4.0f%%", what, t.best * 1e6,
              flops / t.best * 1e-9, 100 * t.share);
}

void layer(int64_t B, int64_t T, int64_t F, int64_t U, double budget) {
  std::vector<float> x(B * T * F, .1f), W(F * U, .01f), R(U * U, .01f),
      b(U, .1f), y(B * T * U), h(B * U), dy(B * T * U, .01f), dx(x.size()),
      dW(W.size()), dR(R.size()), db(U), dh0(B * U);
  elman::Rnn<float> rnn;
  rnn.B = B, rnn.T_ = T, rnn.F = F, rnn.U = U;
  rnn.x = x.data(), rnn.W = W.data(), rnn.R = R.data(), rnn.b = b.data();
  rnn.return_sequences = true;
  rnn.y = y.data(), rnn.last[0] = h.data();
  std::vector<float> saved(elman::rnn_saved_size(rnn));
  const double flops = 2.0 * B * T * U * (F + U);
  std::printf("%4d,%3d,%3d,%4d", int(B), int(T), int(F), int(U));
  print("forward", flops, timed(flops, budget, [&] {
          rnn.saved = nullptr;
          elman::rnn_forward(rnn);
        }));
  elman::RnnGradient<float> gradient;
  gradient.dy = dy.data(), gradient.dx = dx.data(), gradient.dW = dW.data();
  gradient.dR = dR.data(), gradient.db = db.data();
  print("and backward", 3 * flops, timed(3 * flops, budget, [&] {
          rnn.saved = saved.data();
          elman::rnn_forward(rnn);
          elman::rnn_backward(rnn, gradient);
        }));
  std::printf("\n");
}

void product(int64_t n, bool ta, bool tb, double budget) {
  std::vector<float> a(n * n, .1f), b(n * n, .1f), c(n * n);
  const double flops = 2.0 * n * n * n;
  std::printf("gemm %s%s %4d", ta ? "T" : "N", tb ? "T" : "N", int(n));
  print("", flops, timed(flops, budget, [&] {
          elman::gemm<float>(ta, tb, n, n, n, a.data(), b.data(), c.data(),
                             nullptr);
        }));
  std::printf("\n");
}

void conversion(int64_t B, int64_t T, int64_t F, double budget) {
  std::vector<double> in(B * T * F, 1.5);
  std::vector<float> out(in.size());
  const int64_t dims[] = {B, T, F};
  std::printf("convert %d,%d,%d", int(B), int(T), int(F));
  const Timing there = timed(1, budget, [&] {
    elman::from_column_major(in.data(), out.data(), dims, 3);
  });
  const Timing back = timed(1, budget, [&] {
    elman::to_column_major(out.data(), in.data(), dims, 3);
  });
  std::printf("  in %.2f ns, out %.2f ns per element\n",
              there.best * 1e9 / in.size(), back.best * 1e9 / in.size());
}

}  // namespace

int main(int argc, char** argv) {
  elman::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 1);
  processor_time = elman::num_threads() == 1;
  const double budget = argc > 2 ? std::atof(argv[2]) : 0.5;
  std::printf("%s, %d threads, peak of one %.0f GF/s\n", elman::isa_name(),
              elman::num_threads(), peak(now));
  const int64_t sizes[8][4] = {
      {1, 1, 1, 1},        {1, 100, 8, 32},      {32, 10, 8, 4},
      {32, 100, 32, 32},   {32, 200, 64, 128},   {64, 100, 128, 256},
      {128, 50, 256, 512}, {256, 20, 512, 1024}};
  for (const auto& s : sizes) layer(s[0], s[1], s[2], s[3], budget);
  for (int64_t n : {64, 256, 512, 1024}) product(n, false, false, budget);
  product(512, true, false, budget);
  product(512, false, true, budget);
  conversion(32, 10, 8, budget);
  conversion(32, 100, 32, budget);
  conversion(128, 50, 256, budget);
  return 0;
}
