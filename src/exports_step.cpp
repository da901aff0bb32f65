// A whole step of a model, or a call of a differentiated function, in one call:
// R arrays of a form that has been recorded go in, logs, predictions or gradients
// come out, and no R code runs in between. R calls both as they are, for Rcpp's
// wrapper takes a twentieth of the smallest step: see answer_of().
#include "r_program.h"

namespace {

using elman::Array;
using elman::r::Recorder;
using elman::r::Recording;
using elman::r::variable_in;

// The log of a model's steps (see step-program.R) for what a user holds, or
// R's NULL where it is not there or no longer true.
SEXP current_log(SEXP object, bool predicts, SEXP session) {
  static elman::r::Symbol self_symbol("self");
  static elman::r::Symbol plan_symbol("plan");
  static elman::r::Symbol log_symbol("step_log");
  static elman::r::Symbol edition_symbol("edition");
  static elman::r::Symbol record_symbol("record_steps");
  SEXP holder = TYPEOF(object) == ENVSXP ? object
                                         : Rf_getAttrib(object, self_symbol);
  if (TYPEOF(holder) == ENVSXP && !predicts) {
    holder = variable_in(holder, plan_symbol);
  }
  if (TYPEOF(holder) != ENVSXP) return R_NilValue;
  SEXP log = variable_in(holder, log_symbol);
  if (TYPEOF(log) != ENVSXP ||
      variable_in(log, edition_symbol) !=
          variable_in(session, edition_symbol) ||
      Rf_asLogical(variable_in(session, record_symbol)) != TRUE) {
    return R_NilValue;
  }
  return log;
}

// The element of a list by its name.
SEXP element(SEXP list, const char* name) {
  SEXP names = Rf_getAttrib(list, R_NamesSymbol);
  for (R_xlen_t k = 0; k < Rf_xlength(names); ++k) {
    if (std::strcmp(CHAR(STRING_ELT(names, k)), name) == 0) {
      return VECTOR_ELT(list, k);
    }
  }
  return R_NilValue;
}

// An R array of doubles of this very shape; a plain vector is one column.
bool fits(SEXP x, const Array& recorded) {
  if (TYPEOF(x) != REALSXP ||
      Rf_getAttrib(x, elman::r::dtype_symbol()) != R_NilValue) {
    return false;
  }
  const int rank = recorded.shape.rank();
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  if (dim == R_NilValue) {
    return rank == 2 && recorded.shape[1] == 1 &&
           Rf_xlength(x) == recorded.shape[0];
  }
  if (Rf_xlength(dim) != rank) return false;
  for (int axis = 0; axis < rank; ++axis) {
    if (INTEGER(dim)[axis] != recorded.shape[axis]) return false;
  }
  return true;
}

// A tensor of the recorded type and shape, or an R array of doubles that becomes
// one; a plain vector has one axis.
bool is_like(SEXP x, const Array& recorded) {
  if (TYPEOF(x) != ENVSXP && Rf_inherits(x, "elman_tensor")) {
    const Array given = elman::r::view(x);
    return given.dtype == recorded.dtype && given.shape == recorded.shape;
  }
  if (Rf_isObject(x)) return false;
  if (Rf_getAttrib(x, R_DimSymbol) != R_NilValue) return fits(x, recorded);
  return TYPEOF(x) == REALSXP && recorded.shape.rank() == 1 &&
         Rf_xlength(x) == recorded.shape[0] &&
         Rf_getAttrib(x, elman::r::dtype_symbol()) == R_NilValue;
}

// The program in `mode` whose inputs are such that takes(program, slots), or
// nullptr.
template <class F>
Recording* find_direct(SEXP log, const char* mode, F takes) {
  static elman::r::Symbol programs_symbol("programs");
  SEXP programs = element(variable_in(log, programs_symbol), mode);
  for (R_xlen_t k = 0; k < Rf_xlength(programs); ++k) {
    SEXP pointer = element(VECTOR_ELT(programs, k), "pointer");
    if (TYPEOF(pointer) != EXTPTRSXP) continue;
    auto* recording = static_cast<Recording*>(R_ExternalPtrAddr(pointer));
    if (recording != nullptr && recording->direct &&
        takes(recording->program, recording->inputs)) {
      return recording;
    }
  }
  return nullptr;
}

// Is nothing open that a call of a layer would depend on: a tape, another call,
// training?
bool is_quiet(SEXP session) {
  static elman::r::Symbol taping("taping");
  static elman::r::Symbol measuring("measuring");
  static elman::r::Symbol training("training");
  static elman::r::Symbol call("call");
  SEXP flag = variable_in(session, training);
  return Rf_asInteger(variable_in(session, taping)) == 0 &&
         Rf_asLogical(variable_in(session, measuring)) == 0 &&
         (flag == R_NilValue || Rf_asLogical(flag) == 0) &&
         variable_in(session, call) == R_NilValue;
}

SEXP step(SEXP object, SEXP mode, SEXP x, SEXP y, SEXP session) {
  const char* name = CHAR(STRING_ELT(mode, 0));
  if (Recorder::active() || (name[0] == 'c' && !is_quiet(session))) {
    return R_NilValue;
  }
  SEXP log = current_log(object, y == R_NilValue, session);
  if (log == R_NilValue) return R_NilValue;
  Recording* recording = find_direct(
      log, name, [&](const elman::Program& program,
                     const std::vector<int>& inputs) {
        return inputs.size() == (y == R_NilValue ? 1 : 2) &&
               fits(x, program.array(inputs[0])) &&
               (y == R_NilValue || fits(y, program.array(inputs[1])));
      });
  if (recording == nullptr) return R_NilValue;
  elman::r::follow_thread_option();
  elman::r::bind_input(recording, 0, x);
  if (y != R_NilValue) elman::r::bind_input(recording, 1, y);
  elman::r::run(recording, R_NilValue);
  const elman::Program& program = recording->program;
  if (recording->means.empty()) {
    return elman::r::array(program.array(recording->results[0]));
  }
  const int64_t size = program.array(recording->inputs[0]).shape[0];
  recording->means.absorb(program, recording->results,
                          static_cast<double>(size), true);
  return recording->means.logs();
}

SEXP gradients(SEXP holder, SEXP inputs, SEXP session) {
  if (Recorder::active() || !is_quiet(session) ||
      Rf_getAttrib(inputs, R_NamesSymbol) != R_NilValue) {
    return R_NilValue;
  }
  SEXP log = current_log(holder, true, session);
  if (log == R_NilValue) return R_NilValue;
  const R_xlen_t count = Rf_xlength(inputs);
  Recording* recording = find_direct(
      log, "gradients", [&](const elman::Program& program,
                            const std::vector<int>& slots) {
        if (static_cast<R_xlen_t>(slots.size()) != count) return false;
        for (R_xlen_t k = 0; k < count; ++k) {
          const int slot = slots[static_cast<size_t>(k)];
          if (!is_like(VECTOR_ELT(inputs, k), program.array(slot))) return false;
        }
        return true;
      });
  if (recording == nullptr) return R_NilValue;
  const std::string wrong = elman::r::run_on(recording, inputs, R_NilValue);
  if (!wrong.empty()) return Rf_mkString(wrong.c_str());
  return elman::r::value_and_gradients(*recording);
}

// What act() gives, or what went wrong as a string: no exception may come to R.
template <class F>
SEXP answer_of(F act) {
  SEXP answer = R_NilValue;
  const std::string wrong = elman::r::failure_of([&] { answer = act(); });
  return wrong.empty() ? answer : Rf_mkString(wrong.c_str());
}

}  // namespace

// One step in `mode` on R arrays: "train", "test" or "predict" of the model
// `object`, "call" of the layer instance `object`. Gives the logs of the batch
// alone, or the prediction; a string where the step went wrong; R's NULL, and
// nothing has happened, where it has to go the long way. `session` is the
// environment of session.R.
extern "C" SEXP step_at_once(SEXP object, SEXP mode, SEXP x, SEXP y,
                             SEXP session) {
  return answer_of([&] { return step(object, mode, x, y, session); });
}

// A call of a function of value_and_grad() on a list of R arrays or tensors
// without names: list(value, gradients, variable_gradients); a string where it
// went wrong; R's NULL where it has to go the long way. `holder` keeps the log of
// its calls, `session` is the environment of session.R.
extern "C" SEXP gradients_at_once(SEXP holder, SEXP inputs, SEXP session) {
  return answer_of([&] { return gradients(holder, inputs, session); });
}
