// oneDNN's recurrent primitives in their own layouts. Inference packs the
// weights once, outside of the timing; training packs them in every call, as
// it must after every update.
#include <oneapi/dnnl/dnnl.hpp>

#include <cstddef>
#include <type_traits>
#include <unordered_map>

#include "worker.h"

namespace {

using bench::Floats;
using bench::Inputs;
using dnnl::memory;
using dnnl::prop_kind;
using dnnl::rnn_direction;
using Tag = memory::format_tag;

constexpr auto kDirection = rnn_direction::unidirectional_left2right;
constexpr auto kTanh = dnnl::algorithm::eltwise_tanh;

memory::desc describe(const memory::dims& dims, Tag tag) {
  return {dims, memory::data_type::f32, tag};
}

// The descriptions of one pass: input, first states, weights, bias, output.
struct Arrays {
  memory::desc x, h0, c0, W, R, b, y;
};
const memory::desc kNone;  // the last state is the last step of y

// What differs between the primitives. Without first states (h0 and c0 are
// empty) they start at zero; but the gradient of R is then wrong in oneDNN 2.6.
struct Simple {
  using Forward = dnnl::vanilla_rnn_forward;
  using Backward = dnnl::vanilla_rnn_backward;
  static constexpr int kBiases = 1;
  static constexpr bool kHasMemory = false;

  static Forward::desc forward(prop_kind kind, const Arrays& a) {
    return {kind, kTanh, kDirection, a.x, a.h0, a.W, a.R, a.b, a.y, kNone};
  }
  static Backward::desc backward(const Arrays& a) {
    return {prop_kind::backward, kTanh, kDirection, a.x, a.h0, a.W, a.R,
            a.b, a.y, kNone, a.x, a.h0, a.W, a.R, a.b, a.y, kNone};
  }
};

struct Lstm {
  using Forward = dnnl::lstm_forward;
  using Backward = dnnl::lstm_backward;
  static constexpr int kBiases = 4;
  static constexpr bool kHasMemory = true;

  static Forward::desc forward(prop_kind kind, const Arrays& a) {
    return {kind, kDirection, a.x, a.h0, a.c0, a.W,
            a.R, a.b, a.y, kNone, kNone};
  }
  static Backward::desc backward(const Arrays& a) {
    return {prop_kind::backward, kDirection, a.x, a.h0, a.c0, a.W, a.R, a.b,
            a.y, kNone, kNone, a.x, a.h0, a.c0, a.W, a.R, a.b, a.y,
            kNone, kNone};
  }
};

// "Linear before reset", as Keras has it; its bias has a row for z, for r, for
// x W of the candidate and for h R of it.
struct Gru {
  using Forward = dnnl::lbr_gru_forward;
  using Backward = dnnl::lbr_gru_backward;
  static constexpr int kBiases = 4;
  static constexpr bool kHasMemory = false;

  static Forward::desc forward(prop_kind kind, const Arrays& a) {
    return {kind, kDirection, a.x, a.h0, a.W, a.R, a.b, a.y, kNone};
  }
  static Backward::desc backward(const Arrays& a) {
    return {prop_kind::backward, kDirection, a.x, a.h0, a.W, a.R, a.b, a.y,
            kNone, a.x, a.h0, a.W, a.R, a.b, a.y, kNone};
  }
};

template <class Cell>
class OneDnnRnn {
 public:
  explicit OneDnnRnn(const Inputs& in)
      : in_(in), engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    const memory::dim B = in.B, T = in.T, F = in.F, U = in.U, G = in.G;
    x_ = plain({T, B, F}, Tag::tnc);
    y_ = plain({T, B, U}, Tag::tnc);
    W_ = plain({1, 1, F, G, U}, Tag::ldigo);
    R_ = plain({1, 1, U, G, U}, Tag::ldigo);
    b_ = plain({1, 1, Cell::kBiases, U}, Tag::ldgo);
    h0_ = plain({1, 1, B, U}, Tag::ldnc);
    c0_ = plain({1, 1, B, U}, Tag::ldnc);
    dx_ = memory(x_.get_desc(), engine_);
    dh0_ = memory(h0_.get_desc(), engine_);
    dc0_ = memory(c0_.get_desc(), engine_);
    dy_ = memory(y_.get_desc(), engine_);
    dW_ = memory(W_.get_desc(), engine_);
    dR_ = memory(R_.get_desc(), engine_);
    db_ = memory(b_.get_desc(), engine_);
    fill(&x_, bench::swap_axes(in.x, in.B, in.T, in.F));
    fill(&dy_, bench::swap_axes(in.dy, in.B, in.T, in.U));
    fill(&W_, in.W);
    fill(&R_, in.R);
    fill(&b_, biases(in.b));
    zero(&h0_);
    zero(&c0_);
    prepare_inference();
    prepare_training();
  }

