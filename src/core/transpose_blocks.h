// Transposing 4 x 4 or 8 x 8 numbers in registers, in GCC's vector extensions. All
// is written out, since loops would go through memory, and always inlined, so
// that region files (see for_each_isa.h) may use it.
#ifndef ELMAN_CORE_TRANSPOSE_BLOCKS_H_
#define ELMAN_CORE_TRANSPOSE_BLOCKS_H_

#include <cstdint>
#include <cstring>

#if defined(__clang__)
#define ELMAN_SHUFFLE(Vectors, a, b, ...) \
  __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define ELMAN_SHUFFLE(Vectors, a, b, ...) \
  __builtin_shuffle(a, b, typename Vectors::Mask{__VA_ARGS__})
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
  const V a = ELMAN_SHUFFLE(Four<Via>, r0, r1, 0, 4, 1, 5);
  const V b = ELMAN_SHUFFLE(Four<Via>, r2, r3, 0, 4, 1, 5);
  const V c = ELMAN_SHUFFLE(Four<Via>, r0, r1, 2, 6, 3, 7);
  const V d = ELMAN_SHUFFLE(Four<Via>, r2, r3, 2, 6, 3, 7);
  const V c0 = ELMAN_SHUFFLE(Four<Via>, a, b, 0, 1, 4, 5);
  const V c1 = ELMAN_SHUFFLE(Four<Via>, a, b, 2, 3, 6, 7);
  const V c2 = ELMAN_SHUFFLE(Four<Via>, c, d, 0, 1, 4, 5);
  const V c3 = ELMAN_SHUFFLE(Four<Via>, c, d, 2, 3, 6, 7);
  const OutV out0 = __builtin_convertvector(c0, OutV);
  const OutV out1 = __builtin_convertvector(c1, OutV);
  const OutV out2 = __builtin_convertvector(c2, OutV);
  const OutV out3 = __builtin_convertvector(c3, OutV);
  std::memcpy(out, &out0, sizeof out0);
  std::memcpy(out + out_stride, &out1, sizeof out1);
  std::memcpy(out + 2 * out_stride, &out2, sizeof out2);
  std::memcpy(out + 3 * out_stride, &out3, sizeof out3);
}

// Eight floats, and the doubles that become them.
struct Eight {
  typedef float V __attribute__((vector_size(32)));
  typedef int32_t Mask __attribute__((vector_size(32)));
};

template <class T>
__attribute__((always_inline)) inline void load_eight(const T* in,
                                                      Eight::V* out) {
  T values __attribute__((vector_size(8 * sizeof(T))));
  std::memcpy(&values, in, sizeof values);
  *out = __builtin_convertvector(values, Eight::V);
}

template <class T>
__attribute__((always_inline)) inline void store_eight(const Eight::V& in,
                                                       T* out) {
  typedef T V __attribute__((vector_size(8 * sizeof(T))));
  const V values = __builtin_convertvector(in, V);
  std::memcpy(out, &values, sizeof values);
}

// The same for 8 x 8 numbers, as floats in between.
template <class In, class Out>
__attribute__((always_inline)) inline void transpose8(const In* in,
                                                      int64_t in_stride,
                                                      Out* out,
                                                      int64_t out_stride) {
  typedef Eight::V V;
  V r0, r1, r2, r3, r4, r5, r6, r7;
  load_eight(in, &r0);
  load_eight(in + in_stride, &r1);
  load_eight(in + 2 * in_stride, &r2);
  load_eight(in + 3 * in_stride, &r3);
  load_eight(in + 4 * in_stride, &r4);
  load_eight(in + 5 * in_stride, &r5);
  load_eight(in + 6 * in_stride, &r6);
  load_eight(in + 7 * in_stride, &r7);
  // Pairs of rows, then fours, then halves of all eight.
  const V a0 = ELMAN_SHUFFLE(Eight, r0, r1, 0, 8, 1, 9, 4, 12, 5, 13);
  const V a1 = ELMAN_SHUFFLE(Eight, r0, r1, 2, 10, 3, 11, 6, 14, 7, 15);
  const V a2 = ELMAN_SHUFFLE(Eight, r2, r3, 0, 8, 1, 9, 4, 12, 5, 13);
  const V a3 = ELMAN_SHUFFLE(Eight, r2, r3, 2, 10, 3, 11, 6, 14, 7, 15);
  const V a4 = ELMAN_SHUFFLE(Eight, r4, r5, 0, 8, 1, 9, 4, 12, 5, 13);
  const V a5 = ELMAN_SHUFFLE(Eight, r4, r5, 2, 10, 3, 11, 6, 14, 7, 15);
  const V a6 = ELMAN_SHUFFLE(Eight, r6, r7, 0, 8, 1, 9, 4, 12, 5, 13);
  const V a7 = ELMAN_SHUFFLE(Eight, r6, r7, 2, 10, 3, 11, 6, 14, 7, 15);
  const V b0 = ELMAN_SHUFFLE(Eight, a0, a2, 0, 1, 8, 9, 4, 5, 12, 13);
  const V b1 = ELMAN_SHUFFLE(Eight, a0, a2, 2, 3, 10, 11, 6, 7, 14, 15);
  const V b2 = ELMAN_SHUFFLE(Eight, a1, a3, 0, 1, 8, 9, 4, 5, 12, 13);
  const V b3 = ELMAN_SHUFFLE(Eight, a1, a3, 2, 3, 10, 11, 6, 7, 14, 15);
  const V b4 = ELMAN_SHUFFLE(Eight, a4, a6, 0, 1, 8, 9, 4, 5, 12, 13);
  const V b5 = ELMAN_SHUFFLE(Eight, a4, a6, 2, 3, 10, 11, 6, 7, 14, 15);
  const V b6 = ELMAN_SHUFFLE(Eight, a5, a7, 0, 1, 8, 9, 4, 5, 12, 13);
  const V b7 = ELMAN_SHUFFLE(Eight, a5, a7, 2, 3, 10, 11, 6, 7, 14, 15);
  const V c0 = ELMAN_SHUFFLE(Eight, b0, b4, 0, 1, 2, 3, 8, 9, 10, 11);
  const V c1 = ELMAN_SHUFFLE(Eight, b1, b5, 0, 1, 2, 3, 8, 9, 10, 11);
  const V c2 = ELMAN_SHUFFLE(Eight, b2, b6, 0, 1, 2, 3, 8, 9, 10, 11);
  const V c3 = ELMAN_SHUFFLE(Eight, b3, b7, 0, 1, 2, 3, 8, 9, 10, 11);
  const V c4 = ELMAN_SHUFFLE(Eight, b0, b4, 4, 5, 6, 7, 12, 13, 14, 15);
  const V c5 = ELMAN_SHUFFLE(Eight, b1, b5, 4, 5, 6, 7, 12, 13, 14, 15);
  const V c6 = ELMAN_SHUFFLE(Eight, b2, b6, 4, 5, 6, 7, 12, 13, 14, 15);
  const V c7 = ELMAN_SHUFFLE(Eight, b3, b7, 4, 5, 6, 7, 12, 13, 14, 15);
  store_eight(c0, out);
  store_eight(c1, out + out_stride);
  store_eight(c2, out + 2 * out_stride);
  store_eight(c3, out + 3 * out_stride);
  store_eight(c4, out + 4 * out_stride);
  store_eight(c5, out + 5 * out_stride);
  store_eight(c6, out + 6 * out_stride);
  store_eight(c7, out + 7 * out_stride);
}

}  // namespace elman

#undef ELMAN_SHUFFLE

#endif  // ELMAN_CORE_TRANSPOSE_BLOCKS_H_
