// The recurrent layer in any shape, with any of its optional arrays and flags,
// forward and backward: the numbers of its plain twin (core/reference_rnn.h), or
// std::invalid_argument where an array has another size.
#include "core/reference_rnn.h"
#include "core/registry.h"
#include "drawing.h"
#include "names.h"

using namespace drawing;

namespace {

using elman::Activation;
using elman::Arrays;
using elman::Attributes;
using elman::Cell;

struct Problem {
  Cell cell = Cell::kSimple;
  Activation activation = Activation::kTanh, gate = Activation::kTanh;
  int64_t B, T, F, U, G;
  DType dtype;
  uint32_t present;
  bool backwards, sequences, zero, by_gate;
  Numbers numbers;
  Attributes attributes;
  std::vector<Owned> in;  // as rnn_backward has them

  explicit Problem(Bytes* bytes) {
    draw_machine(bytes);
    dtype = bytes->flag() ? DType::kFloat64 : DType::kFloat32;
    numbers = static_cast<Numbers>(bytes->below(4));
    draw_attributes(bytes);
    G = elman::shape_of(cell).gates;
    // Blocks of lanes take at least a dozen rows.
    B = bytes->below(3) == 2 ? 12 + bytes->below(60) : draw_size(bytes) % 10;
    T = draw_size(bytes) % 18;
    F = draw_size(bytes) % 18;
    U = draw_size(bytes) % 34;
    present = bytes->word();
    const bool simple = elman::shape_of(cell).states == 1;
    const int64_t bias = elman::shape_of(cell).bias_rows * G * U;
    const int64_t masks = by_gate ? G : 1;
    const int64_t saved = elman::rnn_saved_size(cell, activation, gate, B, T, U);
    const Shape drop_x = by_gate ? Shape{masks, B, F} : Shape{B, F};
    const Shape drop_h = by_gate ? Shape{masks, B, U} : Shape{B, U};
    const Shape states = {B, U};
    const Shape shapes[] = {{B, T, F}, {F, G * U}, {U, G * U}, {bias},
                            states,    states,     {B, T},     drop_x,
                            drop_h,    {saved},
                            sequences ? Shape{B, T, U} : states,
                            states,    states};
    for (int k = 0; k < 13; ++k) {
      const bool needed = k < 3 || k == 9;
      const bool here = needed || (present >> k & 1);
      if (!here || (simple && (k == 5 || k == 12))) {
        in.emplace_back();
        continue;
      }
      in.emplace_back(k == 6 ? DType::kBool : dtype, shapes[k]);
      in.back().draw(bytes, numbers);
    }
  }

