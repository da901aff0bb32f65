// What all optimizers share: scaled, clipped, gathered and absent gradients,
// decay, averages, steps that are left out.
#include <limits>

#include "optimizer_cases.h"

using namespace cases;

namespace {

// One variable of two numbers under plain gradient descent with rate 1.
struct Descent {
  int32_t calls = 0;
  Tensor<float> w = Tensor<float>({2}, 1.0f), extra = Tensor<float>({2});

  void step(float g0, float g1, Settings settings, bool with_extra = false) {
    Tensor<float> g({2}, {g0, g1});
    settings.push_back({"learning_rate", 1});
    settings.push_back({"momentum", 0});
    Arrays out = {counter(&calls), w.view()};
    if (with_extra) out.push_back(extra.view());
    call("optimizer_sgd", {g.view()}, out, make(settings));
  }
  bool is(float a, float b) { return near(w[0], a) && near(w[1], b); }
};

}  // namespace

TEST("gradients are unscaled, then clipped, and weights decay before") {
  Descent plain;
  plain.step(8, -16, {{"loss_scale_factor", 8}, {"clipvalue", 1.5}});
  CHECK(plain.is(0, 2.5));
  Descent one;
  one.step(3, 4, {{"clipnorm", 1}});
  CHECK(one.is(1 - 0.6f, 1 - 0.8f));
  Descent all;
  all.step(3, 4, {{"global_clipnorm", 10}});
  CHECK(all.is(-2, -3));
  Descent infinite;
  infinite.step(std::numeric_limits<float>::infinity(), 1,
                {{"global_clipnorm", 1}});
  CHECK(infinite.w[1] != infinite.w[1]);
  Descent decayed;
  decayed.step(1, 1, {{"weight_decay", 0.25}});
  CHECK(decayed.is(-0.25, -0.25));
  Descent excluded;
  excluded.step(1, 1, {{"weight_decay", 0.25}, {"decayed", 0}});
  CHECK(excluded.is(0, 0));
}

TEST("gathered gradients update with their mean and begin anew") {
  Descent descent;
  const Settings settings = {{"gradient_accumulation_steps", 2}};
  descent.step(1, 2, settings, true);
  CHECK(descent.is(1, 1) && descent.extra[1] == 2);
  descent.step(3, 6, settings, true);
  CHECK(descent.is(-1, -3) && descent.extra[1] == 0 && descent.calls == 2);
}

TEST("averages begin as the weights and take their place every so often") {
  Descent descent;
  const Settings settings = {
      {"use_ema", 1}, {"ema_momentum", 0.5}, {"ema_overwrite_frequency", 2}};
  descent.step(1, 1, settings, true);
  CHECK(descent.is(0, 0) && descent.extra[0] == 0);
  descent.step(1, 1, settings, true);
  CHECK(descent.is(-0.5, -0.5) && descent.extra[0] == -0.5);
}

TEST("steps that are not finite are left out and halve the loss's scale") {
  int32_t calls = 0, steps = 0;
  float scale = 8;
  Tensor<float> w({1}, 1.0f), finite({1}, 8.0f);
  Tensor<float> infinite({1}, std::numeric_limits<float>::infinity());
  const Arrays out = {counter(&calls), counter(&steps),
                      Array{&scale, DType::kFloat32, Shape()}, w.view()};
  const Attributes attributes =
      make({{"learning_rate", 1}, {"momentum", 0}, {"dynamic_growth_steps", 2}});
  call("optimizer_sgd", {finite.view()}, out, attributes);
  CHECK(w[0] == 0 && calls == 1 && steps == 1 && scale == 8);
  call("optimizer_sgd", {infinite.view()}, out, attributes);
  CHECK(w[0] == 0 && calls == 1 && steps == 0 && scale == 4);
  call("optimizer_sgd", {finite.view()}, out, attributes);
  call("optimizer_sgd", {finite.view()}, out, attributes);
  CHECK(w[0] == -4 && calls == 3 && steps == 0 && scale == 8);
}

