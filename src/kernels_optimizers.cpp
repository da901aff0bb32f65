// Optimizer steps: one call updates all variables in place. in: gradients, an
// absent one leaving its variable alone. out: the variables, then the slots
// group by group (the first slot of every variable, the second, ...).
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include "core/dispatch.h"
#include "core/optimizers.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

constexpr int kMaxSlots = 8;

template <template <class> class Rule, class T>
void step(const Arrays& in, const Arrays& out, const Attributes& attributes) {
  const Rule<T> rule(attributes);
  const size_t n = in.size();
  const size_t slots = static_cast<size_t>(Rule<T>::slots(attributes));
  require(slots <= kMaxSlots && out.size() == n * (1 + slots),
          "an optimizer needs every variable and its slots");
  for (size_t k = 0; k < n; ++k) {
    if (in[k].data == nullptr) continue;
    T* whole[kMaxSlots];
    require_dtype(in[k], out[k].dtype);
    require_same_size(in[k], out[k]);
    for (size_t s = 0; s < slots; ++s) {
      const Array& slot = out[(s + 1) * n + k];
      require_dtype(slot, out[k].dtype);
      require_same_size(slot, out[k]);
      whole[s] = slot.as<T>();
    }
    parallel_for(out[k].size(), kGrain / 2, [&](int64_t begin, int64_t end) {
      T* slot[kMaxSlots];
      for (size_t s = 0; s < slots; ++s) slot[s] = whole[s] + begin;
      rule.update(in[k].as<T>() + begin, out[k].as<T>() + begin, slot,
                  end - begin);
    });
  }
}

// All variables have one dtype.
template <template <class> class Rule>
void optimizer(const Arrays& in, const Arrays& out,
               const Attributes& attributes) {
  if (in.empty()) return;
  require(!out.empty(), "an optimizer needs every variable and its slots");
  for (const Array& target : out) require_dtype(target, out[0].dtype);
  visit_floating(out[0].dtype, [&](auto type) {
    step<Rule, decltype(type)>(in, out, attributes);
  });
}

}  // namespace

void register_optimizers(Registry& registry) {
  registry.add({
      {"optimizer_sgd", optimizer<Sgd>},
      {"optimizer_rmsprop", optimizer<RmsProp>},
      {"optimizer_adam", optimizer<Adam>},
  });
}

}  // namespace elman
