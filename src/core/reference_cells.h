// One step of one row of each recurrent cell, written as its equations, with its
// gradient: gate by gate, sum by sum.
#ifndef ELMAN_CORE_REFERENCE_CELLS_H_
#define ELMAN_CORE_REFERENCE_CELLS_H_

#include <cstdint>
#include <vector>

#include "core/activation_rows.h"
#include "core/activations.h"
#include "core/rnn.h"

namespace elman {
namespace reference {

template <class T>
using Vector = std::vector<T>;
template <class T>
using States = std::vector<Vector<T>>;

template <class T>
Vector<T> activated(Activation a, const Vector<T>& z) {
  Vector<T> y(z.size()), scratch(z.size());
  if (is_row_activation(a)) {
    activate_row(a, z.data(), y.data(), z.size(), 1, scratch.data());
  } else {
    for (size_t i = 0; i < z.size(); ++i) y[i] = activate(a, z[i]);
  }
  return y;
}

// dz from dy and y = a(z).
template <class T>
Vector<T> slope(Activation a, const Vector<T>& dy, const Vector<T>& z,
                const Vector<T>& y) {
  Vector<T> dz(z.size());
  if (is_row_activation(a)) {
    activation_gradient_row(a, dy.data(), z.data(), y.data(), dz.data(),
                            z.size(), 1);
  } else {
    for (size_t i = 0; i < z.size(); ++i) {
      dz[i] = dy[i] * activation_slope(a, z[i], y[i]);
    }
  }
  return dz;
}

template <class T>
Vector<T> product(const Vector<T>& a, const Vector<T>& b) {
  Vector<T> c(a.size());
  for (size_t i = 0; i < a.size(); ++i) c[i] = a[i] * b[i];
  return c;
}

template <class T>
void add(const Vector<T>& from, Vector<T>* to) {
  for (size_t i = 0; i < from.size(); ++i) (*to)[i] += from[i];
}

template <class T>
class CellStep {
 public:
  CellStep(const Rnn<T>& rnn, int64_t row, int64_t time)
      : rnn_(&rnn), row_(row), time_(time) {}

  States<T> forward(const States<T>& before) {
    switch (rnn_->cell) {
      case Cell::kLstm: return lstm(before);
      case Cell::kGru:
      case Cell::kGruResetBefore: return gru(before);
      default: return simple(before);
    }
  }

  // Adds to the gradients of weights and input; gives those of the states
  // before.
  States<T> backward(const States<T>& before, const States<T>& d,
                     const RnnGradient<T>& gradient) const {
    switch (rnn_->cell) {
      case Cell::kLstm: return lstm_gradient(before, d, gradient);
      case Cell::kGru:
      case Cell::kGruResetBefore: return gru_gradient(before, d, gradient);
      default: return simple_gradient(before, d, gradient);
    }
  }

 private:
  int64_t U() const { return rnn_->U; }
  int64_t GU() const { return shape_of(rnn_->cell).gates * U(); }

  T x_drop(int64_t gate, int64_t f) const {
    if (!rnn_->x_drop) return T(1);
    const int64_t mask = rnn_->drop_by_gate ? gate : 0;
    return rnn_->x_drop[(mask * rnn_->B + row_) * rnn_->F + f];
  }
  T h_drop(int64_t gate, int64_t u) const {
    if (!rnn_->h_drop) return T(1);
    const int64_t mask = rnn_->drop_by_gate ? gate : 0;
    return rnn_->h_drop[(mask * rnn_->B + row_) * U() + u];
  }
  Vector<T> dropped(int64_t gate, const Vector<T>& h) const {
    Vector<T> out(U());
    for (int64_t u = 0; u < U(); ++u) out[u] = h[u] * h_drop(gate, u);
    return out;
  }

  // ---- products of one gate, and back ----------------------------------------

