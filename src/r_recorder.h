// Recording kernel calls as they come from R, and running the recording again.
//
// While a recorder is active every tensor that a kernel makes carries its slot
// in the attribute "slot", which copies of the tensor inherit. A tensor without
// one is a constant, a variable (an environment) an outer slot that is looked up
// at every run. R code that reads the numbers of a recorded tensor could do
// something else with other numbers: such a recording is refused.
#ifndef ELMAN_R_RECORDER_H_
#define ELMAN_R_RECORDER_H_

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/program.h"
#include "r_convert.h"
#include "r_step.h"

namespace elman {
namespace r {

// A program with what R has to give at every run.
struct Recording {
  Program program;
  std::vector<int> inputs;                       // slots of the data
  std::vector<int> results;                      // slots that are read
  std::vector<std::pair<int, SEXP>> variables;   // slot, environment
  std::vector<std::pair<int, int>> keys;         // call, number of the key
  std::vector<int> live;                         // calls given new attributes
  std::vector<std::vector<double>> staged;       // numbers of R arrays
  std::vector<std::vector<double>> drawn;        // keys of the present run
  int key_count = 0;
  // See cpp_program_arrange().
  std::vector<SEXP> generators;
  std::vector<Settings> settings;
  RunningMeans means;
  bool direct = false;
};

class Recorder {
 public:
  static Recorder*& active() {
    static Recorder* recorder = nullptr;
    return recorder;
  }

  Recorder() : stamp_(++stamps()) {}
  ~Recorder() {
    for (SEXP object : kept_) R_ReleaseObject(object);
    for (SEXP object : watched_) R_ReleaseObject(object);
  }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // A copy of a tensor as an input of the program.
  SEXP input(SEXP tensor) {
    const Array seen = view(tensor);
    SEXP copy = PROTECT(Rf_duplicate(tensor));
    const int slot = recording_.program.add_outer(seen.dtype, seen.shape);
    recording_.inputs.push_back(slot);
    mark(copy, slot);
    UNPROTECT(1);
    return copy;
  }

  void key(SEXP key) {
    keep(key);
    keys_[key] = recording_.key_count++;
  }

  // The next call gets its attributes anew at every run.
  void next_is_live() { live_ = true; }

  void refuse(const char* why) {
    if (refused_.empty()) refused_ = why;
  }
  const std::string& refused() const { return refused_; }

  // The numbers of this tensor or variable go to R.
  void read(SEXP x) {
    if (slot_of(x) >= 0) refuse("R code reads the numbers of a tensor");
    if (TYPEOF(x) != ENVSXP) return;
    watch(x);
    read_.push_back(x);
  }

  // `fresh`: the outputs were made for this call, so what is not known yet is
  // the program's own; else it is somebody's memory, changed in place.
  void call(const char* name, SEXP inputs, SEXP outputs, SEXP attributes,
            bool fresh) {
    std::vector<int> in, out;
    for (R_xlen_t k = 0; k < Rf_xlength(inputs); ++k) {
      in.push_back(slot(VECTOR_ELT(inputs, k), false));
    }
    for (R_xlen_t k = 0; k < Rf_xlength(outputs); ++k) {
      out.push_back(slot(VECTOR_ELT(outputs, k), fresh));
    }
    const int number = recording_.program.add_call(
        *find_kernel(name), in, out, r::attributes(attributes));
    if (live_) recording_.live.push_back(number);
    live_ = false;
    note_key(number, attributes);
  }

  void copy(SEXP from, SEXP to) {
    const int in = slot(from, false);
    recording_.program.add_call(*find_kernel("copy"), {in}, {slot(to, true)},
                                Attributes());
  }

