// Vectorised activations and functions on any bits: the plain definition in
// double, infinities and NaN where it has them, alone or beside any neighbours.
#include "core/activations.h"
#include "core/registry.h"
#include "drawing.h"
#include "names.h"

using namespace drawing;

namespace {

using elman::Activation;
using elman::Attributes;

std::vector<Activation> by_element() {
  std::vector<Activation> out;
  for (const char* word : words()) {
    Activation a;
    if (elman::parse_activation(word, &a) && !elman::is_row_activation(a)) {
      out.push_back(a);
    }
  }
  return out;
}

template <class T>
void hold_activation(Activation a, T z, T y) {
  const double exact = elman::activate(a, static_cast<double>(z));
  const std::string claim = "activation " + std::to_string(int(a)) + " of " +
                            std::to_string(double(z)) + " is not " +
                            std::to_string(double(y));
  hold(std::isnan(exact) == std::isnan(y), claim);
  if (std::isnan(exact)) return;
  // Its square has no room in the type, in Keras neither.
  if (a == Activation::kSquareplus && z > 0 && std::isinf(z * z)) {
    hold(y == std::numeric_limits<T>::infinity(), claim);
    return;
  }
  const T nearest = static_cast<T>(exact);
  if (std::isinf(nearest) || std::isinf(y)) {
    // At the edge of the range a rounding decides.
    const double edge = std::numeric_limits<T>::max() * (1 - 1e-4);
    hold(y == nearest || (std::abs(exact) > edge && std::abs(y) > edge), claim);
    return;
  }
  // What is subtracted from a number near it loses its last places.
  const double unit = std::numeric_limits<T>::epsilon();
  const double lost = a == Activation::kTanhShrink ? std::abs(double(z)) : 0;
  hold(std::abs(y - exact) <= 16 * unit * (std::abs(exact) + lost) +
                                  8 * std::numeric_limits<T>::min() +
                                  (std::abs(exact) < 1 ? 4 * unit : 0),
       claim);
}

template <class T>
void run_activation(Bytes* bytes, DType dtype) {
  static const std::vector<Activation> all = by_element();
  const Activation a = bytes->one_of(all);
  const int64_t n = bytes->below(8) == 7 ? 200 + bytes->below(200)
                                         : draw_size(bytes);
  const Numbers how = bytes->flag() ? kAnyBits : kSpecial;
  Owned z(dtype, {n}), y(dtype, {n}), alone(dtype, {1});
  z.draw(bytes, how);
  y.fill_bytes(0x5c);
  elman::activate(a, z.as<T>(), y.as<T>(), n);
  for (int64_t i = 0; i < n; ++i) hold_activation(a, z.as<T>()[i], y.as<T>()[i]);
  for (int64_t i = 0; i < std::min<int64_t>(n, 20); ++i) {
    elman::activate(a, z.as<T>() + i, alone.as<T>(), 1);
    hold(std::memcmp(alone.as<T>(), y.as<T>() + i, sizeof(T)) == 0 ||
             std::isnan(*alone.as<T>()),
         "a number alone is what it is beside others");
  }
  Owned dy(dtype, {n}), dz(dtype, {n});
  dy.draw(bytes, how);
  elman::activation_gradient(a, dy.as<T>(), z.as<T>(), y.as<T>(), dz.as<T>(), n);
  // In place, as layers do it.
  elman::activate(a, z.as<T>(), z.as<T>(), n);
  for (int64_t i = 0; i < n; ++i) {
    hold(std::memcmp(z.as<T>() + i, y.as<T>() + i, sizeof(T)) == 0 ||
             std::isnan(y.as<T>()[i]),
         "in place is the same");
  }
}

// Rows, and activations with parameters, through their kernel.
template <class T>
void run_rows(Bytes* bytes, DType dtype) {
  Attributes attributes;
  const std::string name = bytes->one_of(words());
  attributes.set("name", name);
  const Shape shape = {draw_size(bytes), draw_size(bytes), 1 + bytes->below(4)};
  const int64_t axis = bytes->below(4);
  attributes.set("axis", static_cast<double>(axis));
  for (const char* parameter :
       {"negative_slope", "threshold", "max_value", "alpha", "b"}) {
    if (bytes->flag()) attributes.set(parameter, bytes->below(9) / 4.0 - 0.5);
  }
  Shape half = shape;
  if (axis < 3 && name == "glu") half[static_cast<int>(axis)] /= 2;
  Owned z(dtype, shape), y(dtype, half), dy(dtype, half), dz(dtype, shape);
  z.draw(bytes, kUniform), dy.draw(bytes, kUniform);
  try {
    (*elman::find_kernel("activation"))({z.view()}, {y.view()}, attributes);
  } catch (const std::invalid_argument&) {
    return;
  }
  (*elman::find_kernel("activation_gradient"))(
      {dy.view(), z.view(), y.view()}, {dz.view()}, attributes);
  // Rows of probabilities. Those of sparsemax need not sum to 1, as Keras's do
  // not (core/activation_rows.h).
  if (name != "softmax") return;
  const int at = static_cast<int>(axis);
  const int64_t inner = shape.size(at + 1, 3), n = shape[at];
  for (int64_t i = 0; n > 0 && i < shape.size() / n; ++i) {
    double sum = 0;
    for (int64_t k = 0; k < n; ++k) {
      const double p = y.as<T>()[(i / inner * n + k) * inner + i % inner];
      hold(p >= 0 && p <= 1.00001, "a probability is from 0 to 1");
      sum += p;
    }
    hold(std::abs(sum - 1) < 1e-4, "probabilities sum to 1");
  }
}

// Functions that the core vectorises itself or takes from the library.
template <class T>
void run_function(Bytes* bytes, DType dtype) {
  struct Function {
    const char* name;
    double (*exact)(double);
  };
  static const std::vector<Function> all = {
      {"exp", std::exp},     {"tanh", std::tanh},   {"log", std::log},
      {"log1p", std::log1p}, {"expm1", std::expm1}, {"sqrt", std::sqrt},
      {"erf", std::erf},     {"cbrt", std::cbrt},   {"floor", std::floor},
      {"ceil", std::ceil},   {"trunc", std::trunc}, {"atan", std::atan}};
  const Function& f = bytes->one_of(all);
  Owned x(dtype, {draw_size(bytes)}), y(dtype, x.view().shape);
  x.draw(bytes, bytes->flag() ? kAnyBits : kSpecial);
  (*elman::find_kernel(f.name))({x.view()}, {y.view()}, Attributes());
  for (int64_t i = 0; i < x.view().size(); ++i) {
    const double exact = f.exact(static_cast<double>(x.as<T>()[i]));
    const T got = y.as<T>()[i];
    const std::string claim = std::string(f.name) + " of " +
                              std::to_string(double(x.as<T>()[i])) +
                              " is not " + std::to_string(double(got));
    hold(std::isnan(exact) == std::isnan(got), claim);
    if (std::isnan(exact) || static_cast<T>(exact) == got) continue;
    const double edge = std::numeric_limits<T>::max() * (1 - 1e-4);
    if (std::abs(exact) > edge && std::abs(double(got)) > edge) continue;
    hold(std::abs(got - exact) <=
             16 * std::numeric_limits<T>::epsilon() * std::abs(exact) +
                 8 * std::numeric_limits<T>::min(),
         claim);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  draw_machine(&bytes);
  const bool in_double = bytes.flag();
  const DType dtype = in_double ? DType::kFloat64 : DType::kFloat32;
  switch (bytes.below(3)) {
    case 0:
      in_double ? run_activation<double>(&bytes, dtype)
                : run_activation<float>(&bytes, dtype);
      break;
    case 1:
      in_double ? run_rows<double>(&bytes, dtype)
                : run_rows<float>(&bytes, dtype);
      break;
    default:
      in_double ? run_function<double>(&bytes, dtype)
                : run_function<float>(&bytes, dtype);
  }
  return 0;
}