  void forward() {
    inference_.execute(stream_, {{DNNL_ARG_SRC_LAYER, x_},
                                 {DNNL_ARG_WEIGHTS_LAYER, W_inference_},
                                 {DNNL_ARG_WEIGHTS_ITER, R_inference_},
                                 {DNNL_ARG_BIAS, b_},
                                 {DNNL_ARG_DST_LAYER, y_}});
    stream_.wait();
  }

  void backward() {
    pack(W_, &W_training_);
    pack(R_, &R_training_);
    training_.execute(stream_, training_arguments_);
    pack(W_, &W_backward_);
    pack(R_, &R_backward_);
    zero(&dW_packed_);  // the primitive adds to the gradients of the weights
    zero(&dR_packed_);
    zero(&db_);
    backward_.execute(stream_, backward_arguments_);
    pack(dW_packed_, &dW_);
    pack(dR_packed_, &dR_);
    stream_.wait();
  }

  std::vector<Floats> last() {
    const Floats y = values(y_);
    return {{y.end() - static_cast<size_t>(in_.B) * in_.U, y.end()}};
  }

  std::vector<Floats> gradients() {
    return {bench::swap_axes(values(dx_), in_.T, in_.B, in_.F), values(dW_),
            values(dR_), bias_gradients(values(db_))};
  }

 private:
  using Arguments = std::unordered_map<int, memory>;
  using Forward = typename Cell::Forward;
  using Backward = typename Cell::Backward;

  void prepare_inference() {
    const auto primitive = typename Forward::primitive_desc(
        Cell::forward(prop_kind::forward_inference, arrays(false)), engine_);
    W_inference_ = memory(primitive.weights_layer_desc(), engine_);
    R_inference_ = memory(primitive.weights_iter_desc(), engine_);
    pack(W_, &W_inference_);
    pack(R_, &R_inference_);
    stream_.wait();
    inference_ = Forward(primitive);
  }

  void prepare_training() {
    const typename Forward::primitive_desc forward(
        Cell::forward(prop_kind::forward_training, arrays(true)), engine_);
    const typename Backward::primitive_desc backward(
        Cell::backward(arrays(true)), engine_, forward);
    W_training_ = memory(forward.weights_layer_desc(), engine_);
    R_training_ = memory(forward.weights_iter_desc(), engine_);
    workspace_ = memory(forward.workspace_desc(), engine_);
    W_backward_ = memory(backward.weights_layer_desc(), engine_);
    R_backward_ = memory(backward.weights_iter_desc(), engine_);
    dW_packed_ = memory(backward.diff_weights_layer_desc(), engine_);
    dR_packed_ = memory(backward.diff_weights_iter_desc(), engine_);
    training_ = Forward(forward);
    backward_ = Backward(backward);
    Arguments both = {{DNNL_ARG_SRC_LAYER, x_},
                      {DNNL_ARG_SRC_ITER, h0_},
                      {DNNL_ARG_BIAS, b_},
                      {DNNL_ARG_DST_LAYER, y_},
                      {DNNL_ARG_WORKSPACE, workspace_}};
    if (Cell::kHasMemory) both.insert({DNNL_ARG_SRC_ITER_C, c0_});
    training_arguments_ = both;
    training_arguments_.insert({{DNNL_ARG_WEIGHTS_LAYER, W_training_},
                                {DNNL_ARG_WEIGHTS_ITER, R_training_}});
    backward_arguments_ = both;
    backward_arguments_.insert({{DNNL_ARG_WEIGHTS_LAYER, W_backward_},
                                {DNNL_ARG_WEIGHTS_ITER, R_backward_},
                                {DNNL_ARG_DIFF_DST_LAYER, dy_},
                                {DNNL_ARG_DIFF_SRC_LAYER, dx_},
                                {DNNL_ARG_DIFF_SRC_ITER, dh0_},
                                {DNNL_ARG_DIFF_WEIGHTS_LAYER, dW_packed_},
                                {DNNL_ARG_DIFF_WEIGHTS_ITER, dR_packed_},
                                {DNNL_ARG_DIFF_BIAS, db_}});
    if (Cell::kHasMemory) {
      backward_arguments_.insert({DNNL_ARG_DIFF_SRC_ITER_C, dc0_});
    }
  }

