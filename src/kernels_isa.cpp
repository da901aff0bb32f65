// Finds out which vector instructions the processor has (core/isa.h).
#include "core/isa.h"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

namespace elman {
namespace {

struct Named {
  Isa isa;
  const char* name;
};

#if defined(__x86_64__)
constexpr Named kIsas[] = {{Isa::kBaseline, "sse2"},
                           {Isa::kAvx2, "avx2"},
                           {Isa::kAvx512, "avx512"}};
#elif defined(__aarch64__)
constexpr Named kIsas[] = {{Isa::kBaseline, "neon"}};
#else
constexpr Named kIsas[] = {{Isa::kBaseline, "generic"}};
#endif

bool is_supported(Isa isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // GCC keeps 32-byte vectors at 16-byte aligned stack addresses on Windows.
#if !defined(_WIN32) || defined(__clang__)
  const bool avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == Isa::kAvx2) return avx2;
  if (isa == Isa::kAvx512) {
    return avx2 && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw");
  }
#endif
#endif
  return isa == Isa::kBaseline;
}

// -1: not chosen yet.
std::atomic<int> chosen{-1};

bool choose(const std::string& name) {
  for (const Named& candidate : kIsas) {
    if (name != candidate.name || !is_supported(candidate.isa)) continue;
    chosen.store(static_cast<int>(candidate.isa));
    return true;
  }
  return false;
}

void choose_initial() {
  const char* wish = std::getenv("ELMAN_ISA");
  if (wish && choose(wish)) return;
  choose(supported_isas().back());
}

}  // namespace

std::vector<std::string> supported_isas() {
  std::vector<std::string> names;
  for (const Named& candidate : kIsas) {
    if (is_supported(candidate.isa)) names.push_back(candidate.name);
  }
  return names;
}

Isa current_isa() {
  if (chosen.load(std::memory_order_relaxed) < 0) choose_initial();
  return static_cast<Isa>(chosen.load(std::memory_order_relaxed));
}

const char* isa_name() {
  const Isa isa = current_isa();
  for (const Named& candidate : kIsas) {
    if (candidate.isa == isa) return candidate.name;
  }
  return "generic";
}

void set_isa(const std::string& name) {
  if (!choose(name)) {
    throw std::invalid_argument(
        "\"" + name + "\" is not an instruction set of this processor");
  }
}

}  // namespace elman
