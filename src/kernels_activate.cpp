// Element-wise activations over whole arrays (core/activations.h).
#include "core/activations.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

constexpr int64_t kGrain = 1 << 13;  // elements that are worth a thread

}  // namespace

template <class T>
void activate(Activation a, const T* z, T* y, int64_t n) {
  parallel_for(n, kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = activate(a, z[i]);
  });
}

template <class T>
void activation_gradient(Activation a, const T* dy, const T* z, const T* y,
                         T* dz, int64_t n) {
  parallel_for(n, kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      dz[i] = dy[i] * activation_slope(a, z ? z[i] : T(0), y[i]);
    }
  });
}

template void activate(Activation, const float*, float*, int64_t);
template void activate(Activation, const double*, double*, int64_t);
template void activation_gradient(Activation, const float*, const float*,
                                  const float*, float*, int64_t);
template void activation_gradient(Activation, const double*, const double*,
                                  const double*, double*, int64_t);

}  // namespace elman
