// What exported models are made of. export_cpp() puts this text into each header
// that it writes, inside of the model's own namespace and after `Real`, the type
// of its numbers. A layer has
//
//   kIn, kOut                     numbers that go in and come out at each step,
//   reset()                       forgets what it remembers,
//   step(x, use, y)               one step: x[kIn] to y[kOut]. `use` is false
//                                 where the step is masked; the value returned
//                                 says so to the layer that follows.
//
// Matrices are row-major: W[i * columns + j] leads from input i to output j.

// ---- activations -------------------------------------------------------------

namespace activation {

inline Real sigmoid(Real z) {
  const Real e = std::exp(-std::abs(z));
  return z < 0 ? e / (1 + e) : 1 / (1 + e);
}
inline Real softplus(Real z) {
  return (z > 0 ? z : Real(0)) + std::log1p(std::exp(-std::abs(z)));
}
inline Real celu(Real z) { return z > 0 ? z : std::expm1(z); }
inline Real elu(Real z) { return z > 0 ? z : std::expm1(z); }
inline Real exponential(Real z) { return std::exp(z); }
inline Real gelu(Real z) {
  return Real(0.5) * z * std::erfc(-z * Real(0.70710678118654752440));
}
inline Real hard_shrink(Real z) {
  return std::abs(z) <= Real(0.5) ? Real(0) : z;
}
inline Real hard_sigmoid(Real z) {
  return z <= -3 ? Real(0) : z >= 3 ? Real(1) : (z + 3) / 6;
}
inline Real hard_silu(Real z) { return z * hard_sigmoid(z); }
inline Real hard_swish(Real z) { return z * hard_sigmoid(z); }
inline Real hard_tanh(Real z) {
  return z <= -1 ? Real(-1) : z >= 1 ? Real(1) : z;
}
inline Real leaky_relu(Real z) { return z > 0 ? z : Real(0.2) * z; }
inline Real linear(Real z) { return z; }
inline Real log_sigmoid(Real z) { return -softplus(-z); }
inline Real mish(Real z) { return z * std::tanh(softplus(z)); }
inline Real relu(Real z) { return z <= 0 ? Real(0) : z; }
inline Real relu6(Real z) { return z <= 0 ? Real(0) : z >= 6 ? Real(6) : z; }
inline Real selu(Real z) {
  return Real(1.0507009873554804934) *
         (z > 0 ? z : Real(1.6732632423543772848) * std::expm1(z));
}
inline Real silu(Real z) { return z * sigmoid(z); }
inline Real soft_shrink(Real z) {
  return z > Real(0.5) ? z - Real(0.5) : z < Real(-0.5) ? z + Real(0.5) : z * 0;
}
inline Real softsign(Real z) { return z / (1 + std::abs(z)); }
inline Real sparse_plus(Real z) {
  return z <= -1 ? Real(0) : z >= 1 ? z : (z + 1) * (z + 1) / 4;
}
inline Real sparse_sigmoid(Real z) {
  return z <= -1 ? Real(0) : z >= 1 ? Real(1) : (z + 1) / 2;
}
inline Real squareplus(Real z) {
  const Real root = std::sqrt(z * z + 4);
  return z < 0 ? 2 / (root - z) : (z + root) / 2;
}
inline Real tanh(Real z) { return std::tanh(z); }
inline Real tanh_shrink(Real z) { return z - std::tanh(z); }

}  // namespace activation

// An activation acts on a row of n numbers, in place.
template <Real (*F)(Real)>
struct Each {
  static void row(Real* y, int n) {
    for (int i = 0; i < n; ++i) y[i] = F(y[i]);
  }
};

struct Softmax {
  static void row(Real* y, int n) {
    Real top = y[0], sum = 0;
    for (int i = 1; i < n; ++i) top = y[i] > top ? y[i] : top;
    for (int i = 0; i < n; ++i) sum += y[i] = std::exp(y[i] - top);
    for (int i = 0; i < n; ++i) y[i] /= sum;
  }
};

struct LogSoftmax {
  static void row(Real* y, int n) {
    Real top = y[0], sum = 0;
    for (int i = 1; i < n; ++i) top = y[i] > top ? y[i] : top;
    for (int i = 0; i < n; ++i) sum += std::exp(y[i] - top);
    const Real shift = top + std::log(sum);
    for (int i = 0; i < n; ++i) y[i] -= shift;
  }
};