  void draw_attributes(Bytes* bytes) {
    static const std::vector<const char*> cells = {"simple", "lstm", "gru",
                                                   "gru_reset_before"};
    const std::string kind = bytes->one_of(cells);
    elman::parse_cell(kind.c_str(), &cell);
    attributes.set("cell", kind);
    // Half of the time those that layers have when nothing is said.
    const bool usual = bytes->flag();
    const std::string f = usual ? "tanh" : bytes->one_of(words());
    const std::string g = usual ? "sigmoid" : bytes->one_of(words());
    known = elman::parse_activation(f.c_str(), &activation) &&
            elman::parse_activation(g.c_str(), &gate) &&
            activation != Activation::kGlu && gate != Activation::kGlu;
    attributes.set("activation", f);
    attributes.set("recurrent_activation", g);
    const uint8_t flags = bytes->byte();
    backwards = flags & 1, sequences = flags & 2, zero = flags & 4;
    by_gate = flags & 8;
    attributes.set("go_backwards", backwards);
    attributes.set("return_sequences", sequences);
    attributes.set("zero_output_for_mask", zero);
  }
  bool known = true;
};

Arrays views(const std::vector<Owned>& arrays) {
  Arrays out;
  for (const Owned& one : arrays) out.push_back(one.view());
  return out;
}

// The layer as core/rnn.h has it.
template <class T>
elman::Rnn<T> layer(const Problem& p) {
  elman::Rnn<T> rnn;
  rnn.cell = p.cell, rnn.B = p.B, rnn.T_ = p.T, rnn.F = p.F, rnn.U = p.U;
  rnn.x = p.in[0].as<T>(), rnn.W = p.in[1].as<T>(), rnn.R = p.in[2].as<T>();
  rnn.b = p.in[3].as<T>();
  rnn.first[0] = p.in[4].as<T>(), rnn.first[1] = p.in[5].as<T>();
  rnn.mask = p.in[6].as<int32_t>();
  rnn.x_drop = p.in[7].as<T>(), rnn.h_drop = p.in[8].as<T>();
  rnn.drop_by_gate = p.by_gate && (rnn.x_drop || rnn.h_drop);
  rnn.activation = p.activation, rnn.recurrent_activation = p.gate;
  rnn.go_backwards = p.backwards, rnn.return_sequences = p.sequences;
  rnn.zero_output_for_mask = p.zero;
  return rnn;
}

// Only numbers of an ordinary size can be held to another order of sums; and
// only where the activation keeps them so, and has no corner near.
bool is_tame(const Problem& p) {
  const auto smooth = [](Activation a) {
    return a == Activation::kTanh || a == Activation::kSigmoid ||
           a == Activation::kSoftsign || a == Activation::kSoftmax ||
           a == Activation::kLinear;
  };
  return p.numbers == kUniform && smooth(p.activation) && smooth(p.gate) &&
         p.activation != Activation::kLinear && p.gate != Activation::kLinear;
}

template <class T>
void hold_near(const Owned& got, const Owned& want, double steps,
               const char* what) {
  const int64_t n = want.view().data ? want.view().size() : 0;
  double scale = 1;
  for (int64_t i = 0; i < n; ++i) {
    scale = std::max(scale, std::abs(double(want.as<T>()[i])));
  }
  // Roundings may grow from step to step.
  const double tolerance =
      64 * std::pow(2.5, std::min(steps, 12.0)) *
      std::numeric_limits<T>::epsilon();
  for (int64_t i = 0; i < n; ++i) {
    hold(agrees(got.as<T>()[i], want.as<T>()[i], tolerance, scale), what);
  }
}

std::vector<Owned> outputs(const std::vector<Shape>& shapes, DType dtype,
                           uint32_t present, bool simple, size_t carry) {
  std::vector<Owned> out;
  for (size_t k = 0; k < shapes.size(); ++k) {
    if ((present >> k & 1) == 0 || (simple && k == carry)) {
      out.emplace_back();
    } else {
      out.emplace_back(dtype, shapes[k]);
      out.back().fill_bytes(0x5c);
    }
  }
  return out;
}

template <class T>
void run(const Problem& p) {
  const bool simple = elman::shape_of(p.cell).states == 1;
  const Shape states = {p.B, p.U};
  const Shape y = p.sequences ? Shape{p.B, p.T, p.U} : states;
  const Shape saved = p.in[9].view().shape;
  const uint32_t wanted = p.present >> 16;
  std::vector<Owned> out = outputs({y, states, states, saved}, p.dtype,
                                   wanted | 9, simple, 2);
  std::vector<Owned> twin = outputs({y, states, states}, p.dtype, wanted | 1,
                                    simple, 2);
  Arrays in = views(p.in);
  const Arrays forward_in(in.begin(), in.begin() + 9);
  (*elman::find_kernel("rnn_forward"))(forward_in, views(out), p.attributes);
  elman::Rnn<T> rnn = layer<T>(p);
  rnn.y = twin[0].as<T>();
  rnn.last[0] = twin[1].as<T>(), rnn.last[1] = twin[2].as<T>();
  elman::reference::rnn_forward(rnn);
  const double steps = static_cast<double>(p.T);
  if (is_tame(p)) {
    for (size_t k = 0; k < 3; ++k) {
      hold_near<T>(out[k], twin[k], steps, "the plain twin's outputs");
    }
  }

  in[9] = out[3].view();
  const Shape slopes[] = {p.in[0].view().shape, p.in[1].view().shape,
                          p.in[2].view().shape,
                          {elman::shape_of(p.cell).bias_rows * p.G * p.U},
                          states, states};
  const std::vector<Shape> shapes(slopes, slopes + 6);
  const uint32_t backward = p.present >> 22;
  std::vector<Owned> found = outputs(shapes, p.dtype, backward, simple, 5);
  std::vector<Owned> want = outputs(shapes, p.dtype, backward, simple, 5);
  (*elman::find_kernel("rnn_backward"))(in, views(found), p.attributes);
  elman::RnnGradient<T> gradient;
  gradient.dy = p.in[10].as<T>();
  gradient.dlast[0] = p.in[11].as<T>(), gradient.dlast[1] = p.in[12].as<T>();
  gradient.dx = want[0].as<T>(), gradient.dW = want[1].as<T>();
  gradient.dR = want[2].as<T>(), gradient.db = want[3].as<T>();
  gradient.dfirst[0] = want[4].as<T>(), gradient.dfirst[1] = want[5].as<T>();
  elman::reference::rnn_backward(rnn, gradient);
  if (!is_tame(p)) return;
  for (size_t k = 0; k < 6; ++k) {
    hold_near<T>(found[k], want[k], steps, "the plain twin's gradients");
  }
}

// The same with an array that is one longer or shorter than it should be.
void run_damaged(const Problem& p, Bytes* bytes) {
  Arrays in = views(p.in);
  in.resize(9);
  const size_t k = static_cast<size_t>(bytes->below(9));
  if (in[k].data == nullptr) return;
  const int64_t size = in[k].size() + (bytes->flag() && in[k].size() ? -1 : 1);
  Owned other(in[k].dtype, {size});
  other.draw(bytes, kSmallWhole);
  in[k] = other.view();
  bool refused = false;
  try {
    (*elman::find_kernel("rnn_forward"))(in, {}, p.attributes);
  } catch (const std::invalid_argument&) {
    refused = true;
  }
  hold(refused, "an array of another size is refused");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  const Problem p(&bytes);
  const bool possible = p.known && p.T > 0 && p.U > 0;
  if (possible && bytes.below(8) == 7) {
    run_damaged(p, &bytes);
    return 0;
  }
  try {
    p.dtype == DType::kFloat64 ? run<double>(p) : run<float>(p);
    hold(possible, "a layer without steps, units or activation is refused");
  } catch (const std::invalid_argument&) {
    hold(!possible, "a layer that is whole is computed");
  }
  return 0;
}
