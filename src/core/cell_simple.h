// Region file (see for_each_isa.h): the simple cell, in the place of its state.
//
//   h_t = f(x_t W + h_{t-1} R + b)          dz_t = dh_t f'(z_t)
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
struct SimpleCell {
  static void forward(int, const StepForward<T>& at) {
    T* h = at.after[0];
    const int64_t n = at.rows * at.Up;
    if (at.inputs) copy_row(h, at.inputs, n);
    if (!is_row_activation(at.activation)) {
      at.calls->forward(at.activation, h, h, n);
      return;
    }
    for (int64_t i = 0; i < at.rows; ++i) {
      at.calls->forward_row(at.activation, h + i * at.Up, at.U, at.scratch);
    }
  }

  static void backward(int, const StepBackward<T>& at) {
    const T *dh = at.d_after[0], *h = at.after[0], *z = at.inputs;
    if (!is_row_activation(at.activation)) {
      at.calls->gradient(at.activation, dh, z, h, at.dz, at.rows * at.Up);
      return;
    }
    for (int64_t i = 0; i < at.rows; ++i) {
      const int64_t row = i * at.Up;
      at.calls->gradient_row(at.activation, dh + row, z ? z + row : nullptr,
                             h + row, at.dz + row, at.U);
      clear_row(at.dz + row + at.U, at.Up - at.U);
    }
  }
};

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