TEST("variables of both floating types share a norm") {
  int32_t calls = 0;
  Tensor<float> w0({1}), g0({1}, 3.0f);
  Tensor<double> w1({1}), g1({1}, 4.0);
  call("optimizer_sgd", {g0.view(), g1.view()},
       {counter(&calls), w0.view(), w1.view()},
       make({{"learning_rate", 1}, {"momentum", 0}, {"global_clipnorm", 1}}));
  CHECK(near(w0[0], -0.6f) && near(w1[0], -0.8));
}

TEST("any number of threads gives the same bits") {
  const int threads = elman::num_threads();
  const Shape shape = {301, 307};
  const std::pair<const char*, Settings> rules[] = {
      {"optimizer_adam", kAdam},
      {"optimizer_lamb", kAdam},
      {"optimizer_adafactor",
       {{"learning_rate", 0.1},
        {"beta_2_decay", -0.8},
        {"epsilon_1", 1e-30},
        {"epsilon_2", 1e-3},
        {"clip_threshold", 1}}}};
  for (const auto& rule : rules) {
    Settings settings = rule.second;
    settings.push_back({"global_clipnorm", 0.5});
    settings.push_back({"weight_decay", 0.1});
    std::vector<float> first;
    for (int n : {1, 2, 5}) {
      elman::set_num_threads(n);
      Model<float> model;
      model.variables = {numbers<float>(shape, 1)};
      if (settings[1].second < 0) {
        model.rest = {Tensor<float>({301}), Tensor<float>({307})};
      } else {
        model.rest = {Tensor<float>(shape)};
      }
      model.rest.push_back(Tensor<float>(shape));
      std::vector<Tensor<float>> g = {numbers<float>(shape, 2)};
      model.step(rule.first, g, make(settings));
      if (first.empty()) first = model.variables[0].values;
      CHECK(first == model.variables[0].values);
    }
  }
  elman::set_num_threads(threads);
}

TEST("a variable without a gradient stays") {
  int32_t calls = 0;
  Tensor<float> w0({2}, 1.0f), w1({3}, 1.0f), g({3}, 2.0f);
  call("optimizer_sgd", {Array(), g.view()},
       {counter(&calls), w0.view(), w1.view()},
       make({{"learning_rate", 0.5}, {"momentum", 0}}));
  CHECK(w0[0] == 1.0f && w1[2] == 0.0f);
}

TEST("what does not fit is refused before anything changes") {
  int32_t calls = 0;
  Tensor<float> w({2}, 1.0f), g({2}, 1.0f), other({3});
  const Attributes sgd = make({{"learning_rate", 1}, {"momentum", 0}});
  const Array count = counter(&calls);
  CHECK_THROWS(call("optimizer_adam", {g.view()}, {count, w.view()},
                    make(kAdam)),
               std::invalid_argument);
  CHECK_THROWS(call("optimizer_sgd", {g.view(), other.view()},
                    {count, w.view(), w.view()}, sgd),
               std::invalid_argument);
  CHECK_THROWS(call("optimizer_sgd", {g.view()}, {w.view(), w.view()}, sgd),
               std::invalid_argument);
  // What is absent has the shape of a number, and so may a variable.
  Tensor<float> number(Shape{}, 1.0f), slope(Shape{}, 1.0f);
  CHECK_THROWS(call("optimizer_adam", {slope.view()},
                    {count, number.view(), Array(), Array()}, make(kAdam)),
               std::invalid_argument);
  CHECK_THROWS(call("optimizer_sgd", {slope.view()}, {count, Array()}, sgd),
               std::invalid_argument);
  CHECK_THROWS(call("optimizer_sgd", {slope.view()}, {Array(), number.view()},
                    sgd),
               std::invalid_argument);
  CHECK(number[0] == 1.0f);
  CHECK(w[0] == 1.0f && calls == 0);
}
