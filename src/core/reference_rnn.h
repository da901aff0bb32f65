// The simple recurrent layer written as its equations: the twin that the fast
// one in simple_rnn.h is tested against. One loop over steps, one over rows.
#ifndef ELMAN_CORE_REFERENCE_RNN_H_
#define ELMAN_CORE_REFERENCE_RNN_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/activation_rows.h"
#include "core/activations.h"
#include "core/simple_rnn.h"

namespace elman {
namespace reference {

// One row of the batch at one step: where its inputs and outputs lie.
template <class T>
struct Step {
  const SimpleRnn<T>& rnn;
  int64_t row, step;

  int64_t time() const { return rnn.go_backwards ? rnn.T_ - 1 - step : step; }
  bool used() const { return !rnn.mask || rnn.mask[row * rnn.T_ + time()]; }
  bool last() const { return step == rnn.T_ - 1; }
  int64_t offset() const { return (row * rnn.T_ + step) * rnn.U; }

  T input(int64_t f) const {
    const T x = rnn.x[(row * rnn.T_ + time()) * rnn.F + f];
    return rnn.x_drop ? x * rnn.x_drop[row * rnn.F + f] : x;
  }
  T drop(int64_t u) const {
    return rnn.h_drop ? rnn.h_drop[row * rnn.U + u] : T(1);
  }
  // h_{t-1} as saved by the forward pass, not dropped.
  T previous(int64_t u) const {
    if (step > 0) return rnn.saved[offset() - rnn.U + u];
    return rnn.h0 ? rnn.h0[row * rnn.U + u] : T(0);
  }
};

template <class T>
void simple_rnn_forward(const SimpleRnn<T>& rnn) {
  internal::check_simple_rnn(rnn);
  const int64_t U = rnn.U;
  const bool save_z = rnn.saved && slope_needs_input(rnn.activation);
  T* saved_z = rnn.saved + rnn.B * rnn.T_ * U;
  std::vector<T> h(U), z(U), y(U), scratch(U);
  for (int64_t row = 0; row < rnn.B; ++row) {
    for (int64_t u = 0; u < U; ++u) h[u] = rnn.h0 ? rnn.h0[row * U + u] : T(0);
    std::fill(y.begin(), y.end(), T(0));
    for (int64_t s = 0; s < rnn.T_; ++s) {
      const Step<T> at{rnn, row, s};
      std::fill(z.begin(), z.end(), T(0));
      if (at.used()) {
        for (int64_t u = 0; u < U; ++u) {
          if (rnn.b) z[u] = rnn.b[u];
          for (int64_t f = 0; f < rnn.F; ++f) {
            z[u] += at.input(f) * rnn.W[f * U + u];
          }
          for (int64_t k = 0; k < U; ++k) {
            z[u] += h[k] * at.drop(k) * rnn.R[k * U + u];
          }
        }
        if (is_row_activation(rnn.activation)) {
          activate_row(rnn.activation, z.data(), h.data(), U, 1,
                       scratch.data());
        } else {
          for (int64_t u = 0; u < U; ++u) {
            h[u] = activate(rnn.activation, z[u]);
          }
        }
        y = h;
      } else if (rnn.zero_output_for_mask) {
        std::fill(y.begin(), y.end(), T(0));
      }
      if (rnn.saved) std::copy(h.begin(), h.end(), rnn.saved + at.offset());
      if (save_z) std::copy(z.begin(), z.end(), saved_z + at.offset());
      if (!rnn.y) continue;
      if (rnn.return_sequences) {
        std::copy(y.begin(), y.end(), rnn.y + at.offset());
      } else if (at.last()) {
        std::copy(y.begin(), y.end(), rnn.y + row * U);
      }
    }
    if (rnn.h_last) std::copy(h.begin(), h.end(), rnn.h_last + row * U);
  }
}

// Adds the products of one step's dz to the gradients of weights and inputs,
// and gives dh of the step before.
template <class T>
void add_products(const Step<T>& at, const SimpleRnnGradient<T>& gradient,
                  const std::vector<T>& dz, std::vector<T>* dh) {
  const SimpleRnn<T>& rnn = at.rnn;
  const int64_t U = rnn.U;
  for (int64_t f = 0; f < rnn.F; ++f) {
    T dx = 0;
    for (int64_t u = 0; u < U; ++u) {
      dx += dz[u] * rnn.W[f * U + u];
      if (gradient.dW) gradient.dW[f * U + u] += at.input(f) * dz[u];
    }
    if (rnn.x_drop) dx *= rnn.x_drop[at.row * rnn.F + f];
    if (gradient.dx) {
      gradient.dx[(at.row * rnn.T_ + at.time()) * rnn.F + f] = dx;
    }
  }
  for (int64_t k = 0; k < U; ++k) {
    T sum = 0;
    for (int64_t u = 0; u < U; ++u) {
      sum += dz[u] * rnn.R[k * U + u];
      if (gradient.dR) {
        gradient.dR[k * U + u] += at.previous(k) * at.drop(k) * dz[u];
      }
    }
    (*dh)[k] = sum * at.drop(k);
    if (gradient.db) gradient.db[k] += dz[k];
  }
}

template <class T>
void simple_rnn_backward(const SimpleRnn<T>& rnn,
                         const SimpleRnnGradient<T>& gradient) {
  internal::check_simple_rnn(rnn);
  const int64_t U = rnn.U;
  const Activation a = rnn.activation;
  const T* saved_z = rnn.saved + rnn.B * rnn.T_ * U;
  const auto clear = [](T* p, int64_t n) { if (p) std::fill(p, p + n, T(0)); };
  clear(gradient.dx, rnn.B * rnn.T_ * rnn.F);
  clear(gradient.dW, rnn.F * U);
  clear(gradient.dR, U * U);
  clear(gradient.db, U);
  std::vector<T> dh(U), dy(U), dz(U);
  for (int64_t row = 0; row < rnn.B; ++row) {
    for (int64_t u = 0; u < U; ++u) {
      dh[u] = gradient.dh_last ? gradient.dh_last[row * U + u] : T(0);
    }
    // dy gathers the gradients of an output and of its repetitions.
    std::fill(dy.begin(), dy.end(), T(0));
    for (int64_t s = rnn.T_ - 1; s >= 0; --s) {
      const Step<T> at{rnn, row, s};
      const T* out = nullptr;
      if (gradient.dy && rnn.return_sequences) out = gradient.dy + at.offset();
      if (gradient.dy && !rnn.return_sequences && at.last()) {
        out = gradient.dy + row * U;
      }
      if (!at.used() && rnn.zero_output_for_mask) out = nullptr;
      for (int64_t u = 0; out && u < U; ++u) dy[u] += out[u];
      if (!at.used()) {
        // A masked output repeats the one before; a zeroed one ends the chain,
        // and so gathers nothing.
        continue;
      }
      const T* h = rnn.saved + at.offset();
      const T* z = saved_z + at.offset();
      for (int64_t u = 0; u < U; ++u) dh[u] += dy[u];
      std::fill(dy.begin(), dy.end(), T(0));
      if (is_row_activation(a)) {
        activation_gradient_row(a, dh.data(), z, h, dz.data(), U, 1);
      } else {
        for (int64_t u = 0; u < U; ++u) {
          const T input = slope_needs_input(a) ? z[u] : T(0);
          dz[u] = dh[u] * activation_slope(a, input, h[u]);
        }
      }
      add_products(at, gradient, dz, &dh);
    }
    if (gradient.dh0) std::copy(dh.begin(), dh.end(), gradient.dh0 + row * U);
  }
}

}  // namespace reference
}  // namespace elman

#endif  // ELMAN_CORE_REFERENCE_RNN_H_
