// The list of all kernels: one line for each src/kernels_*.cpp.
#include "core/registry.h"

namespace elman {

void register_simple_rnn(Registry& registry);

namespace {

const Registry& all_kernels() {
  static const Registry registry = [] {
    Registry r;
    register_simple_rnn(r);
    return r;
  }();
  return registry;
}

}  // namespace

const KernelFunction* find_kernel(const std::string& name) {
  return all_kernels().find(name);
}

std::vector<std::string> kernel_names() { return all_kernels().names(); }

}  // namespace elman
