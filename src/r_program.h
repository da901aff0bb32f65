// Running a recorded program: inputs are bound, R's objects are asked for what
// changes from run to run, and the results become R values.
#ifndef ELMAN_R_PROGRAM_H_
#define ELMAN_R_PROGRAM_H_

#include <string>
#include <vector>

#include "r_recorder.h"

namespace elman {
namespace r {

// Own memory for an input.
inline void stage(Recording* recording, size_t k, Array* input) {
  std::vector<double>& staged = recording->staged[k];
  const int64_t bytes = input->size() * dtype_bytes(input->dtype);
  staged.resize(static_cast<size_t>(bytes) / sizeof(double) + 1);
  input->data = staged.data();
}

// Rows of a tensor by their `count` numbers from 0 become an input.
inline void bind_rows(Recording* recording, size_t k, SEXP tensor,
                      int* numbers, int64_t count) {
  static const KernelFunction* take = find_kernel("take");
  const int slot = recording->inputs[k];
  Array rows = recording->program.array(slot);
  Array index;
  index.data = numbers;
  index.dtype = DType::kInt32;
  index.shape = Shape({count});
  stage(recording, k, &rows);
  (*take)({view(tensor), index}, {rows}, {});
  recording->program.bind(slot, rows.data);
}

// An input is a tensor of the recorded type and size, an R array, or rows of a
// tensor: list(tensor, numbers).
inline void bind_input(Recording* recording, size_t k, SEXP x) {
  if (TYPEOF(x) == VECSXP) {
    SEXP numbers = VECTOR_ELT(x, 1);
    bind_rows(recording, k, VECTOR_ELT(x, 0), INTEGER(numbers),
              Rf_xlength(numbers));
    return;
  }
  const int slot = recording->inputs[k];
  Array seen = recording->program.array(slot);
  if (Rf_xlength(x) != seen.size()) {
    throw std::invalid_argument("an input has another size than the recorded");
  }
  if (Rf_getAttrib(x, dtype_symbol()) != R_NilValue) {
    const Array given = view(x);
    if (given.dtype != seen.dtype) {
      throw std::invalid_argument("an input has another type");
    }
    recording->program.bind(slot, given.data);
    return;
  }
  stage(recording, k, &seen);
  fill(seen, x);
  recording->program.bind(slot, seen.data);
}

// Runs once the inputs are bound. `live` is NULL where the program knows whose
// settings they are.
inline void run(Recording* recording, SEXP live) {
  Program& program = recording->program;
  for (const auto& variable : recording->variables) {
    program.bind(variable.first, data(tensor_of(variable.second)));
  }
  next_keys(recording->generators, &recording->drawn);
  for (const auto& key : recording->keys) {
    program.attributes(key.first)
        .change("key", recording->drawn[static_cast<size_t>(key.second)]);
  }
  if (live == R_NilValue) {
    for (auto& settings : recording->settings) settings.tell(&program);
  } else {
    for (size_t k = 0; k < recording->live.size(); ++k) {
      program.attributes(recording->live[k]) =
          attributes(VECTOR_ELT(live, static_cast<R_xlen_t>(k)));
    }
  }
  program.run();
}

// What went wrong in `act()`, empty if nothing.
template <class F>
std::string failure_of(F act) {
  try {
    act();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

// Binds a list of inputs and runs: what went wrong, empty if nothing.
inline std::string run_on(Recording* recording, SEXP inputs, SEXP live) {
  return failure_of([&] {
    follow_thread_option();
    for (size_t k = 0; k < recording->inputs.size(); ++k) {
      bind_input(recording, k, VECTOR_ELT(inputs, static_cast<R_xlen_t>(k)));
    }
    run(recording, live);
  });
}

// Results [begin, end): a list of R arrays, or of tensors.
inline SEXP results_of(const Recording& recording, bool as_tensors,
                       size_t begin, size_t end) {
  SEXP out =
      PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(end - begin)));
  for (size_t k = begin; k < end; ++k) {
    const Array& one = recording.program.array(recording.results[k]);
    SET_VECTOR_ELT(out, static_cast<R_xlen_t>(k - begin),
                   as_tensors ? tensor(one) : array(one));
  }
  UNPROTECT(1);
  return out;
}
inline SEXP results_of(const Recording& recording, bool as_tensors) {
  return results_of(recording, as_tensors, 0, recording.results.size());
}

// list(value, gradients, variable_gradients) of tensors, from results in the order
// value, gradients of the inputs, gradients of variables.
inline SEXP value_and_gradients(const Recording& recording) {
  static SEXP names = nullptr;
  if (names == nullptr) {
    names = forever(Rf_allocVector(STRSXP, 3));
    SET_STRING_ELT(names, 0, Rf_mkChar("value"));
    SET_STRING_ELT(names, 1, Rf_mkChar("gradients"));
    SET_STRING_ELT(names, 2, Rf_mkChar("variable_gradients"));
  }
  const size_t inputs = 1 + recording.inputs.size();
  SEXP out = PROTECT(Rf_allocVector(VECSXP, 3));
  SET_VECTOR_ELT(out, 0, tensor(recording.program.array(recording.results[0])));
  SET_VECTOR_ELT(out, 1, results_of(recording, true, 1, inputs));
  SET_VECTOR_ELT(out, 2, results_of(recording, true, inputs,
                                    recording.results.size()));
  Rf_setAttrib(out, R_NamesSymbol, names);
  UNPROTECT(1);
  return out;
}

}  // namespace r
}  // namespace elman

#endif  // ELMAN_R_PROGRAM_H_
