// GF/s of independent multiply-adds in registers on one thread: what the same
// processor could do at the same moment.
#ifndef ELMAN_BENCH_PEAK_H_
#define ELMAN_BENCH_PEAK_H_

namespace elman_bench {

#if defined(__x86_64__)
#define ELMAN_BENCH_TARGET __attribute__((target("avx2,fma")))
#else
#define ELMAN_BENCH_TARGET
#endif
typedef float Vector __attribute__((vector_size(32)));

template <class Clock>
ELMAN_BENCH_TARGET __attribute__((noinline)) double peak(Clock now) {
  constexpr int kChains = 12;
  static Vector out[kChains];
  Vector sum[kChains];
  const float tiny = 1e-9f;
  const Vector x = tiny - Vector{};
  // Chains that begin alike would be made one by the compiler.
  for (int c = 0; c < kChains; ++c) {
    sum[c] = static_cast<float>(c) - Vector{};
  }
  const int rounds = 50000;
  const double begin = now();
  for (int i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sum[c] = x * sum[c] + x;
  }
  const double seconds = now() - begin;
  for (int c = 0; c < kChains; ++c) out[c] = sum[c];
  asm volatile("" : : "r"(out) : "memory");
  return 2.0 * 8 * kChains * rounds / seconds * 1e-9;
}

}  // namespace elman_bench

#endif  // ELMAN_BENCH_PEAK_H_