// max(z - tau, 0) with Keras's tau: from the sum of all partial sums of the
// largest numbers, as long as they are in the support. Found by looking for the
// next smaller number again and again, which needs no memory.
struct Sparsemax {
  static void row(Real* y, int n) {
    Real partial = 0, total = 0, at = 0;
    int k = 0;
    bool inside = true;
    while (inside && k < n) {
      Real next = 0;
      int times = 0;
      for (int i = 0; i < n; ++i) {
        if (k > 0 && !(y[i] < at)) continue;
        if (times == 0 || y[i] > next) {
          next = y[i];
          times = 1;
        } else if (y[i] == next) {
          ++times;
        }
      }
      if (times == 0) break;
      for (; times > 0 && inside; --times) {
        partial += next;
        inside = 1 + Real(k + 1) * next > partial;
        if (inside) {
          total += partial;
          ++k;
        }
      }
      at = next;
    }
    const Real tau = (total - 1) / Real(k > 0 ? k : 1);
    for (int i = 0; i < n; ++i) y[i] = y[i] > tau ? y[i] - tau : Real(0);
  }
};

// ---- layers without memory ---------------------------------------------------

// z = b from element `from` on, or zeros where there is no bias.
inline void start(const Real* b, int n, Real* z, int from = 0) {
  for (int j = 0; j < n; ++j) z[j] = b ? b[from + j] : Real(0);
}

// z += x W for `columns` columns of W, whose rows are `stride` apart.
inline void add_product(const Real* x, int rows, const Real* W, int stride,
                        int columns, Real* z) {
  for (int i = 0; i < rows; ++i) {
    const Real value = x[i];
    const Real* w = W + static_cast<std::size_t>(i) * stride;
    for (int j = 0; j < columns; ++j) z[j] += value * w[j];
  }
}

template <int In, int Out, const Real* W, const Real* B, class F>
struct Dense {
  static constexpr int kIn = In, kOut = Out;
  void reset() {}
  bool step(const Real* x, bool use, Real* y) {
    start(B, Out, y);
    add_product(x, In, W, Out, Out, y);
    F::row(y, Out);
    return use;
  }
};

template <int N, class F>
struct Activation {
  static constexpr int kIn = N, kOut = N;
  void reset() {}
  bool step(const Real* x, bool use, Real* y) {
    for (int i = 0; i < N; ++i) y[i] = x[i];
    F::row(y, N);
    return use;
  }
};

// The first half of a row, gated by the second.
template <int Out>
struct Glu {
  static constexpr int kIn = 2 * Out, kOut = Out;
  void reset() {}
  bool step(const Real* x, bool use, Real* y) {
    for (int i = 0; i < Out; ++i) {
      y[i] = x[i] * activation::sigmoid(x[Out + i]);
    }
    return use;
  }
};

template <int N>
struct Masking {
  static constexpr int kIn = N, kOut = N;
  Real value;
  explicit Masking(Real value) : value(value) {}
  void reset() {}
  bool step(const Real* x, bool, Real* y) {
    bool use = false;
    for (int i = 0; i < N; ++i) use = use || x[i] != value;
    for (int i = 0; i < N; ++i) y[i] = use ? x[i] : Real(0);
    return use;
  }
};

// A row of W for an id from 0; zeros for what is no id.
template <int Ids, int Out, const Real* W, bool Masks>
struct Embedding {
  static constexpr int kIn = 1, kOut = Out;
  void reset() {}
  bool step(const Real* x, bool, Real* y) {
    const bool known = x[0] > -1 && x[0] < Ids;
    const int id = known ? static_cast<int>(x[0]) : 0;
    const Real* row = W + static_cast<std::size_t>(id) * Out;
    for (int j = 0; j < Out; ++j) y[j] = known ? row[j] : Real(0);
    return !Masks || !known || id != 0;
  }
};

// ---- cells -------------------------------------------------------------------

// A cell takes a step by step(x) and has its state h in output().

// h = F(x W + h R + b)
template <int In, int Units, const Real* W, const Real* R, const Real* B,
          class F>
struct SimpleCell {
  static constexpr int kIn = In, kOut = Units;
  Real h[Units];
  void reset() { start(nullptr, Units, h); }
  const Real* output() const { return h; }
  void step(const Real* x) {
    Real z[Units];
    start(B, Units, z);
    add_product(x, In, W, Units, Units, z);
    add_product(h, Units, R, Units, Units, z);
    F::row(z, Units);
    for (int j = 0; j < Units; ++j) h[j] = z[j];
  }
};

