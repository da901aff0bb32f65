// A program: kernel calls in the order in which they were recorded, run again
// on other numbers without anybody in between.
//
// Calls work on slots. An inner slot is memory of the program's own, laid out
// once so that slots which are never needed together share it; an outer slot is
// memory of the caller's, bound before a run. What changes from run to run (a
// learning rate, a random key) are attributes of a call, changed before it.
#ifndef ELMAN_CORE_PROGRAM_H_
#define ELMAN_CORE_PROGRAM_H_

#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/array.h"
#include "core/attributes.h"
#include "core/memory.h"
#include "core/memory_plan.h"
#include "core/registry.h"

namespace elman {

class Program {
 public:
  static constexpr int kAbsent = -1;

  int add_inner(DType dtype, const Shape& shape) {
    return add_slot(dtype, shape, true);
  }
  int add_outer(DType dtype, const Shape& shape) {
    return add_slot(dtype, shape, false);
  }

  // Appends a call; kAbsent stands for an optional array that is not there.
  // Gives the call's number.
  int add_call(KernelFunction function, const std::vector<int>& in,
               const std::vector<int>& out, Attributes attributes) {
    const int number = static_cast<int>(calls_.size());
    for (int slot : in) use(slot, number);
    for (int slot : out) use(slot, number);
    calls_.push_back({function, in, out, {}, {}, std::move(attributes)});
    return number;
  }

  // The slot can be read after a run.
  void keep(int slot) { slots_.at(slot).last_use = kForever; }

  // Lays the inner slots out; no call can be added after it.
  void finish() {
    MemoryPlan plan;
    std::vector<std::vector<Slot*>> first(calls_.size()), last(calls_.size());
    for (Slot& slot : slots_) {
      if (!slot.inner || slot.first_use < 0) continue;
      first[slot.first_use].push_back(&slot);
      if (slot.last_use != kForever) last[slot.last_use].push_back(&slot);
    }
    for (size_t c = 0; c < calls_.size(); ++c) {
      for (Slot* slot : first[c]) slot->offset = plan.reserve(slot->bytes());
      for (Slot* slot : last[c]) plan.give_back(slot->offset, slot->bytes());
    }
    char* base = static_cast<char*>(memory_.reserve(plan.size()));
    for (Slot& slot : slots_) {
      if (slot.inner) slot.array.data = base + slot.offset;
    }
    for (Call& call : calls_) {
      connect(call.in, &call.in_arrays);
      connect(call.out, &call.out_arrays);
    }
  }

  void bind(int slot, void* data) {
    slots_[slot].array.data = data;
    for (Array* array : slots_[slot].copies) array->data = data;
  }

  const Array& array(int slot) const { return slots_.at(slot).array; }
  Attributes& attributes(int call) { return calls_.at(call).attributes; }
  int64_t calls() const { return static_cast<int64_t>(calls_.size()); }

  void run() const {
    for (const Call& call : calls_) {
      call.function(call.in_arrays, call.out_arrays, call.attributes);
    }
  }

 private:
  static constexpr int kForever = INT32_MAX;

  struct Slot {
    Array array;
    bool inner;
    int first_use = -1;
    int last_use = -1;
    int64_t offset = 0;
    std::vector<Array*> copies;  // of an outer slot, in the calls

    int64_t bytes() const { return array.size() * dtype_bytes(array.dtype); }
  };

  struct Call {
    KernelFunction function;
    std::vector<int> in, out;
    Arrays in_arrays, out_arrays;
    Attributes attributes;
  };

  int add_slot(DType dtype, const Shape& shape, bool inner) {
    Slot slot;
    slot.array.dtype = dtype;
    slot.array.shape = shape;
    slot.inner = inner;
    slots_.push_back(std::move(slot));
    return static_cast<int>(slots_.size()) - 1;
  }

  void use(int slot, int call) {
    if (slot == kAbsent) return;
    Slot& used = slots_.at(slot);
    if (used.first_use < 0) used.first_use = call;
    if (used.last_use < call) used.last_use = call;
  }

  void connect(const std::vector<int>& slots, Arrays* arrays) {
    arrays->reserve(slots.size());
    for (int slot : slots) {
      arrays->push_back(slot == kAbsent ? Array{} : slots_[slot].array);
      if (slot != kAbsent && !slots_[slot].inner) {
        slots_[slot].copies.push_back(&arrays->back());
      }
    }
  }

  std::vector<Slot> slots_;
  std::vector<Call> calls_;
  Memory memory_;
};

}  // namespace elman

#endif  // ELMAN_CORE_PROGRAM_H_
