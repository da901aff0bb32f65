// The recurrent layer as two kernels (core/rnn.h holds what it computes).
//
// rnn_forward   in: x [B, T, F], W [F, G U], R [U, G U], b?, h0?, c0?, mask?,
//               x_drop?, h_drop?; out: y, h_last [B, U], c_last?, saved?
// rnn_backward  in: the same nine, saved, dy?, dh_last?, dc_last?;
//               out: dx?, dW?, dR?, db?, dh0?, dc0?
// Attributes: cell, activation, recurrent_activation, go_backwards,
// return_sequences, zero_output_for_mask. `?` may be absent; what has a c is of
// cells with two states only. Drops are one mask
// for all gates, [B, .], or one for each, [G, B, .]; both alike. `saved` has
// rnn_saved_size() elements, any shape.
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/registry.h"
#include "core/rnn.h"

namespace elman {
namespace {

enum Input {
  kX, kW, kR, kB, kH0, kC0, kMask, kXDrop, kHDrop, kSaved, kDy, kDhLast, kDcLast
};
enum Output { kY, kHLast, kCLast, kSavedOut };
enum Slope { kDx, kDW, kDR, kDb, kDh0, kDc0 };

const Array& optional(const Arrays& arrays, size_t i) {
  static const Array absent;
  return i < arrays.size() ? arrays[i] : absent;
}

// The data of one array after a look at its dtype and size; null if absent.
template <class T>
T* checked(const Array& array, DType dtype, int64_t size, const char* name) {
  if (!array.data) return nullptr;
  if (array.dtype != dtype || array.size() != size) {
    throw std::invalid_argument(
        std::string("rnn: `") + name + "` must have " + std::to_string(size) +
        " elements of " + dtype_name(dtype) + ", not " + array.shape.text() +
        " of " + dtype_name(array.dtype));
  }
  return array.as<T>();
}

// The same for what only a cell with a second state has.
template <class T>
T* checked_second(const Rnn<T>& rnn, const Array& array, DType dtype,
                  const char* name) {
  if (array.data && shape_of(rnn.cell).states < 2) {
    throw std::invalid_argument(std::string("rnn: the cell has no `") + name +
                                "`");
  }
  return checked<T>(array, dtype, rnn.B * rnn.U, name);
}

Activation read_activation(std::string_view name) {
  Activation activation;
  if (!parse_activation(name, &activation)) {
    throw std::invalid_argument("unknown activation \"" + std::string(name) +
                                "\"");
  }
  return activation;
}

template <class T>
void read_drops(const Arrays& in, Rnn<T>* rnn) {
  const Array& x = optional(in, kXDrop);
  const Array& h = optional(in, kHDrop);
  rnn->drop_by_gate = (x.data && x.shape.rank() == 3) ||
                      (h.data && h.shape.rank() == 3);
  const int64_t masks = rnn->drop_by_gate ? shape_of(rnn->cell).gates : 1;
  const DType dtype = in[kX].dtype;
  rnn->x_drop = checked<T>(x, dtype, masks * rnn->B * rnn->F, "x_drop");
  rnn->h_drop = checked<T>(h, dtype, masks * rnn->B * rnn->U, "h_drop");
}

template <class T>
Rnn<T> read_layer(const Arrays& in, const Attributes& attributes) {
  if (in.size() < 3 || in[kX].shape.rank() != 3 || in[kR].shape.rank() != 2) {
    throw std::invalid_argument("rnn: x must be [B, T, F], R [U, G U]");
  }
  const DType dtype = in[kX].dtype;
  if (!is_floating(dtype)) {
    throw std::invalid_argument("rnn: x must be float32 or float64");
  }
  Rnn<T> rnn;
  const std::string_view cell = attributes.text("cell", "simple");
  if (!parse_cell(cell, &rnn.cell)) {
    throw std::invalid_argument("unknown cell \"" + std::string(cell) + "\"");
  }
  const CellShape shape = shape_of(rnn.cell);
  const int64_t B = rnn.B = in[kX].shape[0];
  const int64_t F = rnn.F = in[kX].shape[2];
  const int64_t U = rnn.U = in[kR].shape[0];
  const int64_t GU = shape.gates * U;
  rnn.T_ = in[kX].shape[1];
  const auto read = [&](Input i, int64_t size, const char* name) {
    return checked<T>(optional(in, i), dtype, size, name);
  };
  rnn.x = read(kX, B * rnn.T_ * F, "x");
  rnn.W = read(kW, F * GU, "W");
  rnn.R = read(kR, U * GU, "R");
  rnn.b = read(kB, shape.bias_rows * GU, "b");
  rnn.first[0] = read(kH0, B * U, "h0");
  rnn.first[1] = checked_second(rnn, optional(in, kC0), dtype, "c0");
  rnn.mask = checked<int32_t>(optional(in, kMask), DType::kBool, B * rnn.T_,
                              "mask");
  read_drops(in, &rnn);
  rnn.activation = read_activation(attributes.text("activation", "tanh"));
  rnn.recurrent_activation =
      read_activation(attributes.text("recurrent_activation", "sigmoid"));
  rnn.go_backwards = attributes.flag("go_backwards", false);
  rnn.return_sequences = attributes.flag("return_sequences", false);
  rnn.zero_output_for_mask = attributes.flag("zero_output_for_mask", false);
  return rnn;
}

template <class T>
int64_t output_size(const Rnn<T>& rnn) {
  return rnn.B * (rnn.return_sequences ? rnn.T_ : 1) * rnn.U;
}

template <class T>
void forward(const Arrays& in, const Arrays& out,
             const Attributes& attributes) {
  Rnn<T> rnn = read_layer<T>(in, attributes);
  const auto write = [&](Output i, int64_t size, const char* name) {
    return checked<T>(optional(out, i), in[kX].dtype, size, name);
  };
  rnn.y = write(kY, output_size(rnn), "y");
  rnn.last[0] = write(kHLast, rnn.B * rnn.U, "h_last");
  rnn.last[1] =
      checked_second(rnn, optional(out, kCLast), in[kX].dtype, "c_last");
  rnn.saved = write(kSavedOut, rnn_saved_size(rnn), "saved");
  rnn_forward(rnn);
}

template <class T>
void backward(const Arrays& in, const Arrays& out,
              const Attributes& attributes) {
  Rnn<T> rnn = read_layer<T>(in, attributes);
  const auto array = [&](const Arrays& from, size_t i, int64_t size,
                         const char* name) {
    return checked<T>(optional(from, i), in[kX].dtype, size, name);
  };
  const CellShape shape = shape_of(rnn.cell);
  const int64_t states = rnn.B * rnn.U, GU = shape.gates * rnn.U;
  rnn.saved = array(in, kSaved, rnn_saved_size(rnn), "saved");
  if (!rnn.saved) throw std::invalid_argument("rnn: `saved` is absent");
  RnnGradient<T> gradient;
  gradient.dy = array(in, kDy, output_size(rnn), "dy");
  gradient.dlast[0] = array(in, kDhLast, states, "dh_last");
  gradient.dlast[1] =
      checked_second(rnn, optional(in, kDcLast), in[kX].dtype, "dc_last");
  gradient.dx = array(out, kDx, rnn.B * rnn.T_ * rnn.F, "dx");
  gradient.dW = array(out, kDW, rnn.F * GU, "dW");
  gradient.dR = array(out, kDR, rnn.U * GU, "dR");
  gradient.db = array(out, kDb, shape.bias_rows * GU, "db");
  gradient.dfirst[0] = array(out, kDh0, states, "dh0");
  gradient.dfirst[1] =
      checked_second(rnn, optional(out, kDc0), in[kX].dtype, "dc0");
  rnn_backward(rnn, gradient);
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

void register_recurrent(Registry& registry) {
  registry.add({{"rnn_forward", forward_kernel},
                {"rnn_backward", backward_kernel}});
}

}  // namespace elman
