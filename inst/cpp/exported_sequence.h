// Whole sequences, for models that cannot go step by step because a layer reads
// from the last step to the first. export_cpp() puts this text behind that of
// exported_layers.h.

struct Sequence {
  std::size_t steps;
  int width;
  std::vector<Real> values;         // steps rows of `width` numbers
  std::vector<unsigned char> used;  // which steps are not masked

  Sequence(std::size_t steps, int width)
      : steps(steps), width(width), values(steps * width), used(steps, 1) {}

  const Real* row(std::size_t t) const { return values.data() + t * width; }
  Real* row(std::size_t t) { return values.data() + t * width; }
};

// A layer without memory, step by step.
template <class Layer>
Sequence each_step(Layer layer, const Sequence& x) {
  Sequence y(x.steps, Layer::kOut);
  for (std::size_t t = 0; t < x.steps; ++t) {
    y.used[t] = layer.step(x.row(t), x.used[t] != 0, y.row(t));
  }
  return y;
}

// A recurrent layer in either direction: all outputs in the order of processing,
// with the mask as it was, or the last one.
template <class Layer>
Sequence recur(Layer layer, bool backwards, bool sequences,
               const Sequence& x) {
  Sequence y(sequences ? x.steps : 1, Layer::kOut);
  layer.reset();
  for (std::size_t s = 0; s < x.steps; ++s) {
    const std::size_t t = backwards ? x.steps - 1 - s : s;
    layer.step(x.row(t), x.used[t] != 0, y.row(sequences ? s : 0));
  }
  if (sequences) y.used = x.used;
  return y;
}

inline Real merge_sum(Real a, Real b) { return a + b; }
inline Real merge_mul(Real a, Real b) { return a * b; }
inline Real merge_ave(Real a, Real b) { return (a + b) * Real(0.5); }

// Row t of the first with row t of the second, whose rows come last to first.
inline Sequence merge(Real (*f)(Real, Real), const Sequence& a,
                      const Sequence& b) {
  Sequence y(a.steps, a.width);
  y.used = a.used;
  for (std::size_t t = 0; t < a.steps; ++t) {
    const Real *left = a.row(t), *right = b.row(b.steps - 1 - t);
    for (int j = 0; j < a.width; ++j) y.row(t)[j] = f(left[j], right[j]);
  }
  return y;
}

inline Sequence merge_concat(const Sequence& a, const Sequence& b) {
  Sequence y(a.steps, a.width + b.width);
  y.used = a.used;
  for (std::size_t t = 0; t < a.steps; ++t) {
    const Real *left = a.row(t), *right = b.row(b.steps - 1 - t);
    for (int j = 0; j < a.width; ++j) y.row(t)[j] = left[j];
    for (int j = 0; j < b.width; ++j) y.row(t)[a.width + j] = right[j];
  }
  return y;
}