  Vector<T> from_x(int64_t gate) const {
    const T* x = rnn_->x + (row_ * rnn_->T_ + time_) * rnn_->F;
    Vector<T> z(U(), T(0));
    for (int64_t u = 0; u < U(); ++u) {
      if (rnn_->b) z[u] = rnn_->b[gate * U() + u];
      for (int64_t f = 0; f < rnn_->F; ++f) {
        z[u] += x[f] * x_drop(gate, f) * rnn_->W[f * GU() + gate * U() + u];
      }
    }
    return z;
  }

  // `h` is dropped already.
  Vector<T> from_h(int64_t gate, const Vector<T>& h) const {
    const bool own_bias = shape_of(rnn_->cell).bias_rows == 2 && rnn_->b;
    Vector<T> z(U(), T(0));
    for (int64_t u = 0; u < U(); ++u) {
      if (own_bias) z[u] = rnn_->b[GU() + gate * U() + u];
      for (int64_t k = 0; k < U(); ++k) {
        z[u] += h[k] * rnn_->R[k * GU() + gate * U() + u];
      }
    }
    return z;
  }

  Vector<T> from_both(int64_t gate, const Vector<T>& h) const {
    Vector<T> z = from_x(gate);
    add(from_h(gate, dropped(gate, h)), &z);
    return z;
  }

  void back_to_x(int64_t gate, const Vector<T>& dz,
                 const RnnGradient<T>& gradient) const {
    const int64_t at = (row_ * rnn_->T_ + time_) * rnn_->F;
    for (int64_t f = 0; f < rnn_->F; ++f) {
      for (int64_t u = 0; u < U(); ++u) {
        const int64_t w = f * GU() + gate * U() + u;
        const T drop = x_drop(gate, f);
        if (gradient.dx) gradient.dx[at + f] += dz[u] * rnn_->W[w] * drop;
        if (gradient.dW) gradient.dW[w] += rnn_->x[at + f] * drop * dz[u];
      }
    }
    for (int64_t u = 0; gradient.db && u < U(); ++u) {
      gradient.db[gate * U() + u] += dz[u];
    }
  }

  // The gradient of `h` as it went into the product.
  Vector<T> back_to_h(int64_t gate, const Vector<T>& h, const Vector<T>& dz,
                      const RnnGradient<T>& gradient) const {
    const bool own_bias = shape_of(rnn_->cell).bias_rows == 2 && gradient.db;
    Vector<T> dh(U(), T(0));
    for (int64_t k = 0; k < U(); ++k) {
      for (int64_t u = 0; u < U(); ++u) {
        const int64_t r = k * GU() + gate * U() + u;
        dh[k] += dz[u] * rnn_->R[r];
        if (gradient.dR) gradient.dR[r] += h[k] * dz[u];
      }
      if (own_bias) gradient.db[GU() + gate * U() + k] += dz[k];
    }
    return dh;
  }

  void back_to_both(int64_t gate, const Vector<T>& h, const Vector<T>& dz,
                    const RnnGradient<T>& gradient, Vector<T>* dh) const {
    back_to_x(gate, dz, gradient);
    add(dropped(gate, back_to_h(gate, dropped(gate, h), dz, gradient)), dh);
  }

  // ---- h = f(z) --------------------------------------------------------------

  States<T> simple(const States<T>& before) {
    z_.assign(1, from_both(0, before[0]));
    y_.assign(1, activated(rnn_->activation, z_[0]));
    return {y_[0], before[1]};
  }

  States<T> simple_gradient(const States<T>& before, const States<T>& d,
                            const RnnGradient<T>& gradient) const {
    Vector<T> dh(U(), T(0));
    back_to_both(0, before[0], slope(rnn_->activation, d[0], z_[0], y_[0]),
                 gradient, &dh);
    return {dh, d[1]};
  }

  // ---- c = f c_before + i g, h = o a(c) ----------------------------------------

  Activation activation_of(int64_t gate) const {
    const bool candidate = gate == 2;
    return candidate ? rnn_->activation : rnn_->recurrent_activation;
  }

