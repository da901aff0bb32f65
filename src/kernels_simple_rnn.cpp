// The recurrent layer as two kernels (core/simple_rnn.h holds the equations).
//
// simple_rnn_forward   in: x [B, T, F], W [F, U], R [U, U], b?, h0?, mask?,
//                      x_drop?, h_drop?; out: y, h_last [B, U], saved?
// simple_rnn_backward  in: the same eight, saved, dy?, dh_last?;
//                      out: dx?, dW?, dR?, db?, dh0?
// Attributes: activation, go_backwards, return_sequences, zero_output_for_mask.
// `?` may be absent. `saved` has simple_rnn_saved_size() elements, any shape.
#include <stdexcept>
#include <string>

#include "core/registry.h"
#include "core/simple_rnn.h"

namespace elman {
namespace {

enum Input { kX, kW, kR, kB, kH0, kMask, kXDrop, kHDrop, kSaved, kDy, kDhLast };

Array optional(const Arrays& arrays, size_t i) {
  return i < arrays.size() ? arrays[i] : Array{};
}

// The data of one array after a look at its dtype and size; null if absent.
template <class T>
T* checked(const Array& array, DType dtype, int64_t size, const char* name) {
  if (!array.data) return nullptr;
  if (array.dtype != dtype || array.size() != size) {
    throw std::invalid_argument(
        std::string("simple_rnn: `") + name + "` must have " +
        std::to_string(size) + " elements of " + dtype_name(dtype) + ", not " +
        array.shape.text() + " of " + dtype_name(array.dtype));
  }
  return array.as<T>();
}

template <class T>
SimpleRnn<T> read_layer(const Arrays& in, const Attributes& attributes) {
  if (in.size() < 3 || in[kX].shape.rank() != 3 || in[kW].shape.rank() != 2) {
    throw std::invalid_argument("simple_rnn: x must be [B, T, F], W [F, U]");
  }
  const DType dtype = in[kX].dtype;
  if (!is_floating(dtype)) {
    throw std::invalid_argument("simple_rnn: x must be float32 or float64");
  }
  SimpleRnn<T> rnn;
  const int64_t B = rnn.B = in[kX].shape[0];
  const int64_t F = rnn.F = in[kX].shape[2];
  const int64_t U = rnn.U = in[kW].shape[1];
  rnn.T_ = in[kX].shape[1];
  const auto read = [&](Input i, int64_t size, const char* name) {
    return checked<T>(optional(in, i), dtype, size, name);
  };
  rnn.x = read(kX, B * rnn.T_ * F, "x");
  rnn.W = read(kW, F * U, "W");
  rnn.R = read(kR, U * U, "R");
  rnn.b = read(kB, U, "b");
  rnn.h0 = read(kH0, B * U, "h0");
  rnn.mask = checked<int32_t>(optional(in, kMask), DType::kBool, B * rnn.T_,
                              "mask");
  rnn.x_drop = read(kXDrop, B * F, "x_drop");
  rnn.h_drop = read(kHDrop, B * U, "h_drop");
  const std::string name = attributes.text("activation", "tanh");
  if (!parse_activation(name.c_str(), &rnn.activation)) {
    throw std::invalid_argument("unknown activation \"" + name + "\"");
  }
  rnn.go_backwards = attributes.flag("go_backwards", false);
  rnn.return_sequences = attributes.flag("return_sequences", false);
  rnn.zero_output_for_mask = attributes.flag("zero_output_for_mask", false);
  return rnn;
}

template <class T>
int64_t output_size(const SimpleRnn<T>& rnn) {
  return rnn.B * (rnn.return_sequences ? rnn.T_ : 1) * rnn.U;
}

template <class T>
void forward(const Arrays& in, const Arrays& out,
             const Attributes& attributes) {
  SimpleRnn<T> rnn = read_layer<T>(in, attributes);
  const auto write = [&](size_t i, int64_t size, const char* name) {
    return checked<T>(optional(out, i), in[kX].dtype, size, name);
  };
  rnn.y = write(0, output_size(rnn), "y");
  rnn.h_last = write(1, rnn.B * rnn.U, "h_last");
  rnn.saved = write(2, simple_rnn_saved_size(rnn), "saved");
  simple_rnn_forward(rnn);
}

template <class T>
void backward(const Arrays& in, const Arrays& out,
              const Attributes& attributes) {
  SimpleRnn<T> rnn = read_layer<T>(in, attributes);
  const auto array = [&](const Arrays& from, size_t i, int64_t size,
                         const char* name) {
    return checked<T>(optional(from, i), in[kX].dtype, size, name);
  };
  const int64_t states = rnn.B * rnn.U;
  rnn.saved = array(in, kSaved, simple_rnn_saved_size(rnn), "saved");
  if (!rnn.saved) throw std::invalid_argument("simple_rnn: `saved` is absent");
  SimpleRnnGradient<T> gradient;
  gradient.dy = array(in, kDy, output_size(rnn), "dy");
  gradient.dh_last = array(in, kDhLast, states, "dh_last");
  gradient.dx = array(out, 0, rnn.B * rnn.T_ * rnn.F, "dx");
  gradient.dW = array(out, 1, rnn.F * rnn.U, "dW");
  gradient.dR = array(out, 2, rnn.U * rnn.U, "dR");
  gradient.db = array(out, 3, rnn.U, "db");
  gradient.dh0 = array(out, 4, states, "dh0");
  simple_rnn_backward(rnn, gradient);
}

bool in_double(const Arrays& in) {
  return !in.empty() && in[kX].dtype == DType::kFloat64;
}

void forward_kernel(const Arrays& in, const Arrays& out,
                    const Attributes& attributes) {
  if (in_double(in)) return forward<double>(in, out, attributes);
  forward<float>(in, out, attributes);
}

void backward_kernel(const Arrays& in, const Arrays& out,
                     const Attributes& attributes) {
  if (in_double(in)) return backward<double>(in, out, attributes);
  backward<float>(in, out, attributes);
}

}  // namespace

void register_simple_rnn(Registry& registry) {
  registry.add({{"simple_rnn_forward", forward_kernel},
                {"simple_rnn_backward", backward_kernel}});
}

}  // namespace elman
