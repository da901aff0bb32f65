// The list of all kernels: one line for each src/kernels_*.cpp.
#include "core/registry.h"

namespace elman {

void register_activation(Registry& registry);
void register_create(Registry& registry);
void register_cumulative(Registry& registry);
void register_data(Registry& registry);
void register_elementwise(Registry& registry);
void register_losses(Registry& registry);
void register_matmul(Registry& registry);
void register_max_pool(Registry& registry);
void register_metrics(Registry& registry);
void register_optimizers(Registry& registry);
void register_order(Registry& registry);
void register_patches(Registry& registry);
void register_random(Registry& registry);
void register_recurrent(Registry& registry);
void register_reduce(Registry& registry);
void register_shape(Registry& registry);
void register_take(Registry& registry);
void register_unary(Registry& registry);

namespace {

const Registry& all_kernels() {
  static const Registry registry = [] {
    Registry r;
    register_activation(r);
    register_create(r);
    register_cumulative(r);
    register_data(r);
    register_elementwise(r);
    register_losses(r);
    register_matmul(r);
    register_max_pool(r);
    register_metrics(r);
    register_optimizers(r);
    register_order(r);
    register_patches(r);
    register_random(r);
    register_recurrent(r);
    register_reduce(r);
    register_shape(r);
    register_take(r);
    register_unary(r);
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
