// oneDNN's vanilla RNN primitive in its own layouts. Inference packs the
// weights once, outside of the timing; training packs them in every call, as
// it must after every update.
#include <oneapi/dnnl/dnnl.hpp>

#include "worker.h"

namespace {

using bench::Floats;
using bench::Inputs;
using dnnl::memory;
using dnnl::prop_kind;
using dnnl::rnn_direction;
using dnnl::vanilla_rnn_backward;
using dnnl::vanilla_rnn_forward;
using Tag = memory::format_tag;

constexpr auto kDirection = rnn_direction::unidirectional_left2right;
constexpr auto kTanh = dnnl::algorithm::eltwise_tanh;

memory::desc describe(const memory::dims& dims, Tag tag) {
  return {dims, memory::data_type::f32, tag};
}

class OneDnnRnn {
 public:
  explicit OneDnnRnn(const Inputs& in)
      : in_(in), engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    const memory::dim B = in.B, T = in.T, F = in.F, U = in.U;
    x_ = plain({T, B, F}, Tag::tnc);
    y_ = plain({T, B, U}, Tag::tnc);
    W_ = plain({1, 1, F, 1, U}, Tag::ldigo);
    R_ = plain({1, 1, U, 1, U}, Tag::ldigo);
    b_ = plain({1, 1, 1, U}, Tag::ldgo);
    h0_ = plain({1, 1, B, U}, Tag::ldnc);
    dx_ = memory(x_.get_desc(), engine_);
    dh0_ = memory(h0_.get_desc(), engine_);
    dy_ = memory(y_.get_desc(), engine_);
    dW_ = memory(W_.get_desc(), engine_);
    dR_ = memory(R_.get_desc(), engine_);
    db_ = memory(b_.get_desc(), engine_);
    fill(&x_, bench::swap_axes(in.x, in.B, in.T, in.F));
    fill(&dy_, bench::swap_axes(in.dy, in.B, in.T, in.U));
    fill(&W_, in.W);
    fill(&R_, in.R);
    fill(&b_, in.b);
    zero(&h0_);
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
    training_.execute(stream_, {{DNNL_ARG_SRC_LAYER, x_},
                                {DNNL_ARG_SRC_ITER, h0_},
                                {DNNL_ARG_WEIGHTS_LAYER, W_training_},
                                {DNNL_ARG_WEIGHTS_ITER, R_training_},
                                {DNNL_ARG_BIAS, b_},
                                {DNNL_ARG_DST_LAYER, y_},
                                {DNNL_ARG_WORKSPACE, workspace_}});
    pack(W_, &W_backward_);
    pack(R_, &R_backward_);
    zero(&dW_packed_);  // the primitive adds to the gradients of the weights
    zero(&dR_packed_);
    zero(&db_);
    backward_.execute(stream_, {{DNNL_ARG_SRC_LAYER, x_},
                                {DNNL_ARG_SRC_ITER, h0_},
                                {DNNL_ARG_WEIGHTS_LAYER, W_backward_},
                                {DNNL_ARG_WEIGHTS_ITER, R_backward_},
                                {DNNL_ARG_BIAS, b_},
                                {DNNL_ARG_DST_LAYER, y_},
                                {DNNL_ARG_WORKSPACE, workspace_},
                                {DNNL_ARG_DIFF_DST_LAYER, dy_},
                                {DNNL_ARG_DIFF_SRC_LAYER, dx_},
                                {DNNL_ARG_DIFF_SRC_ITER, dh0_},
                                {DNNL_ARG_DIFF_WEIGHTS_LAYER, dW_packed_},
                                {DNNL_ARG_DIFF_WEIGHTS_ITER, dR_packed_},
                                {DNNL_ARG_DIFF_BIAS, db_}});
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
            values(dR_), values(db_)};
  }

 private:
  void prepare_inference() {
    const auto primitive = vanilla_rnn_forward::primitive_desc(
        forward_desc(prop_kind::forward_inference, {}), engine_);
    W_inference_ = memory(primitive.weights_layer_desc(), engine_);
    R_inference_ = memory(primitive.weights_iter_desc(), engine_);
    pack(W_, &W_inference_);
    pack(R_, &R_inference_);
    stream_.wait();
    inference_ = vanilla_rnn_forward(primitive);
  }

  void prepare_training() {
    const vanilla_rnn_forward::primitive_desc forward(
        forward_desc(prop_kind::forward_training, h0_.get_desc()), engine_);
    const memory::desc none;
    const vanilla_rnn_backward::primitive_desc backward(
        {prop_kind::backward, kTanh, kDirection, x_.get_desc(), h0_.get_desc(),
         any(W_), any(R_), b_.get_desc(), y_.get_desc(), none, x_.get_desc(),
         h0_.get_desc(), any(W_), any(R_), b_.get_desc(), y_.get_desc(), none},
        engine_, forward);
    W_training_ = memory(forward.weights_layer_desc(), engine_);
    R_training_ = memory(forward.weights_iter_desc(), engine_);
    workspace_ = memory(forward.workspace_desc(), engine_);
    W_backward_ = memory(backward.weights_layer_desc(), engine_);
    R_backward_ = memory(backward.weights_iter_desc(), engine_);
    dW_packed_ = memory(backward.diff_weights_layer_desc(), engine_);
    dR_packed_ = memory(backward.diff_weights_iter_desc(), engine_);
    training_ = vanilla_rnn_forward(forward);
    backward_ = vanilla_rnn_backward(backward);
  }

  // Without an initial state (an empty description) the states start at
  // zero; but the gradient of R is then wrong in oneDNN 2.6.
  vanilla_rnn_forward::desc forward_desc(prop_kind kind,
                                         const memory::desc& h0) const {
    const memory::desc none;  // the last state is the last step of y
    return {kind,    kTanh,   kDirection,    x_.get_desc(), h0,
            any(W_), any(R_), b_.get_desc(), y_.get_desc(), none};
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
  memory x_, y_, W_, R_, b_, h0_, dx_, dy_, dW_, dR_, db_, dh0_;
  memory W_inference_, R_inference_, W_training_, R_training_, workspace_;
  memory W_backward_, R_backward_, dW_packed_, dR_packed_;
  vanilla_rnn_forward inference_, training_;
  vanilla_rnn_backward backward_;
};

std::vector<bench::Method> open(const Inputs& in) {
  auto rnn = std::make_shared<OneDnnRnn>(in);
  return {{"forward.primitive", [rnn] { rnn->forward(); },
           [rnn] { return rnn->last(); }},
          {"backward.primitive", [rnn] { rnn->backward(); },
           [rnn] { return rnn->gradients(); }}};
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
      {"oneDNN", versions(), "forward.primitive backward.primitive", open, {}});
}
