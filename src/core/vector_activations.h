// Region file (see for_each_isa.h): the element-wise activations of
// activations.h, and their slopes, on vectors. The formulas are those of the
// scalar definitions; gelu, which needs erfc, calls its definition.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T, class F>
ELMAN_ALWAYS_INLINE void map(const T* z, T* y, int64_t n, F f) {
  constexpr int64_t W = kWidth<T>;
  int64_t i = 0;
  for (; i + W <= n; i += W) store(y + i, f(load(z + i)));
  if (i < n) store_part(y + i, f(load_part(z + i, n - i)), n - i);
}

// Function objects, since a lambda would not be compiled for the region.
#define ELMAN_FORWARD(name, expression)                                 \
  template <class T>                                                    \
  struct name : Math<T> {                                               \
    typedef Math<T> M;                                                  \
    typedef typename M::V V;                                            \
    static ELMAN_ALWAYS_INLINE V c(double x) { return M::constant(x); } \
    ELMAN_ALWAYS_INLINE V operator()(V z) const { return expression; }  \
  };

ELMAN_FORWARD(Elu, M::select(z > c(0), z, M::expm1_negative(M::at_most(z, c(0)))))
ELMAN_FORWARD(Exponential, M::exp(z))
ELMAN_FORWARD(HardShrink, M::select(M::abs(z) <= c(0.5), c(0), z))
ELMAN_FORWARD(HardSigmoid, M::at_least(M::at_most((z + c(3)) / c(6), c(1)), c(0)))
ELMAN_FORWARD(HardSilu,
              M::select(z <= c(-3), c(0),
                        M::select(z >= c(3), z, z * (z + c(3)) / c(6))))
ELMAN_FORWARD(HardTanh, M::at_least(M::at_most(z, c(1)), c(-1)))
ELMAN_FORWARD(LeakyRelu, M::select(z > c(0), z, c(0.2) * z))
ELMAN_FORWARD(LogSigmoid, c(0) - M::softplus(c(0) - z))
ELMAN_FORWARD(Mish, z* M::tanh_softplus(z))
ELMAN_FORWARD(Relu, M::select(z <= c(0), c(0), z))
ELMAN_FORWARD(Relu6, M::at_most(M::select(z <= c(0), c(0), z), c(6)))
ELMAN_FORWARD(Selu,
              M::select(z > c(0), c(activation_constants::kSeluScale) * z,
                        c(activation_constants::kSeluScale *
                          activation_constants::kSeluAlpha) *
                            M::expm1_negative(M::at_most(z, c(0)))))
ELMAN_FORWARD(Sigmoid, M::sigmoid(z))
ELMAN_FORWARD(Silu, z* M::sigmoid(z))
ELMAN_FORWARD(SoftShrink,
              M::select(z > c(0.5), z - c(0.5),
                        M::select(z < c(-0.5), z + c(0.5), z* c(0))))
ELMAN_FORWARD(Softplus, M::softplus(z))
ELMAN_FORWARD(Softsign, z / (c(1) + M::abs(z)))
ELMAN_FORWARD(SparsePlus,
              M::select(z <= c(-1), c(0),
                        M::select(z >= c(1), z,
                                  (z + c(1)) * (z + c(1)) * c(0.25))))
ELMAN_FORWARD(SparseSigmoid,
              M::at_least(M::at_most((z + c(1)) * c(0.5), c(1)), c(0)))
// (z + root) / 2, without cancellation for z < 0
ELMAN_FORWARD(Squareplus,
              M::select(z < c(0), c(2) / (M::sqrt(z * z + c(4)) - z),
                        (z + M::sqrt(z * z + c(4))) * c(0.5)))
ELMAN_FORWARD(Tanh, M::tanh(z))
ELMAN_FORWARD(TanhShrink, z - M::tanh(z))
#undef ELMAN_FORWARD

