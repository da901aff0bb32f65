// Element-wise activations over whole arrays (core/activations.h), with the
// choice of their instruction set and threads.
#include "core/activations.h"

#include "core/activation_rows.h"
#include "core/cell.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

constexpr int64_t kGrain = 1 << 14;  // elements that are worth a thread

// One element after the other, by the definitions.
template <class T>
void activate_plain(Activation a, const T* z, T* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = activate(a, z[i]);
}

template <class T>
void gradient_plain(Activation a, const T* dy, const T* z, const T* y, T* dz,
                    int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    dz[i] = dy[i] * activation_slope(a, z ? z[i] : T(0), y[i]);
  }
}

template <class T>
void forward_row(Activation a, T* z, int64_t n, T* scratch) {
  activate_row(a, z, z, n, 1, scratch);
}

template <class T>
void gradient_row(Activation a, const T* dy, const T* z, const T* y, T* dz,
                  int64_t n) {
  activation_gradient_row(a, dy, z, y, dz, n, 1);
}

}  // namespace
}  // namespace elman

#define ELMAN_REGION "core/activation_region.h"
#include "core/for_each_isa.h"

namespace elman {
namespace internal {

template <class T>
ActivationCalls<T> activation_calls(Isa isa) {
  return {ELMAN_SELECT_FOR(isa, activate_span<T>),
          ELMAN_SELECT_FOR(isa, gradient_span<T>), forward_row<T>,
          gradient_row<T>};
}

template ActivationCalls<float> activation_calls(Isa);
template ActivationCalls<double> activation_calls(Isa);

}  // namespace internal

template <class T>
void activate(Activation a, const T* z, T* y, int64_t n) {
  const auto span = ELMAN_SELECT(activate_span<T>);
  parallel_for(n, kGrain, [=](int64_t begin, int64_t end) {
    span(a, z + begin, y + begin, end - begin);
  });
}

template <class T>
void activation_gradient(Activation a, const T* dy, const T* z, const T* y,
                         T* dz, int64_t n) {
  const auto span = ELMAN_SELECT(gradient_span<T>);
  parallel_for(n, kGrain, [=](int64_t begin, int64_t end) {
    span(a, dy + begin, z ? z + begin : nullptr, y + begin, dz + begin,
         end - begin);
  });
}

template void activate(Activation, const float*, float*, int64_t);
template void activate(Activation, const double*, double*, int64_t);
template void activation_gradient(Activation, const float*, const float*,
                                  const float*, float*, int64_t);
template void activation_gradient(Activation, const double*, const double*,
                                  const double*, double*, int64_t);

}  // namespace elman