  // Ends the recording: an external pointer, or R's NULL where it is refused.
  SEXP finish(SEXP results) {
    for (R_xlen_t k = 0; k < Rf_xlength(results); ++k) {
      const int found = slot_of(VECTOR_ELT(results, k));
      if (found < 0) refuse("a result does not depend on the data");
      recording_.results.push_back(found);
      if (found >= 0) recording_.program.keep(found);
    }
    for (const auto& variable : recording_.variables) {
      if (tensor_of(variable.second) != values_[variable.second]) {
        refuse("R code replaces the value of a variable");
      }
    }
    for (SEXP variable : read_) {
      if (slots_.count(variable) > 0) {
        refuse("R code reads the numbers of a variable");
      }
    }
    if (!refused_.empty()) return R_NilValue;
    recording_.program.finish();
    for (const auto& constant : constants_) {
      recording_.program.bind(constant.first, data(constant.second));
    }
    recording_.staged.resize(recording_.inputs.size());
    SEXP held = PROTECT(Rf_allocVector(VECSXP, kept_.size()));
    for (size_t k = 0; k < kept_.size(); ++k) SET_VECTOR_ELT(held, k, kept_[k]);
    SEXP pointer = PROTECT(R_MakeExternalPtr(nullptr, R_NilValue, held));
    R_RegisterCFinalizerEx(
        pointer,
        [](SEXP p) {
          delete static_cast<Recording*>(R_ExternalPtrAddr(p));
          R_ClearExternalPtr(p);
        },
        TRUE);
    R_SetExternalPtrAddr(pointer, new Recording(std::move(recording_)));
    UNPROTECT(2);
    return pointer;
  }

 private:
  static int& stamps() {
    static int count = 0;
    return count;
  }
  static SEXP slot_symbol() {
    static Symbol symbol("slot");
    return symbol;
  }

  void keep(SEXP object) {
    kept_.push_back(R_NilValue);
    R_PreserveObject(object);
    kept_.back() = object;
  }

  // Keeps an object while the recording lasts: what is known by its address has
  // to be there, lest another one gets that address.
  void watch(SEXP object) {
    watched_.push_back(R_NilValue);
    R_PreserveObject(object);
    watched_.back() = object;
  }

  void mark(SEXP tensor, int slot) {
    SEXP value = PROTECT(Rf_allocVector(INTSXP, 2));
    INTEGER(value)[0] = stamp_;
    INTEGER(value)[1] = slot;
    Rf_setAttrib(tensor, slot_symbol(), value);
    UNPROTECT(1);
  }

  // The slot that a tensor of this recording carries, else -1.
  int slot_of(SEXP x) const {
    if (x == R_NilValue || TYPEOF(x) == ENVSXP) return -1;
    SEXP value = Rf_getAttrib(x, slot_symbol());
    if (TYPEOF(value) != INTSXP || INTEGER(value)[0] != stamp_) return -1;
    return INTEGER(value)[1];
  }

  // The slot of an argument; `fresh`: of a tensor that the call made.
  int slot(SEXP x, bool fresh) {
    if (x == R_NilValue) return Program::kAbsent;
    const int known = slot_of(x);
    if (known >= 0) return known;
    const auto found = slots_.find(x);
    if (found != slots_.end()) return found->second;
    const Array seen = view(x);
    if (TYPEOF(x) != ENVSXP && fresh) {
      const int made = recording_.program.add_inner(seen.dtype, seen.shape);
      mark(x, made);
      return made;
    }
    const int outer = recording_.program.add_outer(seen.dtype, seen.shape);
    keep(x);
    slots_[x] = outer;
    if (TYPEOF(x) == ENVSXP) {
      recording_.variables.emplace_back(outer, x);
      values_[x] = tensor_of(x);
      watch(values_[x]);
    } else {
      constants_.emplace_back(outer, x);
    }
    return outer;
  }

  void note_key(int call, SEXP attributes) {
    if (attributes == R_NilValue) return;
    SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
    for (R_xlen_t k = 0; k < Rf_xlength(attributes); ++k) {
      if (std::string(CHAR(STRING_ELT(names, k))) != "key") continue;
      const auto found = keys_.find(VECTOR_ELT(attributes, k));
      if (found == keys_.end()) {
        refuse("a random key does not come from a seed");
      } else {
        recording_.keys.emplace_back(call, found->second);
      }
    }
  }

  const int stamp_;
  Recording recording_;
  std::vector<SEXP> kept_;     // for the program
  std::vector<SEXP> watched_;  // for the recording
  std::unordered_map<SEXP, int> slots_;  // variables and constants
  std::unordered_map<SEXP, SEXP> values_;
  std::unordered_map<SEXP, int> keys_;
  std::vector<std::pair<int, SEXP>> constants_;
  std::vector<SEXP> read_;
  std::string refused_;
  bool live_ = false;
};

}  // namespace r
}  // namespace elman

#endif  // ELMAN_R_RECORDER_H_