  Arrays arrays(bool first_states) const {
    const bool memory_too = first_states && Cell::kHasMemory;
    return {x_.get_desc(), first_states ? h0_.get_desc() : kNone,
            memory_too ? c0_.get_desc() : kNone, any(W_), any(R_),
            b_.get_desc(), y_.get_desc()};
  }

  // Keras's two rows of a gru's bias as oneDNN's four, and back.
  Floats biases(const Floats& b) const {
    if (!std::is_same<Cell, Gru>::value) return b;
    const size_t U = in_.U;
    Floats four(4 * U);
    for (size_t u = 0; u < 2 * U; ++u) four[u] = b[u] + b[3 * U + u];
    for (size_t u = 0; u < U; ++u) {
      four[2 * U + u] = b[2 * U + u];
      four[3 * U + u] = b[5 * U + u];
    }
    return four;
  }

  Floats bias_gradients(const Floats& four) const {
    if (!std::is_same<Cell, Gru>::value) return four;
    const auto at = four.begin();
    const auto U = static_cast<std::ptrdiff_t>(in_.U);
    Floats two(at, at + 3 * U);
    two.insert(two.end(), at, at + 2 * U);
    two.insert(two.end(), at + 3 * U, at + 4 * U);
    return two;
  }

  static memory::desc any(const memory& like) {
    return describe(like.get_desc().dims(), Tag::any);
  }

  memory plain(const memory::dims& dims, Tag tag) const {
    return {describe(dims, tag), engine_};
  }

  void pack(memory from, memory* to) {
    dnnl::reorder(from, *to).execute(stream_, from, *to);
  }

  static void fill(memory* to, const Floats& from) {
    std::copy(from.begin(), from.end(),
              static_cast<float*>(to->get_data_handle()));
  }

  static void zero(memory* to) {
    auto* bytes = static_cast<char*>(to->get_data_handle());
    std::fill(bytes, bytes + to->get_desc().get_size(), 0);
  }

  static Floats values(const memory& from) {
    const auto* data = static_cast<const float*>(from.get_data_handle());
    return {data, data + from.get_desc().get_size() / sizeof(float)};
  }

  Inputs in_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  memory x_, y_, W_, R_, b_, h0_, c0_, dx_, dy_, dW_, dR_, db_, dh0_, dc0_;
  memory W_inference_, R_inference_, W_training_, R_training_, workspace_;
  memory W_backward_, R_backward_, dW_packed_, dR_packed_;
  Arguments training_arguments_, backward_arguments_;
  Forward inference_, training_;
  Backward backward_;
};

template <class Cell>
std::vector<bench::Method> methods_of(const Inputs& in) {
  auto rnn = std::make_shared<OneDnnRnn<Cell>>(in);
  return {{"forward.primitive", [rnn] { rnn->forward(); },
           [rnn] { return rnn->last(); }},
          {"backward.primitive", [rnn] { rnn->backward(); },
           [rnn] { return rnn->gradients(); }}};
}

std::vector<bench::Method> open(const Inputs& in) {
  if (in.cell == "lstm") return methods_of<Lstm>(in);
  if (in.cell == "gru") return methods_of<Gru>(in);
  return methods_of<Simple>(in);
}

std::string versions() {
  const dnnl_version_t* v = dnnl_version();
  std::ostringstream text;
  text << "oneDNN " << v->major << '.' << v->minor << '.' << v->patch;
  return text.str();
}

}  // namespace

int main() {
  return bench::serve(
      {"oneDNN", versions(), "simple lstm gru", open, {}});
}
