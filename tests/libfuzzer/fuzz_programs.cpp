// Recorded programs of kernels that are drawn, on memory that is shared: a run
// gives the bits of the calls themselves, again on other numbers, and blocks
// that are held together never overlap.
#include "core/memory_plan.h"
#include "core/program.h"
#include "drawing.h"

using namespace drawing;

namespace {

using elman::Arrays;
using elman::Attributes;
using elman::Program;

struct Kind {
  const char* name;
  size_t inputs;
};
const std::vector<Kind> kKinds = {
    {"add", 2},      {"multiply", 2}, {"subtract", 2}, {"maximum", 2},
    {"negative", 1}, {"tanh", 1},     {"exp", 1},      {"copy", 1},
    {"fill", 0},     {"where", 3},    {"minimum", 2},  {"square", 1}};

struct Call {
  const Kind* kind;
  std::vector<int> in;
  int out;
  Attributes attributes;
};

struct Slot {
  int number;  // in the program
  DType dtype;
  bool inner;
};

class Case {
 public:
  explicit Case(Bytes* bytes) : n_(1 + bytes->below(70)) {
    for (int64_t k = 1 + bytes->below(3); k > 0; --k) add_outer(bytes);
    for (int64_t k = 1 + bytes->below(20); k > 0; --k) add_call(bytes);
    for (size_t s = 0; s < slots_.size(); ++s) {
      if (!slots_[s].inner) continue;
      // Only what is kept may be looked at.
      const bool kept = s + 1 == slots_.size() || bytes->flag();
      if (kept) program_.keep(slots_[s].number);
      kept_.push_back(kept);
    }
    program_.finish();
  }

  void run(Bytes* bytes) {
    std::vector<Owned> plain, bound;
    for (const Slot& slot : slots_) {
      plain.emplace_back(slot.dtype, Shape{n_});
      bound.emplace_back(slot.dtype, Shape{n_});
      if (!slot.inner) {
        plain.back().draw(bytes, kUniform);
        std::memcpy(bound.back().as<char>(), plain.back().as<char>(),
                    static_cast<size_t>(plain.back().size()));
        program_.bind(slot.number, bound.back().as<char>());
      }
    }
    const double value = bytes->below(100);
    for (size_t c = 0; c < calls_.size(); ++c) {
      Attributes now = calls_[c].attributes;
      if (calls_[c].in.empty()) {
        now.change("value", {value});
        program_.attributes(static_cast<int>(c)).change("value", {value});
      }
      Arrays in;
      for (int slot : calls_[c].in) in.push_back(plain[index(slot)].view());
      (*elman::find_kernel(calls_[c].kind->name))(
          in, {plain[index(calls_[c].out)].view()}, now);
    }
    program_.run();
    size_t inner = 0;
    for (size_t s = 0; s < slots_.size(); ++s) {
      if (slots_[s].inner && !kept_[inner++]) continue;
      const void* got = slots_[s].inner
                            ? program_.array(slots_[s].number).data
                            : bound[s].as<char>();
      hold(std::memcmp(got, plain[s].as<char>(),
                       static_cast<size_t>(plain[s].size())) == 0,
           "a program computes what its calls compute");
    }
  }

 private:
  static size_t index(int slot) { return static_cast<size_t>(slot); }

  void add_outer(Bytes* bytes) {
    const DType dtype = bytes->below(8) == 7 ? DType::kBool : DType::kFloat32;
    slots_.push_back({program_.add_outer(dtype, {n_}), dtype, false});
  }

  int find(Bytes* bytes, DType dtype) {
    for (int tries = 0; tries < 8; ++tries) {
      const int64_t s = bytes->below(static_cast<int64_t>(slots_.size()));
      if (slots_[index(int(s))].dtype == dtype) return static_cast<int>(s);
    }
    return -1;
  }

  void add_call(Bytes* bytes) {
    const Kind& kind = bytes->one_of(kKinds);
    Call call{&kind, {}, -1, {}};
    for (size_t k = 0; k < kind.inputs; ++k) {
      const bool condition = kind.inputs == 3 && k == 0;
      const int slot =
          find(bytes, condition ? DType::kBool : DType::kFloat32);
      if (slot < 0) return;
      call.in.push_back(slot);
    }
    if (kind.inputs == 0) call.attributes.set("value", 0.0);
    // Into new memory, or where an update changes what is there; kernels do
    // not write what they read.
    if (bytes->below(4) == 3) {
      const int slot = find(bytes, DType::kFloat32);
      bool reads = slot < 0;
      for (int in : call.in) reads = reads || in == slot;
      if (!reads && !slots_[index(slot)].inner) call.out = slot;
    }
    if (call.out < 0) {
      slots_.push_back(
          {program_.add_inner(DType::kFloat32, {n_}), DType::kFloat32, true});
      call.out = static_cast<int>(slots_.size()) - 1;
    }
    std::vector<int> in;
    for (int slot : call.in) in.push_back(slots_[index(slot)].number);
    program_.add_call(*elman::find_kernel(kind.name), in,
                      {slots_[index(call.out)].number}, call.attributes);
    calls_.push_back(call);
  }

  int64_t n_;
  Program program_;
  std::vector<Slot> slots_;
  std::vector<Call> calls_;
  std::vector<bool> kept_;
};

void run_plan(Bytes* bytes) {
  elman::MemoryPlan plan;
  std::vector<std::pair<int64_t, int64_t>> held;
  for (int step = 0; step < 200 && !bytes->empty(); ++step) {
    if (held.empty() || bytes->below(5) < 3) {
      const int64_t size = bytes->below(700);
      const int64_t at = plan.reserve(size);
      hold(at >= 0 && at % 64 == 0 && at + size <= plan.size(),
           "a block lies within the memory");
      for (const auto& other : held) {
        hold(at + size <= other.first || other.first + other.second <= at,
             "blocks that are held together never overlap");
      }
      held.push_back({at, std::max<int64_t>(size, 1)});
    } else {
      const size_t k =
          static_cast<size_t>(bytes->below(static_cast<int64_t>(held.size())));
      plan.give_back(held[k].first, held[k].second);
      held.erase(held.begin() + static_cast<long>(k));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  draw_machine(&bytes);
  if (bytes.below(4) == 3) {
    run_plan(&bytes);
    return 0;
  }
  Case one(&bytes);
  for (int run = 0; run < 3; ++run) one.run(&bytes);
  return 0;
}
