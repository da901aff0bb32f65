// What data are asked before a training: how many of their numbers are finite.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <atomic>
#include <cmath>

#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

// in: x of any float type; out: one float64. Nothing but the count is written.
void count_not_finite(const Arrays& in, const Arrays& out, const Attributes&) {
  require_counts(in, 1, out, 1);
  require_dtype(out[0], DType::kFloat64);
  require(out[0].size() == 1, "the count is one number");
  std::atomic<int64_t> total(0);
  visit_floating(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* x = in[0].as<T>();
    parallel_for(in[0].size(), kGrain, [&](int64_t begin, int64_t end) {
      int64_t bad = 0;
      for (int64_t i = begin; i < end; ++i) bad += !std::isfinite(x[i]);
      if (bad > 0) total += bad;
    });
  });
  *out[0].as<double>() = static_cast<double>(total);
}

}  // namespace

void register_data(Registry& registry) {
  registry.add({{"count_not_finite", count_not_finite}});
}

}  // namespace elman