template <class T>
void activate_span(Activation a, const T* z, T* y, int64_t n) {
  switch (a) {
    case Activation::kCelu:
    case Activation::kElu: return map(z, y, n, Elu<T>());
    case Activation::kExponential: return map(z, y, n, Exponential<T>());
    case Activation::kHardShrink: return map(z, y, n, HardShrink<T>());
    case Activation::kHardSigmoid: return map(z, y, n, HardSigmoid<T>());
    case Activation::kHardSilu: return map(z, y, n, HardSilu<T>());
    case Activation::kHardTanh: return map(z, y, n, HardTanh<T>());
    case Activation::kLeakyRelu: return map(z, y, n, LeakyRelu<T>());
    case Activation::kLinear:
      if (y != z) copy_row(z, y, n);
      return;
    case Activation::kLogSigmoid: return map(z, y, n, LogSigmoid<T>());
    case Activation::kMish: return map(z, y, n, Mish<T>());
    case Activation::kRelu:
    case Activation::kThreshold: return map(z, y, n, Relu<T>());
    case Activation::kRelu6: return map(z, y, n, Relu6<T>());
    case Activation::kSelu: return map(z, y, n, Selu<T>());
    case Activation::kSigmoid: return map(z, y, n, Sigmoid<T>());
    case Activation::kSilu: return map(z, y, n, Silu<T>());
    case Activation::kSoftShrink: return map(z, y, n, SoftShrink<T>());
    case Activation::kSoftplus: return map(z, y, n, Softplus<T>());
    case Activation::kSoftsign: return map(z, y, n, Softsign<T>());
    case Activation::kSparsePlus: return map(z, y, n, SparsePlus<T>());
    case Activation::kSparseSigmoid: return map(z, y, n, SparseSigmoid<T>());
    case Activation::kSquareplus: return map(z, y, n, Squareplus<T>());
    case Activation::kTanh: return map(z, y, n, Tanh<T>());
    case Activation::kTanhShrink: return map(z, y, n, TanhShrink<T>());
    default: return activate_plain(a, z, y, n);
  }
}

// dz = dy f'(z) by y alone.
template <class T, class F>
ELMAN_ALWAYS_INLINE void slopes(const T* dy, const T* y, T* dz, int64_t n,
                                F f) {
  constexpr int64_t W = kWidth<T>;
  int64_t i = 0;
  for (; i + W <= n; i += W) {
    store(dz + i, load(dy + i) * f(load(y + i)));
  }
  if (i == n) return;
  const int64_t rest = n - i;
  store_part(dz + i, load_part(dy + i, rest) * f(load_part(y + i, rest)), rest);
}

#define ELMAN_SLOPE(name, expression)                                   \
  template <class T>                                                    \
  struct name##Slope : Math<T> {                                        \
    typedef Math<T> M;                                                  \
    typedef typename M::V V;                                            \
    static ELMAN_ALWAYS_INLINE V c(double x) { return M::constant(x); } \
    ELMAN_ALWAYS_INLINE V operator()(V y) const { return expression; }  \
  };

ELMAN_SLOPE(Elu, M::select(y > c(0), c(1), y + c(1)))
ELMAN_SLOPE(Exponential, y)
ELMAN_SLOPE(Shrink, M::select(y == c(0), c(0), c(1)))
ELMAN_SLOPE(HardSigmoid,
            M::select((y > c(0)) & (y < c(1)), c(1.0 / 6), c(0)))
ELMAN_SLOPE(HardTanh, M::select((y > c(-1)) & (y < c(1)), c(1), c(0)))
ELMAN_SLOPE(LeakyRelu, M::select(y > c(0), c(1), c(0.2)))
ELMAN_SLOPE(LogSigmoid, c(0) - M::expm1_negative(y))
ELMAN_SLOPE(Relu, M::select(y > c(0), c(1), c(0)))
ELMAN_SLOPE(Relu6, M::select((y > c(0)) & (y < c(6)), c(1), c(0)))
ELMAN_SLOPE(Selu,
            M::select(y >= c(0), c(activation_constants::kSeluScale),
                      y + c(activation_constants::kSeluScale *
                            activation_constants::kSeluAlpha)))
ELMAN_SLOPE(Sigmoid, y * (c(1) - y))
ELMAN_SLOPE(Softplus, c(0) - M::expm1_negative(c(0) - y))
ELMAN_SLOPE(Softsign, (c(1) - M::abs(y)) * (c(1) - M::abs(y)))
ELMAN_SLOPE(SparsePlus, M::select(y >= c(1), c(1), M::sqrt(y)))
ELMAN_SLOPE(SparseSigmoid,
            M::select((y > c(0)) & (y < c(1)), c(0.5), c(0)))
