// Region file (see for_each_isa.h): the LSTM of Hochreiter and Schmidhuber
// (1997) with forget gates (Gers et al. 2000), gates in Keras's order.
//
//   z = x_t W + h_{t-1} R + b           = [z_i, z_f, z_g, z_o]
//   i = s(z_i)   f = s(z_f)   g = a(z_g)   o = s(z_o)
//   c_t = f c_{t-1} + i g               h_t = o a(c_t)
//
//   dz_o = dh a(c_t) s'(z_o)            dc = dc_t + dh o a'(c_t)
//   dz_i = dc g s'(z_i)   dz_f = dc c_{t-1} s'(z_f)   dz_g = dc i a'(z_g)
//   dc_{t-1} = dc f
//
// A row of gates keeps [i, f, g, o].
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
class LstmCell {
  typedef Math<T> M;
  typedef typename M::V V;
  static constexpr int64_t W = kWidth<T>;

 public:
  static void forward(int, const StepForward<T>& at) {
    const bool usual = is_usual(at) && !at.inputs;
    for (int64_t r = 0; r < at.rows; ++r) {
      if (usual) {
        usual_row(at, r);
      } else {
        any_row(at, r);
      }
    }
  }

  static void backward(int, const StepBackward<T>& at) {
    const bool usual = is_usual(at);
    for (int64_t r = 0; r < at.rows; ++r) {
      if (usual) {
        usual_gradient(at, r);
      } else {
        any_gradient(at, r);
      }
    }
  }

 private:
  static void usual_row(const StepForward<T>& at, int64_t r) {
    const int64_t Up = at.Up;
    T* gates = at.gates + r * 4 * Up;
    const T* c_before = at.before[1] + r * Up;
    T *h_after = at.after[0] + r * Up, *c_after = at.after[1] + r * Up;
    for (int64_t j = 0; j < Up; j += W) {
      const V i = M::logistic(load(gates + j));
      const V f = M::logistic(load(gates + Up + j));
      const V g = M::tanh(load(gates + 2 * Up + j));
      const V o = M::logistic(load(gates + 3 * Up + j));
      const V c = f * load(c_before + j) + i * g;
      store(c_after + j, c);
      store(h_after + j, o * M::tanh(c));
      if (!at.keep) continue;
      store(gates + j, i);
      store(gates + Up + j, f);
      store(gates + 2 * Up + j, g);
      store(gates + 3 * Up + j, o);
    }
  }

  static void any_row(const StepForward<T>& at, int64_t r) {
    const int64_t Up = at.Up;
    T* gates = at.gates + r * 4 * Up;
    const T* c_before = at.before[1] + r * Up;
    T *h_after = at.after[0] + r * Up, *c_after = at.after[1] + r * Up;
    if (at.inputs) copy_row(gates, at.inputs + r * 4 * Up, 4 * Up);
    gate_forward(at, at.recurrent_activation, gates);
    gate_forward(at, at.recurrent_activation, gates + Up);
    gate_forward(at, at.activation, gates + 2 * Up);
    gate_forward(at, at.recurrent_activation, gates + 3 * Up);
    for (int64_t j = 0; j < Up; j += W) {
      const V c = load(gates + Up + j) * load(c_before + j) +
                  load(gates + j) * load(gates + 2 * Up + j);
      store(c_after + j, c);
      store(h_after + j, c);
    }
    gate_forward(at, at.activation, h_after);
    multiply_row(gates + 3 * Up, h_after, h_after, Up);
  }

  static void usual_gradient(const StepBackward<T>& at, int64_t r) {
    const int64_t Up = at.Up;
    const T* gates = at.gates + r * 4 * Up;
    const T *c_before = at.before[1] + r * Up, *c_after = at.after[1] + r * Up;
    const T *dh = at.d_after[0] + r * Up, *dc_after = at.d_after[1] + r * Up;
    T *dz = at.dz + r * 4 * Up, *dc_before = at.d_before[1] + r * Up;
    const V one = M::constant(1);
    for (int64_t j = 0; j < Up; j += W) {
      const V i = load(gates + j), f = load(gates + Up + j);
      const V g = load(gates + 2 * Up + j), o = load(gates + 3 * Up + j);
      const V a = M::tanh(load(c_after + j));
      const V d = load(dh + j);
      const V dc = load(dc_after + j) + d * o * (one - a * a);
      store(dz + j, dc * g * (i * (one - i)));
      store(dz + Up + j, dc * load(c_before + j) * (f * (one - f)));
      store(dz + 2 * Up + j, dc * i * (one - g * g));
      store(dz + 3 * Up + j, d * a * (o * (one - o)));
      store(dc_before + j, dc * f);
    }
  }

  static void any_gradient(const StepBackward<T>& at, int64_t r) {
    const int64_t Up = at.Up;
    const T* gates = at.gates + r * 4 * Up;
    const T* inputs = at.inputs ? at.inputs + r * 4 * Up : nullptr;
    const T *c_before = at.before[1] + r * Up, *c_after = at.after[1] + r * Up;
    const T *dh = at.d_after[0] + r * Up, *dc_after = at.d_after[1] + r * Up;
    T *dz = at.dz + r * 4 * Up, *dc = at.d_before[1] + r * Up;
    T *a = at.scratch, *up = at.scratch + Up, *slope = at.scratch + 2 * Up;
    copy_row(c_after, a, Up);
    gate_forward(at, at.activation, a);
    multiply_row(dh, a, up, Up);
    gate_gradient(at, at.recurrent_activation, up, gates, inputs, 3, dz);
    multiply_row(dh, gates + 3 * Up, up, Up);
    activation_slopes(at, at.activation, up, c_after, a, slope);
    copy_row(dc_after, dc, Up);
    add_row(slope, dc, Up);
    multiply_row(dc, gates + 2 * Up, up, Up);
    gate_gradient(at, at.recurrent_activation, up, gates, inputs, 0, dz);
    multiply_row(dc, c_before, up, Up);
    gate_gradient(at, at.recurrent_activation, up, gates, inputs, 1, dz);
    multiply_row(dc, gates, up, Up);
    gate_gradient(at, at.activation, up, gates, inputs, 2, dz);
    multiply_row(dc, gates + Up, dc, Up);
  }
};

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
