// Means of errors in one pass, where the ops they are made of would take three
// and as many gradients. in: y and p of one size; out: a scalar. The gradient's
// in: dy (a scalar), y, p; out: dp. Sums are in double and in order, so that
// they do not depend on threads.
#include "core/dispatch.h"
#include "core/losses.h"

namespace elman {
namespace {

template <class Error>
void mean_error(const Arrays& in, const Arrays& out, const Attributes&) {
  require_counts(in, 2, out, 1);
  require_same_size(in[0], in[1]);
  require(out[0].size() == 1, "the mean of errors is a scalar");
  require_dtype(in[0], out[0].dtype);
  require_dtype(in[1], out[0].dtype);
  visit_floating(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* y = in[0].as<T>();
    const T* p = in[1].as<T>();
    const int64_t n = in[0].size();
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += Error::value(y[i], p[i]);
    *out[0].as<T>() = static_cast<T>(sum / static_cast<double>(n));
  });
}

template <class Error>
void mean_error_gradient(const Arrays& in, const Arrays& out,
                         const Attributes&) {
  require_counts(in, 3, out, 1);
  require(in[0].size() == 1, "the gradient of a mean is a scalar");
  require_same_size(in[1], in[2]);
  require_same_size(in[2], out[0]);
  for (const Array& array : in) require_dtype(array, out[0].dtype);
  visit_floating(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* y = in[1].as<T>();
    const T* p = in[2].as<T>();
    T* dp = out[0].as<T>();
    const int64_t n = in[1].size();
    const T share = *in[0].as<T>() / static_cast<T>(n);
    for (int64_t i = 0; i < n; ++i) dp[i] = share * Error::slope(y[i], p[i]);
  });
}

}  // namespace

void register_losses(Registry& registry) {
  registry.add({
      {"mean_squared_error", mean_error<SquaredError>},
      {"mean_squared_error_gradient", mean_error_gradient<SquaredError>},
      {"mean_absolute_error", mean_error<AbsoluteError>},
      {"mean_absolute_error_gradient", mean_error_gradient<AbsoluteError>},
  });
}

}  // namespace elman