ELMAN_SLOPE(Squareplus, y* y / (y * y + c(1)))
ELMAN_SLOPE(Tanh, c(1) - y * y)
// These take z for y.
ELMAN_SLOPE(HardSilu,
            M::select(y <= c(-3), c(0),
                      M::select(y >= c(3), c(1), y / c(3) + c(0.5))))
template <class T>
struct MishSlope : Math<T> {
  typedef Math<T> M;
  ELMAN_ALWAYS_INLINE typename M::V operator()(typename M::V z) const {
    const typename M::V t = M::tanh_softplus(z), one = M::constant(1);
    return t + z * M::sigmoid(z) * (one - t * t);
  }
};
template <class T>
struct SiluSlope : Math<T> {
  typedef Math<T> M;
  ELMAN_ALWAYS_INLINE typename M::V operator()(typename M::V z) const {
    const typename M::V s = M::sigmoid(z), one = M::constant(1);
    return s * (one + z * (one - s));
  }
};
template <class T>
struct TanhShrinkSlope : Math<T> {
  typedef Math<T> M;
  ELMAN_ALWAYS_INLINE typename M::V operator()(typename M::V z) const {
    const typename M::V t = M::tanh(z);
    return t * t;
  }
};
#undef ELMAN_SLOPE

template <class T>
void gradient_span(Activation a, const T* dy, const T* z, const T* y, T* dz,
                   int64_t n) {
  switch (a) {
    case Activation::kCelu:
    case Activation::kElu: return slopes(dy, y, dz, n, EluSlope<T>());
    case Activation::kExponential:
      return slopes(dy, y, dz, n, ExponentialSlope<T>());
    case Activation::kHardShrink:
    case Activation::kSoftShrink:
      return slopes(dy, y, dz, n, ShrinkSlope<T>());
    case Activation::kHardSigmoid:
      return slopes(dy, y, dz, n, HardSigmoidSlope<T>());
    case Activation::kHardSilu:
      return slopes(dy, z, dz, n, HardSiluSlope<T>());
    case Activation::kHardTanh:
      return slopes(dy, y, dz, n, HardTanhSlope<T>());
    case Activation::kLeakyRelu:
      return slopes(dy, y, dz, n, LeakyReluSlope<T>());
    case Activation::kLinear:
      if (dz != dy) copy_row(dy, dz, n);
      return;
    case Activation::kLogSigmoid:
      return slopes(dy, y, dz, n, LogSigmoidSlope<T>());
    case Activation::kMish: return slopes(dy, z, dz, n, MishSlope<T>());
    case Activation::kRelu:
    case Activation::kThreshold: return slopes(dy, y, dz, n, ReluSlope<T>());
    case Activation::kRelu6: return slopes(dy, y, dz, n, Relu6Slope<T>());
    case Activation::kSelu: return slopes(dy, y, dz, n, SeluSlope<T>());
    case Activation::kSigmoid: return slopes(dy, y, dz, n, SigmoidSlope<T>());
    case Activation::kSilu: return slopes(dy, z, dz, n, SiluSlope<T>());
    case Activation::kSoftplus:
      return slopes(dy, y, dz, n, SoftplusSlope<T>());
    case Activation::kSoftsign:
      return slopes(dy, y, dz, n, SoftsignSlope<T>());
    case Activation::kSparsePlus:
      return slopes(dy, y, dz, n, SparsePlusSlope<T>());
    case Activation::kSparseSigmoid:
      return slopes(dy, y, dz, n, SparseSigmoidSlope<T>());
    case Activation::kSquareplus:
      return slopes(dy, y, dz, n, SquareplusSlope<T>());
    case Activation::kTanh: return slopes(dy, y, dz, n, TanhSlope<T>());
    case Activation::kTanhShrink:
      return slopes(dy, z, dz, n, TanhShrinkSlope<T>());
    default: return gradient_plain(a, dy, z, y, dz, n);
  }
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