// Gates i, f, g, o: c = f c + i g, h = o F(c)
template <int In, int Units, const Real* W, const Real* R, const Real* B,
          class F, class S>
struct LstmCell {
  static constexpr int kIn = In, kOut = Units;
  Real h[Units], c[Units];
  void reset() {
    start(nullptr, Units, h);
    start(nullptr, Units, c);
  }
  const Real* output() const { return h; }
  void step(const Real* x) {
    Real z[4 * Units];
    start(B, 4 * Units, z);
    add_product(x, In, W, 4 * Units, 4 * Units, z);
    add_product(h, Units, R, 4 * Units, 4 * Units, z);
    Real *i = z, *f = z + Units, *g = z + 2 * Units, *o = z + 3 * Units;
    S::row(i, Units);
    S::row(f, Units);
    F::row(g, Units);
    S::row(o, Units);
    for (int j = 0; j < Units; ++j) h[j] = c[j] = f[j] * c[j] + i[j] * g[j];
    F::row(h, Units);
    for (int j = 0; j < Units; ++j) h[j] *= o[j];
  }
};

// Gates z, r, g with the reset gate r after the product, which has a bias of its
// own (the second row of B): h = z h + (1 - z) g
template <int In, int Units, const Real* W, const Real* R, const Real* B,
          class F, class S>
struct GruCell {
  static constexpr int kIn = In, kOut = Units;
  Real h[Units];
  void reset() { start(nullptr, Units, h); }
  const Real* output() const { return h; }
  void step(const Real* x) {
    Real z[3 * Units], p[3 * Units];
    start(B, 3 * Units, z);
    start(B, 3 * Units, p, 3 * Units);
    add_product(x, In, W, 3 * Units, 3 * Units, z);
    add_product(h, Units, R, 3 * Units, 3 * Units, p);
    for (int j = 0; j < 2 * Units; ++j) z[j] += p[j];
    S::row(z, Units);
    S::row(z + Units, Units);
    Real *r = z + Units, *g = z + 2 * Units;
    for (int j = 0; j < Units; ++j) g[j] += r[j] * p[2 * Units + j];
    F::row(g, Units);
    for (int j = 0; j < Units; ++j) h[j] = z[j] * h[j] + (1 - z[j]) * g[j];
  }
};

// The same with the reset gate before the product.
template <int In, int Units, const Real* W, const Real* R, const Real* B,
          class F, class S>
struct GruResetBeforeCell {
  static constexpr int kIn = In, kOut = Units;
  Real h[Units];
  void reset() { start(nullptr, Units, h); }
  const Real* output() const { return h; }
  void step(const Real* x) {
    Real z[3 * Units], p[Units];
    start(B, 3 * Units, z);
    add_product(x, In, W, 3 * Units, 3 * Units, z);
    add_product(h, Units, R, 3 * Units, 2 * Units, z);
    S::row(z, Units);
    S::row(z + Units, Units);
    Real *r = z + Units, *g = z + 2 * Units;
    for (int j = 0; j < Units; ++j) p[j] = r[j] * h[j];
    add_product(p, Units, R + 2 * Units, 3 * Units, Units, g);
    F::row(g, Units);
    for (int j = 0; j < Units; ++j) h[j] = z[j] * h[j] + (1 - z[j]) * g[j];
  }
};

// The second cell takes what the first one gives.
template <class First, class Second>
struct Stacked {
  static constexpr int kIn = First::kIn, kOut = Second::kOut;
  First first;
  Second second;
  void reset() {
    first.reset();
    second.reset();
  }
  const Real* output() const { return second.output(); }
  void step(const Real* x) {
    first.step(x);
    second.step(first.output());
  }
};

// A cell over a sequence: masked steps leave its state as it is, and repeat the
// last output or give zeros.
template <class Cell, bool ZeroWhereMasked>
struct Recurrent {
  static constexpr int kIn = Cell::kIn, kOut = Cell::kOut;
  Cell cell;
  void reset() { cell.reset(); }
  bool step(const Real* x, bool use, Real* y) {
    if (use) cell.step(x);
    const Real* h = cell.output();
    for (int j = 0; j < kOut; ++j) {
      y[j] = use || !ZeroWhereMasked ? h[j] : Real(0);
    }
    return use;
  }
};
