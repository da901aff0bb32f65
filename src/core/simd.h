// Region file (see for_each_isa.h): vectors of ELMAN_VECTOR_BYTES and what is
// done with one, in GCC's vector extensions where they have a word for it.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
struct Simd;

template <>
struct Simd<float> {
  typedef float V __attribute__((vector_size(ELMAN_VECTOR_BYTES), may_alias));
  typedef float Unaligned
      __attribute__((vector_size(ELMAN_VECTOR_BYTES), aligned(4), may_alias));
  typedef int32_t I __attribute__((vector_size(ELMAN_VECTOR_BYTES)));
  typedef int32_t Bits;
};

template <>
struct Simd<double> {
  typedef double V __attribute__((vector_size(ELMAN_VECTOR_BYTES), may_alias));
  typedef double Unaligned
      __attribute__((vector_size(ELMAN_VECTOR_BYTES), aligned(8), may_alias));
  typedef int64_t I __attribute__((vector_size(ELMAN_VECTOR_BYTES)));
  typedef int64_t Bits;
};

template <class T>
constexpr int kWidth = ELMAN_VECTOR_BYTES / sizeof(T);

template <class T>
ELMAN_ALWAYS_INLINE typename Simd<T>::V load(const T* p) {
  return *reinterpret_cast<const typename Simd<T>::Unaligned*>(p);
}

template <class T>
ELMAN_ALWAYS_INLINE void store(T* p, typename Simd<T>::V v) {
  *reinterpret_cast<typename Simd<T>::Unaligned*>(p) = v;
}

template <class T>
ELMAN_ALWAYS_INLINE typename Simd<T>::V broadcast(T x) {
  return x - typename Simd<T>::V{};  // minus zero keeps the sign of -0
}

// a where it is less (more) than b, else b: NaN in b stays NaN. With all lanes in
// a mask, for GCC takes what else stands behind the name for a mistake.
#if defined(__x86_64__) && ELMAN_VECTOR_BYTES == 64
#define ELMAN_X86(name, a, b) _mm512_maskz_##name(-1, a, b)
#elif defined(__x86_64__) && ELMAN_VECTOR_BYTES == 32
#define ELMAN_X86(name, a, b) _mm256_##name(a, b)
#elif defined(__x86_64__)
#define ELMAN_X86(name, a, b) _mm_##name(a, b)
#endif
#if defined(ELMAN_X86)
#define ELMAN_CHOICE(name, instruction, sign)                 \
  template <class V>                                          \
  ELMAN_ALWAYS_INLINE V name(V a, V b) {                      \
    if constexpr (sizeof(a[0]) == sizeof(float)) {            \
      return (V)ELMAN_X86(instruction##_ps, a, b);            \
    } else {                                                  \
      return (V)ELMAN_X86(instruction##_pd, a, b);            \
    }                                                         \
  }
#else
#define ELMAN_CHOICE(name, instruction, sign) \
  template <class V>                          \
  ELMAN_ALWAYS_INLINE V name(V a, V b) {      \
    return a sign b ? a : b;                  \
  }
#endif
ELMAN_CHOICE(lesser, min, <)
ELMAN_CHOICE(greater, max, >)
#undef ELMAN_CHOICE
#undef ELMAN_X86

// The first n < kWidth elements, zeros after them; touches no others.
template <class T>
ELMAN_ALWAYS_INLINE typename Simd<T>::V load_part(const T* p, int64_t n) {
  T buffer[kWidth<T>] = {};
  for (int64_t i = 0; i < n; ++i) buffer[i] = p[i];
  return load(buffer);
}

template <class T>
ELMAN_ALWAYS_INLINE void store_part(T* p, typename Simd<T>::V v, int64_t n) {
  T buffer[kWidth<T>];
  store(buffer, v);
  for (int64_t i = 0; i < n; ++i) p[i] = buffer[i];
}

template <class T>
ELMAN_ALWAYS_INLINE void copy_row(const T* from, T* to, int64_t n) {
  constexpr int64_t W = kWidth<T>;
  int64_t i = 0;
  for (; i + W <= n; i += W) store(to + i, load(from + i));
  for (; i < n; ++i) to[i] = from[i];
}

template <class T>
ELMAN_ALWAYS_INLINE void clear_row(T* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = 0;
}

// to += from
template <class T>
ELMAN_ALWAYS_INLINE void add_row(const T* from, T* to, int64_t n) {
  constexpr int64_t W = kWidth<T>;
  int64_t i = 0;
  for (; i + W <= n; i += W) store(to + i, load(to + i) + load(from + i));
  for (; i < n; ++i) to[i] += from[i];
}

// to = a b, element by element
template <class T>
ELMAN_ALWAYS_INLINE void multiply_row(const T* a, const T* b, T* to,
                                      int64_t n) {
  constexpr int64_t W = kWidth<T>;
  int64_t i = 0;
  for (; i + W <= n; i += W) store(to + i, load(a + i) * load(b + i));
  for (; i < n; ++i) to[i] = a[i] * b[i];
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
