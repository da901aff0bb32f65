// Region file (see for_each_isa.h): the gated recurrent unit of Cho et al.
// (2014), gates in Keras's order z, r, g, its reset gate after the product
//
//   z = s(x W_z + b_z + h_{t-1} R_z + q_z)    r likewise
//   p = h_{t-1} R_g + q_g                     g = a(x W_g + b_g + r p)
//
// or before it, in a stage of its own,
//
//   p = r h_{t-1}                             g = a(x W_g + b_g + p R_g)
//
// and in both cases h_t = z h_{t-1} + (1 - z) g. Backward, dz_* the gradients of
// what goes into the activations:
//
//   dz_z = dh (h_{t-1} - g) s'    dz_g = dh (1 - z) a'    dh_{t-1} = dh z + ...
//   after:   dp = dz_g r          dz_r = dz_g p s'
//   before:  dp = dz_g R_g^T      dz_r = dp h_{t-1} s'    dh_{t-1} += dp r
//
// Where h is dropped, p takes what the mask of gate g leaves of it. A row of
// gates keeps [z, r, g, p]; one of gradients has [dz_z, dz_r, dz_g] and, after,
// dp.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T, bool kResetAfter>
class GruCell {
  typedef Math<T> M;
  typedef typename M::V V;
  static constexpr int64_t W = kWidth<T>;
  static constexpr int64_t kGradients = kResetAfter ? 4 : 3;

 public:
  static void forward(int stage, const StepForward<T>& at) {
    const bool usual = kResetAfter && is_usual(at) && !at.inputs;
    for (int64_t i = 0; i < at.rows; ++i) {
      if (usual) {
        usual_row(at, i);
        continue;
      }
      if (stage == 0) open_gates(at, i);
      if (stage == 0 && !kResetAfter) reset_state(at, i);
      if (stage == 1 || kResetAfter) new_state(at, i);
    }
  }

  static void backward(int stage, const StepBackward<T>& at) {
    const bool last = stage == 1 || kResetAfter;
    for (int64_t i = 0; i < at.rows; ++i) {
      if (last) new_state_gradient(at, i);
      if (stage == 0) reset_gradient(at, i);
    }
  }

 private:
  static void usual_row(const StepForward<T>& at, int64_t i) {
    const int64_t Up = at.Up;
    T* gates = at.gates + i * 4 * Up;
    const T* before = at.before[0] + i * Up;
    T* after = at.after[0] + i * Up;
    for (int64_t j = 0; j < Up; j += W) {
      const V r = M::logistic(load(gates + Up + j));
      const V z = M::logistic(load(gates + j));
      const V g = M::tanh(r * load(gates + 3 * Up + j) +
                          load(gates + 2 * Up + j));
      store(after + j, z * load(before + j) + (M::constant(1) - z) * g);
      if (!at.keep) continue;
      store(gates + j, z);
      store(gates + Up + j, r);
      store(gates + 2 * Up + j, g);
    }
  }

  // z and r.
  static void open_gates(const StepForward<T>& at, int64_t i) {
    const int64_t Up = at.Up;
    T* z = at.gates + i * 4 * Up;
    if (at.inputs) copy_row(z, at.inputs + i * 3 * Up, 2 * Up);
    if (at.recurrent_activation == Activation::kSigmoid) {
      for (int64_t j = 0; j < 2 * Up; j += W) {
        store(z + j, M::logistic(load(z + j)));
      }
    } else {
      gate_forward(at, at.recurrent_activation, z);
      gate_forward(at, at.recurrent_activation, z + Up);
    }
  }

  static void reset_state(const StepForward<T>& at, int64_t i) {
    const int64_t Up = at.Up;
    T* gates = at.gates + i * 4 * Up;
    T* p = gates + 3 * Up;
    multiply_row(gates + Up, at.before[0] + i * Up, p, Up);
    if (at.h_drop) multiply_row(p, at.h_drop + i * at.U, p, at.U);
  }

  static void new_state(const StepForward<T>& at, int64_t i) {
    const int64_t Up = at.Up;
    T* gates = at.gates + i * 4 * Up;
    T *z = gates, *r = gates + Up, *g = gates + 2 * Up, *p = gates + 3 * Up;
    const T* before = at.before[0] + i * Up;
    T* after = at.after[0] + i * Up;
    const bool direct = at.activation == Activation::kTanh;
    if (kResetAfter) {
      for (int64_t j = 0; j < Up; j += W) {
        store(g + j, load(g + j) + load(r + j) * load(p + j));
      }
    }
    if (at.inputs) copy_row(g, at.inputs + i * 3 * Up + 2 * Up, Up);
    if (!direct) gate_forward(at, at.activation, g);
    for (int64_t j = 0; j < Up; j += W) {
      const V value = direct ? M::tanh(load(g + j)) : load(g + j);
      const V keep = load(z + j);
      if (direct) store(g + j, value);
      store(after + j,
            keep * load(before + j) + (M::constant(1) - keep) * value);
    }
  }

  // dz_z and dz_g, and of dh_{t-1} what comes straight from dh.
  static void new_state_gradient(const StepBackward<T>& at, int64_t i) {
    const int64_t Up = at.Up;
    const T* gates = at.gates + i * 4 * Up;
    const T* inputs = at.inputs ? at.inputs + i * 3 * Up : nullptr;
    const T *h = at.before[0] + i * Up, *dh = at.d_after[0] + i * Up;
    T *dz = at.dz + i * kGradients * Up, *back = at.d_before[0] + i * Up;
    T *of_z = at.scratch, *of_g = at.scratch + Up;
    const bool usual = is_usual(at);
    const V one = M::constant(1);
    for (int64_t j = 0; j < Up; j += W) {
      const V z = load(gates + j), g = load(gates + 2 * Up + j);
      const V d = load(dh + j);
      const V dz_z = d * (load(h + j) - g), dz_g = d * (one - z);
      store(back + j, d * z);
      if (usual) {
        store(dz + j, dz_z * (z * (one - z)));
        store(dz + 2 * Up + j, dz_g * (one - g * g));
      } else {
        store(of_z + j, dz_z);
        store(of_g + j, dz_g);
      }
    }
    if (usual) return;
    gate_gradient(at, at.recurrent_activation, of_z, gates, inputs, 0, dz);
    gate_gradient(at, at.activation, of_g, gates, inputs, 2, dz);
  }

  // dz_r, and dp (after) or what comes of it (before).
  static void reset_gradient(const StepBackward<T>& at, int64_t i) {
    const int64_t Up = at.Up;
    const T* gates = at.gates + i * 4 * Up;
    const T* inputs = at.inputs ? at.inputs + i * 3 * Up : nullptr;
    const T* r = gates + Up;
    T* dz = at.dz + i * kGradients * Up;
    T* of_r = at.scratch;
    if (kResetAfter) {
      multiply_row(dz + 2 * Up, r, dz + 3 * Up, Up);
      multiply_row(dz + 2 * Up, gates + 3 * Up, of_r, Up);
    } else {
      T* dp = at.scratch + Up;
      copy_row(at.d_product + i * Up, dp, Up);
      if (at.h_drop) multiply_row(dp, at.h_drop + i * at.U, dp, at.U);
      multiply_row(dp, at.before[0] + i * Up, of_r, Up);
      multiply_row(dp, r, dp, Up);
      add_row(dp, at.d_before[0] + i * Up, Up);
    }
    gate_gradient(at, at.recurrent_activation, of_r, gates, inputs, 1, dz);
  }
};

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
