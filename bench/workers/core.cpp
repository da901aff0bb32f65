// elman's own core, called from C++ on arrays in its batch-major layout. The
// weights are packed in every call.
#include "core/isa.h"
#include "core/rnn.h"
#include "worker.h"

namespace {

using bench::Floats;
using bench::Inputs;

class CoreRnn {
 public:
  explicit CoreRnn(const Inputs& in)
      : in_(in),
        y_(static_cast<size_t>(in.B) * in.U),
        dx_(in.x.size()),
        dW_(in.W.size()),
        dR_(in.R.size()),
        db_(in.b.size()) {
    elman::parse_cell(in.cell.c_str(), &rnn_.cell);
    rnn_.B = in.B;
    rnn_.T_ = in.T;
    rnn_.F = in.F;
    rnn_.U = in.U;
    rnn_.x = in_.x.data();
    rnn_.W = in_.W.data();
    rnn_.R = in_.R.data();
    rnn_.b = in_.b.data();
    rnn_.y = y_.data();
    training_ = rnn_;
    training_.y = nullptr;  // the sequence of states is in what is saved
    training_.return_sequences = true;
    saved_.resize(static_cast<size_t>(elman::rnn_saved_size(rnn_)));
    training_.saved = saved_.data();
  }

  void forward() { elman::rnn_forward(rnn_); }

  void backward() {
    elman::rnn_forward(training_);
    elman::RnnGradient<float> gradient;
    gradient.dy = in_.dy.data();
    gradient.dx = dx_.data();
    gradient.dW = dW_.data();
    gradient.dR = dR_.data();
    gradient.db = db_.data();
    elman::rnn_backward(training_, gradient);
  }

  std::vector<Floats> last() const { return {y_}; }
  std::vector<Floats> gradients() const { return {dx_, dW_, dR_, db_}; }

 private:
  Inputs in_;
  Floats y_, dx_, dW_, dR_, db_, saved_;
  elman::Rnn<float> rnn_, training_;
};

std::vector<bench::Method> open(const Inputs& in) {
  auto rnn = std::make_shared<CoreRnn>(in);
  return {
      {"forward.c++", [rnn] { rnn->forward(); }, [rnn] { return rnn->last(); }},
      {"backward.c++", [rnn] { rnn->backward(); },
       [rnn] { return rnn->gradients(); }}};
}

}  // namespace

int main() {
  const std::string isa = elman::isa_name();
  return bench::serve({"elman core",
                       "g++ " __VERSION__ ", " + isa,
                       "simple lstm gru",
                       open,
                       {}});
}
