// Kernels by name. Every kernel has one signature: inputs, outputs that are
// already allocated in their final shape, and attributes.
//
// Each src/kernels_*.cpp holds a table of its kernels and one function that
// enters the table here; src/kernels_registry.cpp calls them all, once.
#ifndef ELMAN_CORE_REGISTRY_H_
#define ELMAN_CORE_REGISTRY_H_

#include <initializer_list>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/array.h"
#include "core/attributes.h"

namespace elman {

using KernelFunction = void (*)(const Arrays& in, const Arrays& out,
                                const Attributes& attributes);

class Registry {
 public:
  struct Row {
    const char* name;
    KernelFunction function;
  };

  void add(std::initializer_list<Row> table) {
    for (const Row& row : table) kernels_[row.name] = row.function;
  }
  const KernelFunction* find(const std::string& name) const {
    auto found = kernels_.find(name);
    return found == kernels_.end() ? nullptr : &found->second;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : kernels_) out.push_back(entry.first);
    return out;
  }

 private:
  std::unordered_map<std::string, KernelFunction> kernels_;
};

// All kernels of the package; null where the name is unknown.
const KernelFunction* find_kernel(const std::string& name);
std::vector<std::string> kernel_names();

}  // namespace elman

#endif  // ELMAN_CORE_REGISTRY_H_
