// Region file (see for_each_isa.h): what the gated cells share.
namespace elman {
namespace ELMAN_ISA {
namespace {

// The activations of nearly all gated layers, which need no calls.
template <class Step>
bool is_usual(const Step& at) {
  return at.activation == Activation::kTanh &&
         at.recurrent_activation == Activation::kSigmoid;
}

// One row of one gate, in place.
template <class T>
void gate_forward(const StepForward<T>& at, Activation a, T* z) {
  if (is_row_activation(a)) {
    at.calls->forward_row(a, z, at.U, at.scratch);
  } else {
    at.calls->forward(a, z, z, at.Up);
  }
}

template <class T>
void gate_forward(const StepBackward<T>& at, Activation a, T* z) {
  if (is_row_activation(a)) {
    at.calls->forward_row(a, z, at.U, at.scratch + 3 * at.Up);
  } else {
    at.calls->forward(a, z, z, at.Up);
  }
}

// dz from dy and y = a(z) for one row; dz may not be dy.
template <class T>
void activation_slopes(const StepBackward<T>& at, Activation a, const T* dy,
                       const T* z, const T* y, T* dz) {
  if (is_row_activation(a)) {
    at.calls->gradient_row(a, dy, z, y, dz, at.U);
    clear_row(dz + at.U, at.Up - at.U);
  } else {
    at.calls->gradient(a, dy, z, y, dz, at.Up);
  }
}

// The same for a gate: its block of rows of kept gates, inputs and dz.
template <class T>
void gate_gradient(const StepBackward<T>& at, Activation a, const T* dy,
                   const T* gates, const T* inputs, int64_t block, T* dz) {
  const int64_t from = block * at.Up;
  activation_slopes(at, a, dy, inputs ? inputs + from : nullptr, gates + from,
                    dz + from);
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman
