// Region file (see for_each_isa.h): exp, tanh and their relatives on vectors.
//
// exp: n = round(x / ln 2), e^x = 2^n e^r, |r| <= ln 2 / 2, with the polynomial
// (float) or rational (double) of Cephes (Moshier 1989). tanh: an odd
// polynomial or rational of Cephes below 0.625, 1 - 2 / (e^2x + 1) above; of
// floats, where multiply-adds are fused, u - u^2 / (u + 1) or 1 - 1 / (u + 1)
// with u = (e^2x - 1) / 2, whichever loses less. Both within 2 ulp, and tanh
// exactly 1 from 9.1 (float) or 22 (double) on. NaN stays NaN, -0 stays -0.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
struct MathConstants;

template <>
struct MathConstants<float> {
  static constexpr float kRound = 12582912.0f;  // 1.5 2^23
  static constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  static constexpr float kExpLow = -104.0f, kExpHigh = 89.0f;
  static constexpr float kTanhOne = 9.1f, kLogistic = 87.0f;
  static constexpr int kMantissa = 23, kBias = 127;
  static constexpr int kLog1pTerms = 8;
};

template <>
struct MathConstants<double> {
  static constexpr double kRound = 6755399441055744.0;  // 1.5 2^52
  static constexpr double kLn2High = 6.93145751953125e-1,
                          kLn2Low = 1.42860682030941723212e-6;
  static constexpr double kExpLow = -746.0, kExpHigh = 710.0;
  static constexpr double kTanhOne = 22.0, kLogistic = 708.0;
  static constexpr int kMantissa = 52, kBias = 1023;
  static constexpr int kLog1pTerms = 17;
};

template <class T>
struct Math {
  typedef typename Simd<T>::V V;
  typedef typename Simd<T>::I I;
  typedef typename Simd<T>::Bits Bits;
  typedef MathConstants<T> C;

  static ELMAN_ALWAYS_INLINE V constant(double x) {
    return broadcast(static_cast<T>(x));
  }
  static ELMAN_ALWAYS_INLINE I sign_bit() { return (I)constant(-0.0); }
  static ELMAN_ALWAYS_INLINE V select(I mask, V yes, V no) {
    return mask ? yes : no;
  }
  static ELMAN_ALWAYS_INLINE V abs(V x) { return (V)((I)x & ~sign_bit()); }
  static ELMAN_ALWAYS_INLINE V with_sign_of(V x, V sign) {
    return (V)((I)x | ((I)sign & sign_bit()));  // for x >= 0
  }
  // NaN in x stays NaN.
  static ELMAN_ALWAYS_INLINE V at_most(V x, V top) {
    return lesser(top, x);
  }
  static ELMAN_ALWAYS_INLINE V at_least(V x, V low) {
    return greater(low, x);
  }

  // 2^n for n in the range of normal numbers.
  static ELMAN_ALWAYS_INLINE V power_of_two(I n) {
    return (V)((n + C::kBias) << C::kMantissa);
  }
  // The same for n = shifted - kRound: the other bits leave by the shift.
  static ELMAN_ALWAYS_INLINE V power_of_shifted(V shifted) {
    return (V)(((I)shifted << C::kMantissa) + (C::kBias << C::kMantissa));
  }

  // (e^(s r) - 1 - s r) / (s r^2) of floats near zero, r2 = r^2. In three pairs,
  // so that no sum waits for all before it.
  static ELMAN_ALWAYS_INLINE V exp_rest(V r, V r2, double s = 1) {
    const double s2 = s * s;
    const V a = constant(s2 * s2 * s2 * 1.9875691500E-4) * r +
                constant(s2 * s2 * s * 1.3981999507E-3);
    const V b = constant(s2 * s2 * 8.3334519073E-3) * r +
                constant(s2 * s * 4.1665795894E-2);
    const V c = constant(s2 * 1.6666665459E-1) * r +
                constant(s * 5.0000001201E-1);
    return (a * r2 + b) * r2 + c;
  }

  // e^r near zero, float and double.
  static ELMAN_ALWAYS_INLINE V exp_polynomial(V r) {
    if constexpr (sizeof(T) == 4) {
      const V r2 = r * r;
      return exp_rest(r, r2) * r2 + r + constant(1);
    } else {
      const V r2 = r * r;
      V p = constant(1.26177193074810590878E-4);
      p = p * r2 + constant(3.02994407707441961300E-2);
      p = p * r2 + constant(9.99999999999999999910E-1);
      p = p * r;
      V q = constant(3.00198505138664455042E-6);
      q = q * r2 + constant(2.52448340349684104192E-3);
      q = q * r2 + constant(2.27265548208155028766E-1);
      q = q * r2 + constant(2.0);
      return constant(1) + constant(2) * (p / (q - p));
    }
  }

  // x as n ln 2 + r; the sum with kRound leaves n in the low bits.
  static ELMAN_ALWAYS_INLINE V reduce(V x, I* n) {
    const V shifted = x * constant(1.44269504088896340736) +
                      constant(C::kRound);
    *n = (I)shifted - (I)constant(C::kRound);
    const V whole = shifted - constant(C::kRound);
    return (x - whole * constant(C::kLn2High)) - whole * constant(C::kLn2Low);
  }

  static ELMAN_ALWAYS_INLINE V exp(V x) {
    x = at_least(at_most(x, constant(C::kExpHigh)), constant(C::kExpLow));
    I n;
    const V r = reduce(x, &n);
    // In two factors, to reach infinity and the subnormal numbers.
    const I half = n >> 1;
    return exp_polynomial(r) * power_of_two(half) * power_of_two(n - half);
  }

