// What the optimizers' tests share: settings as attributes, and a model as the
// kernels take it.
#ifndef ELMAN_TESTS_CPP_OPTIMIZER_CASES_H_
#define ELMAN_TESTS_CPP_OPTIMIZER_CASES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "kernel_cases.h"

namespace cases {

using Settings = std::vector<std::pair<const char*, double>>;

inline Attributes make(const Settings& settings) {
  Attributes attributes;
  for (const auto& entry : settings) attributes.set(entry.first, entry.second);
  return attributes;
}

inline Array counter(int32_t* count) { return {count, DType::kInt32, Shape()}; }

// Variables, their slots and the counter, as the kernels take them.
template <class T>
struct Model {
  int32_t calls = 0;
  std::vector<Tensor<T>> extra;      // between counter and variables
  std::vector<Tensor<T>> variables;  // then averages, sums and slots
  std::vector<Tensor<T>> rest;

  Arrays targets() {
    Arrays out = {counter(&calls)};
    for (auto* group : {&extra, &variables, &rest}) {
      for (auto& tensor : *group) out.push_back(tensor.view());
    }
    return out;
  }
  void step(const char* name, std::vector<Tensor<T>>& gradients,
            const Attributes& attributes) {
    Arrays in;
    for (auto& gradient : gradients) in.push_back(gradient.view());
    call(name, in, targets(), attributes);
  }
};

const Settings kAdam = {{"learning_rate", 0.01},
                        {"beta_1", 0.9},
                        {"beta_2", 0.99},
                        {"epsilon", 1e-7}};

}  // namespace cases

#endif  // ELMAN_TESTS_CPP_OPTIMIZER_CASES_H_
