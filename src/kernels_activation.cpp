// Activations by name, forward and backward: attribute "name", the parameters
// of single ones, and "axis" for those that act on a row.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <cstdint>
#include <string>
#include <vector>

#include "core/activation_parameters.h"
#include "core/activation_rows.h"
#include "core/activations.h"
#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

Activation read_name(const Attributes& attributes) {
  Activation kind;
  const std::string& name = attributes.text("name");
  if (parse_activation(name.c_str(), &kind)) return kind;
  throw std::invalid_argument("unknown activation \"" + name + "\"");
}

// The rows of y along an axis: n elements, `stride` apart, in each of
// outer x stride places. In z a row is as long, or twice as long for glu.
struct Rows {
  int64_t outer, n, stride, n_z;

  Rows(Activation kind, const Shape& z, const Shape& y,
       const Attributes& attributes) {
    const int axis = checked_axis(attributes.integer("axis", -1), z.rank());
    outer = z.size(0, axis);
    stride = z.size(axis + 1, z.rank());
    n_z = z[axis];
    const bool halves = kind == Activation::kGlu;
    require(!halves || n_z % 2 == 0, "glu needs an axis of even size");
    n = halves ? n_z / 2 : n_z;
    require(y.size() == outer * n * stride, "the output has another size");
  }

  // Calls f(where z begins, where y begins, scratch for n) for every row.
  template <class T, class F>
  void for_each(F f) const {
    const int64_t grain = std::max<int64_t>(1, kGrain / (8 * n_z + 1));
    parallel_for(outer * stride, grain, [&](int64_t begin, int64_t end) {
      std::vector<T> scratch(static_cast<size_t>(n));
      for (int64_t i = begin; i < end; ++i) {
        const int64_t block = i / stride, place = i % stride;
        f(block * n_z * stride + place, block * n * stride + place,
          scratch.data());
      }
    });
  }
};

// in: z. out: y = f(z).
void activation(const Arrays& in, const Arrays& out,
                const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  require_dtype(out[0], in[0].dtype);
  const Activation kind = read_name(attributes);
  visit_floating(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* z = in[0].as<T>();
    T* y = out[0].as<T>();
    if (is_row_activation(kind)) {
      const Rows rows(kind, in[0].shape, out[0].shape, attributes);
      rows.for_each<T>([&](int64_t at_z, int64_t at_y, T* scratch) {
        activate_row(kind, z + at_z, y + at_y, rows.n, rows.stride, scratch);
      });
      return;
    }
    require_same_size(in[0], out[0]);
    const ActivationParameters parameters(kind, attributes);
    if (parameters.are_default) return activate(kind, z, y, out[0].size());
    parallel_for(out[0].size(), kGrain / 4, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        y[i] = activate(kind, parameters, z[i]);
      }
    });
  });
}

// in: dy, z, y. out: dz = dy f'(z).
void activation_gradient(const Arrays& in, const Arrays& out,
                         const Attributes& attributes) {
  require_counts(in, 3, out, 1);
  for (const Array& x : in) require_dtype(x, out[0].dtype);
  require_same_size(in[0], in[2]);
  require_same_size(in[1], out[0]);
  const Activation kind = read_name(attributes);
  visit_floating(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* dy = in[0].as<T>();
    const T* z = in[1].as<T>();
    const T* y = in[2].as<T>();
    T* dz = out[0].as<T>();
    if (is_row_activation(kind)) {
      const Rows rows(kind, in[1].shape, in[2].shape, attributes);
      rows.for_each<T>([&](int64_t at_z, int64_t at_y, T*) {
        activation_gradient_row(kind, dy + at_y, z + at_z, y + at_y, dz + at_z,
                                rows.n, rows.stride);
      });
      return;
    }
    require_same_size(in[0], out[0]);
    const ActivationParameters parameters(kind, attributes);
    if (parameters.are_default) {
      return activation_gradient(kind, dy, z, y, dz, out[0].size());
    }
    parallel_for(out[0].size(), kGrain / 4, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        dz[i] = dy[i] * activation_slope(kind, parameters, z[i], y[i]);
      }
    });
  });
}

}  // namespace

void register_activation(Registry& registry) {
  registry.add({
      {"activation", activation},
      {"activation_gradient", activation_gradient},
  });
}

}  // namespace elman
