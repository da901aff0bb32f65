// Losses in one pass, where the ops they are made of would take many and as
// many gradients. in: targets y and predictions p, y of p's size or one class
// number per row; out: the rows' errors or, of size 1, their mean; and, if
// wanted, two float64 numbers, the sum over samples of a sample's mean error and
// the number of samples. The gradient's in: dy (per row or of the mean), y, p;
// out: dp. Sums are in double and in order, so that they do not depend on
// threads.
#include "core/crossentropy.h"
#include "core/dispatch.h"
#include "core/losses.h"

namespace elman {
namespace {

int64_t last_extent(const Array& array) {
  const int rank = array.shape.rank();
  return rank == 0 ? 1 : array.shape[rank - 1];
}

// Calls f(T(), Y()) with the types of predictions and targets.
template <bool class_numbers, class F>
void visit_types(const Array& y, const Array& p, F&& f) {
  visit_floating(p.dtype, [&](auto type) {
    using T = decltype(type);
    if constexpr (class_numbers) {
      visit_number(y.dtype, [&](auto number) { f(type, number); });
    } else {
      require_dtype(y, p.dtype);
      f(type, T());
    }
  });
}

// Rows and the step from one row's targets to the next; checks the sizes.
struct Rows {
  int64_t width, count, step;
  Rows(const Array& y, const Array& p, bool class_numbers)
      : width(last_extent(p)),
        count(width == 0 ? 0 : p.size() / width),
        step(class_numbers ? 1 : width) {
    require(width > 0, "predictions need a last axis");
    require(y.size() == count * step, "targets do not fit the predictions");
  }
};

template <template <class> class Loss>
void row_loss(const Arrays& in, const Arrays& out, const Attributes& settings) {
  require(in.size() == 2, "wrong number of inputs");
  require(out.size() == 1 || out.size() == 2, "wrong number of outputs");
  const Array& p = in[1];
  constexpr bool numbers = Loss<float>::kClassNumbers;
  const Rows rows(in[0], p, numbers);
  const bool each = out[0].data != nullptr && out[0].size() == rows.count;
  if (out[0].data != nullptr) {
    require_dtype(out[0], p.dtype);
    require(each || out[0].size() == 1, "errors are of rows or their mean");
  }
  visit_types<numbers>(in[0], p, [&](auto type, auto number) {
    using T = decltype(type);
    using Y = decltype(number);
    const Loss<T> loss(rows.width, settings);
    const Y* y = in[0].as<Y>();
    const T* at = p.as<T>();
    double sum = 0;
    for (int64_t r = 0; r < rows.count; ++r) {
      const double value = loss.value(y + r * rows.step, at + r * rows.width);
      if (each) out[0].as<T>()[r] = static_cast<T>(value);
      sum += value;
    }
    const double mean = sum / static_cast<double>(rows.count);
    if (out[0].data != nullptr && !each) {
      *out[0].as<T>() = static_cast<T>(mean);
    }
    if (out.size() == 2 && out[1].data != nullptr) {
      require_dtype(out[1], DType::kFloat64);
      require(out[1].size() == 2, "sums are two numbers");
      const double n = p.shape.rank() < 2 ? 1.0 : double(p.shape[0]);
      out[1].as<double>()[0] = n == 0 ? 0.0 : mean * n;
      out[1].as<double>()[1] = n;
    }
  });
}

template <template <class> class Loss>
void row_loss_gradient(const Arrays& in, const Arrays& out,
                       const Attributes& settings) {
  require_counts(in, 3, out, 1);
  const Array& p = in[2];
  constexpr bool numbers = Loss<float>::kClassNumbers;
  const Rows rows(in[1], p, numbers);
  const bool each = in[0].size() == rows.count;
  require(each || in[0].size() == 1, "gradients are of rows or their mean");
  require_same_size(p, out[0]);
  require_dtype(in[0], p.dtype);
  require_dtype(out[0], p.dtype);
  visit_types<numbers>(in[1], p, [&](auto type, auto number) {
    using T = decltype(type);
    using Y = decltype(number);
    const Loss<T> loss(rows.width, settings);
    const T* dy = in[0].as<T>();
    const Y* y = in[1].as<Y>();
    const T* at = p.as<T>();
    T* dp = out[0].as<T>();
    const T mean = each ? T() : *dy / static_cast<T>(rows.count);
    for (int64_t r = 0; r < rows.count; ++r) {
      loss.slope(y + r * rows.step, at + r * rows.width, each ? dy[r] : mean,
                 dp + r * rows.width);
    }
  });
}

template <class T>
using Squared = MeanOverRow<T, SquaredError>;
template <class T>
using Absolute = MeanOverRow<T, AbsoluteError>;
template <class T>
using Binary = MeanOverRow<T, BinaryCrossentropy>;
template <class T>
using Logits = MeanOverRow<T, BinaryLogits>;

}  // namespace

void register_losses(Registry& registry) {
  registry.add({
      {"mean_squared_error", row_loss<Squared>},
      {"mean_squared_error_gradient", row_loss_gradient<Squared>},
      {"mean_absolute_error", row_loss<Absolute>},
      {"mean_absolute_error_gradient", row_loss_gradient<Absolute>},
      {"binary_crossentropy", row_loss<Binary>},
      {"binary_crossentropy_gradient", row_loss_gradient<Binary>},
      {"binary_logits", row_loss<Logits>},
      {"binary_logits_gradient", row_loss_gradient<Logits>},
      {"categorical_crossentropy", row_loss<CategoricalCrossentropy>},
      {"categorical_crossentropy_gradient",
       row_loss_gradient<CategoricalCrossentropy>},
      {"categorical_logits", row_loss<CategoricalLogits>},
      {"categorical_logits_gradient", row_loss_gradient<CategoricalLogits>},
      {"sparse_crossentropy", row_loss<SparseCrossentropy>},
      {"sparse_crossentropy_gradient", row_loss_gradient<SparseCrossentropy>},
      {"sparse_logits", row_loss<SparseLogits>},
      {"sparse_logits_gradient", row_loss_gradient<SparseLogits>},
  });
}

}  // namespace elman
