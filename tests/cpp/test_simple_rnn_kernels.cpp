// The recurrent layer by its kernel names.
#include "check.h"
#include "core/registry.h"
#include "rnn_cases.h"

using namespace rnn_cases;

namespace {

elman::Array view(std::vector<float>& values) {
  elman::Array array;
  array.data = values.data();
  array.shape = elman::Shape{static_cast<int64_t>(values.size())};
  return array;
}

}  // namespace

TEST("the kernels compute what the core computes") {
  Case<float> direct(3, 4, 2, 5, Activation::kTanh,
                     kBias | kState | kSequences | kBackwards);
  Case<float> named = direct;
  direct.loss();
  elman::simple_rnn_backward(direct.rnn, direct.gradient);

  elman::Attributes attributes;
  attributes.set("activation", "tanh");
  attributes.set("go_backwards", 1.0);
  attributes.set("return_sequences", 1.0);
  elman::Arrays in = {view(named.x), view(named.W), view(named.R),
                      view(named.b), view(named.h0), {}, {}, {}};
  in[0].shape = elman::Shape{3, 4, 2};
  in[1].shape = elman::Shape{2, 5};
  const auto* forward = elman::find_kernel("simple_rnn_forward");
  const auto* backward = elman::find_kernel("simple_rnn_backward");
  CHECK(forward && backward);
  (*forward)(in, {view(named.y), view(named.h_last), view(named.saved)},
             attributes);
  CHECK(named.y == direct.y && named.h_last == direct.h_last);
  elman::Arrays more = in;
  more.insert(more.end(),
              {view(named.saved), view(named.dy), view(named.dh_last)});
  (*backward)(more, {view(named.dx), view(named.dW), {}, view(named.db)},
              attributes);
  CHECK(named.dx == direct.dx && named.dW == direct.dW);
  CHECK(named.db == direct.db);

  in[1].shape = elman::Shape{3, 5};
  CHECK_THROWS((*forward)(in, {view(named.y)}, attributes),
               std::invalid_argument);
  CHECK_THROWS((*backward)(in, {view(named.dx)}, attributes),
               std::invalid_argument);
}
