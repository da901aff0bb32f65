// The recurrent layer by its kernel names.
#include "check.h"
#include "core/registry.h"
#include "rnn_cases.h"

using namespace rnn_cases;

namespace {

elman::Array view(std::vector<float>& values) {
  elman::Array array;
  array.data = values.empty() ? nullptr : values.data();
  array.shape = elman::Shape{static_cast<int64_t>(values.size())};
  return array;
}

}  // namespace

TEST("the kernels compute what the core computes") {
  const char* names[] = {"simple", "lstm", "gru", "gru_reset_before"};
  for (Cell cell : kCells) {
    Case<float> direct(cell, 3, 4, 2, 5, Activation::kTanh,
                       kBias | kState | kSequences | kBackwards | kDrop |
                           kDropByGate);
    Case<float> named = direct;
    direct.loss();
    elman::rnn_backward(direct.rnn, direct.gradient);

    elman::Attributes attributes;
    attributes.set("cell", names[int(cell)]);
    attributes.set("activation", "tanh");
    attributes.set("go_backwards", 1.0);
    attributes.set("return_sequences", 1.0);
    elman::Arrays in = {view(named.x), view(named.W), view(named.R),
                        view(named.b), view(named.h0), view(named.c0),
                        {}, view(named.x_drop), view(named.h_drop)};
    const int64_t G = elman::shape_of(cell).gates;
    in[0].shape = elman::Shape{3, 4, 2};
    in[2].shape = elman::Shape{5, 5 * G};
    in[7].shape = elman::Shape{G, 3, 2};
    in[8].shape = elman::Shape{G, 3, 5};
    const auto* forward = elman::find_kernel("rnn_forward");
    const auto* backward = elman::find_kernel("rnn_backward");
    CHECK(forward && backward);
    (*forward)(in, {view(named.y), view(named.h_last), view(named.c_last),
                    view(named.saved)}, attributes);
    CHECK(named.y == direct.y && named.h_last == direct.h_last);
    CHECK(named.c_last == direct.c_last);
    elman::Arrays more = in;
    more.insert(more.end(), {view(named.saved), view(named.dy),
                             view(named.dh_last), view(named.dc_last)});
    (*backward)(more, {view(named.dx), view(named.dW), {}, view(named.db), {},
                       view(named.dc0)}, attributes);
    CHECK(named.dx == direct.dx && named.dW == direct.dW);
    CHECK(named.db == direct.db && named.dc0 == direct.dc0);

    in[2].shape = elman::Shape{4, 5 * G};
    CHECK_THROWS((*forward)(in, {view(named.y)}, attributes),
                 std::invalid_argument);
    CHECK_THROWS((*backward)(in, {view(named.dx)}, attributes),
                 std::invalid_argument);
  }
}

TEST("a second state is refused where the cell has one") {
  Case<float> problem(Cell::kSimple, 1, 1, 1, 1, Activation::kTanh, kState);
  const elman::Array h = view(problem.h0);
  elman::Arrays in = {view(problem.x), view(problem.W), view(problem.R), {}, h};
  in[0].shape = elman::Shape{1, 1, 1};
  in[2].shape = elman::Shape{1, 1};
  const auto* forward = elman::find_kernel("rnn_forward");
  const auto* backward = elman::find_kernel("rnn_backward");
  (*forward)(in, {h, h, {}, view(problem.saved)}, {});
  CHECK_THROWS((*forward)(in, {h, h, h}, {}), std::invalid_argument);
  elman::Arrays more = in;
  more.insert(more.end(), {{}, {}, {}, {}, view(problem.saved), h, {}, {}});
  (*backward)(more, {{}, {}, {}, {}, h, {}}, {});
  CHECK_THROWS((*backward)(more, {{}, {}, {}, {}, h, h}, {}),
               std::invalid_argument);
  more[12] = h;
  CHECK_THROWS((*backward)(more, {{}, {}, {}, {}, h, {}}, {}),
               std::invalid_argument);
  in.push_back(h);
  CHECK_THROWS((*forward)(in, {h}, {}), std::invalid_argument);
}

TEST("an unknown cell is refused") {
  Case<float> problem(Cell::kSimple, 1, 1, 1, 1, Activation::kTanh, 0);
  elman::Attributes attributes;
  attributes.set("cell", "elman");
  elman::Arrays in = {view(problem.x), view(problem.W), view(problem.R)};
  in[0].shape = elman::Shape{1, 1, 1};
  in[2].shape = elman::Shape{1, 1};
  CHECK_THROWS((*elman::find_kernel("rnn_forward"))(in, {}, attributes),
               std::invalid_argument);
}