  // e^x where 2^n is known to be normal.
  static ELMAN_ALWAYS_INLINE V exp_moderate(V x) {
    I n;
    const V r = reduce(x, &n);
    return exp_polynomial(r) * power_of_two(n);
  }

  // 1 / (1 + e^-x) within 3 ulp, and 6 where it is less than e^-40. Beyond the
  // limits it is as good as 0 or 1.
  static ELMAN_ALWAYS_INLINE V logistic(V x) {
    const V one = constant(1), limit = constant(C::kLogistic);
    x = at_least(at_most(x, limit), constant(-C::kLogistic));
    if constexpr (sizeof(T) == 4 && ELMAN_FUSED) {
      // One constant for ln 2 is enough: fused, the product is not rounded, and n
      // times its error of 2e-9 is less than an ulp below |x| = 40.
      const V shifted = x * constant(-1.44269504088896340736) +
                        constant(C::kRound);
      const V whole = shifted - constant(C::kRound);
      const V r = constant(0) - (whole * constant(6.9314718055994530942e-1) + x);
      return one / (exp_polynomial(r) * power_of_shifted(shifted) + one);
    }
    return one / (one + exp_moderate(constant(0) - x));
  }

  // (e^2a - 1) / 2 for a in [0, kTanhOne], near zero without loss. One constant
  // for ln 2 / 2 is enough: fused, the product is not rounded, and n is small.
  static ELMAN_ALWAYS_INLINE V half_expm1_twice(V a) {
    const V shifted = a * constant(2 * 1.44269504088896340736) +
                      constant(C::kRound);
    const V r = a - (shifted - constant(C::kRound)) *
                        constant(0.5 * 6.9314718055994530942e-1);
    const V r2 = r * r;
    const V power = power_of_shifted(shifted);
    return power * (exp_rest(r, r2, 2) * r2 + r) +
           (power * constant(0.5) - constant(0.5));
  }

  static ELMAN_ALWAYS_INLINE V tanh(V x) {
    const V a = abs(x);
    if constexpr (sizeof(T) == 4 && ELMAN_FUSED) {
      const V u = half_expm1_twice(at_most(a, constant(C::kTanhOne)));
      const V limit = at_most(u, constant(1));
      const V part = limit / (u + constant(1));
      return with_sign_of(limit - limit * part, x);
    }
    const V z = a * a;
    V small;
    if constexpr (sizeof(T) == 4) {
      V p = constant(-5.70498872745E-3);
      p = p * z + constant(2.06390887954E-2);
      p = p * z + constant(-5.37397155531E-2);
      p = p * z + constant(1.33314422036E-1);
      p = p * z + constant(-3.33332819422E-1);
      small = p * z * a + a;
    } else {
      V p = constant(-9.64399179425052238628E-1);
      p = p * z + constant(-9.92877231001918586564E1);
      p = p * z + constant(-1.61468768441708447952E3);
      V q = z + constant(1.12811678491632931402E2);
      q = q * z + constant(2.23548839060100448583E3);
      q = q * z + constant(4.84406305325125486048E3);
      small = a * z * (p / q) + a;
    }
    const V e = exp_moderate(constant(2) * at_most(a, constant(C::kTanhOne)));
    const V large = constant(1) - constant(2) / (e + constant(1));
    return with_sign_of(select(a < constant(0.625), small, large), x);
  }

  static ELMAN_ALWAYS_INLINE V sigmoid(V x) {
    const V e = exp((V)((I)x | sign_bit()));  // e^-|x|
    const V s = constant(1) / (constant(1) + e);
    return select(x < constant(0), e * s, s);
  }

  // e^x - 1 for x <= 0, by tanh.
  static ELMAN_ALWAYS_INLINE V expm1_negative(V x) {
    const V t = tanh(constant(0.5) * x);
    return constant(2) * t / (constant(1) - t);
  }

  // log(1 + u) for u in [0, 1]: 2 artanh(s), s = u / (2 + u) <= 1/3.
  static ELMAN_ALWAYS_INLINE V log1p_unit(V u) {
    const V s = u / (constant(2) + u);
    const V z = s * s;
    V p = constant(1.0 / (2 * C::kLog1pTerms - 1));
    ELMAN_UNROLL
    for (int k = C::kLog1pTerms - 2; k >= 0; --k) {
      p = p * z + constant(1.0 / (2 * k + 1));
    }
    return constant(2) * s * p;
  }

  static ELMAN_ALWAYS_INLINE V softplus(V x) {
    const V e = exp((V)((I)x | sign_bit()));
    return at_least(x, constant(0)) + log1p_unit(e);
  }

  // tanh(softplus(x)) = u / (u + 2), u = e^x (e^x + 2); 1 from x = 20 on.
  static ELMAN_ALWAYS_INLINE V tanh_softplus(V x) {
    const V e = exp(at_most(x, constant(20)));
    const V u = e * (e + constant(2));
    return u / (u + constant(2));
  }

  static ELMAN_ALWAYS_INLINE V sqrt(V x) {
    T lanes[kWidth<T>];
    store(lanes, x);
    for (int i = 0; i < kWidth<T>; ++i) lanes[i] = square_root(lanes[i]);
    return load(lanes);
  }

 private:
  static ELMAN_ALWAYS_INLINE float square_root(float x) {
    return __builtin_sqrtf(x);
  }
  static ELMAN_ALWAYS_INLINE double square_root(double x) {
    return __builtin_sqrt(x);
  }
};

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