  States<T> lstm(const States<T>& before) {
    z_.clear(), y_.clear();
    for (int64_t g = 0; g < 4; ++g) {
      z_.push_back(from_both(g, before[0]));
      y_.push_back(activated(activation_of(g), z_[g]));
    }
    Vector<T> c = product(y_[1], before[1]);
    add(product(y_[0], y_[2]), &c);
    z_.push_back(c);
    y_.push_back(activated(rnn_->activation, c));
    return {product(y_[3], y_[4]), c};
  }

  States<T> lstm_gradient(const States<T>& before, const States<T>& d,
                          const RnnGradient<T>& gradient) const {
    Vector<T> dc = slope(rnn_->activation, product(d[0], y_[3]), z_[4], y_[4]);
    add(d[1], &dc);
    const Vector<T> dy[4] = {product(dc, y_[2]), product(dc, before[1]),
                             product(dc, y_[0]), product(d[0], y_[4])};
    Vector<T> dh(U(), T(0));
    for (int64_t g = 0; g < 4; ++g) {
      back_to_both(g, before[0], slope(activation_of(g), dy[g], z_[g], y_[g]),
                   gradient, &dh);
    }
    return {dh, product(dc, y_[1])};
  }

  // ---- h = z h_before + (1 - z) g ----------------------------------------------

  bool reset_after() const { return rnn_->cell == Cell::kGru; }

  States<T> gru(const States<T>& before) {
    const Vector<T> kept = dropped(2, before[0]);
    z_.clear(), y_.clear();
    for (int64_t g = 0; g < 2; ++g) {
      z_.push_back(from_both(g, before[0]));
      y_.push_back(activated(rnn_->recurrent_activation, z_[g]));
    }
    z_.push_back(from_x(2));
    if (reset_after()) {
      reset_ = from_h(2, kept);
      add(product(y_[1], reset_), &z_[2]);
    } else {
      reset_ = product(y_[1], kept);
      add(from_h(2, reset_), &z_[2]);
    }
    y_.push_back(activated(rnn_->activation, z_[2]));
    Vector<T> h(U());
    for (int64_t u = 0; u < U(); ++u) {
      h[u] = y_[0][u] * before[0][u] + (1 - y_[0][u]) * y_[2][u];
    }
    return {h, before[1]};
  }

  States<T> gru_gradient(const States<T>& before, const States<T>& d,
                         const RnnGradient<T>& gradient) const {
    const Vector<T> kept = dropped(2, before[0]);
    Vector<T> dh(U()), update(U()), candidate(U());
    for (int64_t u = 0; u < U(); ++u) {
      dh[u] = d[0][u] * y_[0][u];
      update[u] = d[0][u] * (before[0][u] - y_[2][u]);
      candidate[u] = d[0][u] * (1 - y_[0][u]);
    }
    const Vector<T> dz = slope(rnn_->activation, candidate, z_[2], y_[2]);
    back_to_x(2, dz, gradient);
    Vector<T> of_reset;
    if (reset_after()) {
      of_reset = product(dz, reset_);
      add(dropped(2, back_to_h(2, kept, product(dz, y_[1]), gradient)), &dh);
    } else {
      const Vector<T> back = back_to_h(2, reset_, dz, gradient);
      of_reset = product(back, kept);
      add(dropped(2, product(back, y_[1])), &dh);
    }
    const Activation a = rnn_->recurrent_activation;
    back_to_both(0, before[0], slope(a, update, z_[0], y_[0]), gradient, &dh);
    back_to_both(1, before[0], slope(a, of_reset, z_[1], y_[1]), gradient, &dh);
    return {dh, d[1]};
  }

  const Rnn<T>* rnn_;
  int64_t row_, time_;
  std::vector<Vector<T>> z_, y_;  // by gate: what goes in, what comes out
  Vector<T> reset_;               // of the GRU: what the reset gate let pass
};

}  // namespace reference
}  // namespace elman

#endif  // ELMAN_CORE_REFERENCE_CELLS_H_
