// Transposing 4 x 4 numbers in registers, in GCC's vector extensions. All is
// written out, since loops would go through memory, and always inlined, so that
// region files (see for_each_isa.h) may use it.
#ifndef ELMAN_CORE_TRANSPOSE4_H_
#define ELMAN_CORE_TRANSPOSE4_H_

#include <cstdint>
#include <cstring>

#if defined(__clang__)
#define ELMAN_SHUFFLE(a, b, i, j, k, l) \
  __builtin_shufflevector(a, b, i, j, k, l)
#else
#define ELMAN_SHUFFLE(a, b, i, j, k, l) \
  __builtin_shuffle(a, b, typename Four<Via>::Mask{i, j, k, l})
#endif

namespace elman {

template <class T>
struct Four;

template <>
struct Four<float> {
  typedef float V __attribute__((vector_size(16)));
  typedef int32_t Mask __attribute__((vector_size(16)));
};

template <>
struct Four<double> {
  typedef double V __attribute__((vector_size(32)));
  typedef int64_t Mask __attribute__((vector_size(32)));
};

// out[j][i] = in[i][j], as numbers of type Via in between.
template <class Via, class In, class Out>
__attribute__((always_inline)) inline void transpose4(const In* in,
                                                      int64_t in_stride,
                                                      Out* out,
                                                      int64_t out_stride) {
  typedef typename Four<Via>::V V;
  typedef typename Four<Out>::V OutV;
  typename Four<In>::V in0, in1, in2, in3;
  std::memcpy(&in0, in, sizeof in0);
  std::memcpy(&in1, in + in_stride, sizeof in1);
  std::memcpy(&in2, in + 2 * in_stride, sizeof in2);
  std::memcpy(&in3, in + 3 * in_stride, sizeof in3);
  const V r0 = __builtin_convertvector(in0, V);
  const V r1 = __builtin_convertvector(in1, V);
  const V r2 = __builtin_convertvector(in2, V);
  const V r3 = __builtin_convertvector(in3, V);
  const V a = ELMAN_SHUFFLE(r0, r1, 0, 4, 1, 5);
  const V b = ELMAN_SHUFFLE(r2, r3, 0, 4, 1, 5);
  const V c = ELMAN_SHUFFLE(r0, r1, 2, 6, 3, 7);
  const V d = ELMAN_SHUFFLE(r2, r3, 2, 6, 3, 7);
  const V c0 = ELMAN_SHUFFLE(a, b, 0, 1, 4, 5);
  const V c1 = ELMAN_SHUFFLE(a, b, 2, 3, 6, 7);
  const V c2 = ELMAN_SHUFFLE(c, d, 0, 1, 4, 5);
  const V c3 = ELMAN_SHUFFLE(c, d, 2, 3, 6, 7);
  const OutV out0 = __builtin_convertvector(c0, OutV);
  const OutV out1 = __builtin_convertvector(c1, OutV);
  const OutV out2 = __builtin_convertvector(c2, OutV);
  const OutV out3 = __builtin_convertvector(c3, OutV);
  std::memcpy(out, &out0, sizeof out0);
  std::memcpy(out + out_stride, &out1, sizeof out1);
  std::memcpy(out + 2 * out_stride, &out2, sizeof out2);
  std::memcpy(out + 3 * out_stride, &out3, sizeof out3);
}

}  // namespace elman

#undef ELMAN_SHUFFLE

#endif  // ELMAN_CORE_TRANSPOSE4_H_
