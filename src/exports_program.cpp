// The boundary of recorded programs: what R calls to record the kernel calls of
// a step, and to run them again.
#include "r_recorder.h"

namespace {

using elman::Array;
using elman::r::Recorder;
using elman::r::Recording;

void end_recording() {
  delete Recorder::active();
  Recorder::active() = nullptr;
}

// Own memory for an input.
void stage(Recording* recording, size_t k, Array* input) {
  std::vector<double>& staged = recording->staged[k];
  const int64_t bytes = input->size() * elman::dtype_bytes(input->dtype);
  staged.resize(static_cast<size_t>(bytes) / sizeof(double) + 1);
  input->data = staged.data();
}

// Rows of a tensor by their `count` numbers from 0 become an input.
void bind_rows(Recording* recording, size_t k, SEXP tensor, int* numbers,
               int64_t count) {
  static const elman::KernelFunction* take = elman::find_kernel("take");
  const int slot = recording->inputs[k];
  Array rows = recording->program.array(slot);
  Array index;
  index.data = numbers;
  index.dtype = elman::DType::kInt32;
  index.shape = elman::Shape({count});
  stage(recording, k, &rows);
  (*take)({elman::r::view(tensor), index}, {rows}, {});
  recording->program.bind(slot, rows.data);
}

// An input is a tensor of the recorded type and size, an R array, or rows of a
// tensor: list(tensor, numbers).
void bind_input(Recording* recording, size_t k, SEXP x) {
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
  if (Rf_getAttrib(x, elman::r::dtype_symbol()) != R_NilValue) {
    const Array given = elman::r::view(x);
    if (given.dtype != seen.dtype) {
      throw std::invalid_argument("an input has another type");
    }
    recording->program.bind(slot, given.data);
    return;
  }
  stage(recording, k, &seen);
  elman::r::fill(seen, x);
  recording->program.bind(slot, seen.data);
}

// Runs once the inputs are bound.
void run(Recording* recording, SEXP keys, SEXP live) {
  elman::Program& program = recording->program;
  for (const auto& variable : recording->variables) {
    program.bind(variable.first,
                 elman::r::data(elman::r::tensor_of(variable.second)));
  }
  for (const auto& key : recording->keys) {
    SEXP value = VECTOR_ELT(keys, key.second);
    program.attributes(key.first)
        .change("key", {REAL(value)[0], REAL(value)[1]});
  }
  for (size_t k = 0; k < recording->live.size(); ++k) {
    program.attributes(recording->live[k]) = elman::r::attributes(
        VECTOR_ELT(live, static_cast<R_xlen_t>(k)));
  }
  program.run();
}

// A list of R arrays, or of tensors.
SEXP results_of(const Recording& recording, bool as_tensors) {
  const R_xlen_t n = static_cast<R_xlen_t>(recording.results.size());
  SEXP out = PROTECT(Rf_allocVector(VECSXP, n));
  for (R_xlen_t k = 0; k < n; ++k) {
    const Array& result =
        recording.program.array(recording.results[static_cast<size_t>(k)]);
    SET_VECTOR_ELT(out, k,
                   as_tensors ? elman::r::tensor(result)
                              : elman::r::array(result));
  }
  UNPROTECT(1);
  return out;
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

}  // namespace

// Starts recording. Gives the tensors of `inputs` as they have to be used in it.
// [[Rcpp::export(rng = false)]]
SEXP cpp_recording_start(SEXP inputs) {
  end_recording();
  Recorder::active() = new Recorder();
  const R_xlen_t n = Rf_xlength(inputs);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, n));
  for (R_xlen_t k = 0; k < n; ++k) {
    SET_VECTOR_ELT(out, k, Recorder::active()->input(VECTOR_ELT(inputs, k)));
  }
  UNPROTECT(1);
  return out;
}

// The next random key, in the order in which keys are to be given.
// [[Rcpp::export(rng = false)]]
void cpp_recording_key(SEXP key) {
  if (Recorder::active()) Recorder::active()->key(key);
}

// The attributes of the next kernel call are to be given at every run.
// [[Rcpp::export(rng = false)]]
void cpp_recording_live() {
  if (Recorder::active()) Recorder::active()->next_is_live();
}

// Ends recording. Gives a program whose runs give the numbers of the tensors in
// `results`, or a string: why there is none.
// [[Rcpp::export(rng = false)]]
SEXP cpp_recording_end(SEXP results) {
  Recorder* recorder = Recorder::active();
  if (recorder == nullptr) return Rf_mkString("nothing is being recorded");
  SEXP program = PROTECT(recorder->finish(results));
  if (program == R_NilValue) {
    program = Rf_mkString(recorder->refused().c_str());
  }
  end_recording();
  UNPROTECT(1);
  return program;
}

// [[Rcpp::export(rng = false)]]
void cpp_recording_cancel() { end_recording(); }

// Runs a program on inputs as bind_input() takes them. `keys` and `live` hold
// random keys and attributes in the order of recording. Gives a list of R
// arrays, or of tensors where `as_tensors` is TRUE; or a string: what was wrong.
// [[Rcpp::export(rng = false)]]
SEXP cpp_program_run(SEXP program, SEXP inputs, SEXP keys, SEXP live,
                     bool as_tensors) {
  elman::r::follow_thread_option();
  auto* recording = static_cast<Recording*>(R_ExternalPtrAddr(program));
  if (recording == nullptr) return Rf_mkString("the program is gone");
  const std::string wrong = failure_of([&] {
    for (size_t k = 0; k < recording->inputs.size(); ++k) {
      bind_input(recording, k, VECTOR_ELT(inputs, static_cast<R_xlen_t>(k)));
    }
    run(recording, keys, live);
  });
  if (!wrong.empty()) return Rf_mkString(wrong.c_str());
  return results_of(*recording, as_tensors);
}

// Runs a program several times, the k-th time on the k-th `size` of the rows
// `at` (from 0) of `tensors` and with the k-th of `keys`. Gives the results of
// the runs that went well, as lists of R arrays: those before the first that
// did not.
// [[Rcpp::export(rng = false)]]
SEXP cpp_program_run_rows(SEXP program, SEXP tensors, SEXP at, int size,
                          SEXP keys, SEXP live) {
  elman::r::follow_thread_option();
  auto* recording = static_cast<Recording*>(R_ExternalPtrAddr(program));
  const R_xlen_t runs = Rf_xlength(keys);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, runs));
  R_xlen_t done = 0;
  for (; recording != nullptr && done < runs; ++done) {
    int* numbers = INTEGER(at) + done * size;
    const std::string wrong = failure_of([&] {
      for (size_t k = 0; k < recording->inputs.size(); ++k) {
        bind_rows(recording, k, VECTOR_ELT(tensors, static_cast<R_xlen_t>(k)),
                  numbers, size);
      }
      run(recording, VECTOR_ELT(keys, done), live);
    });
    if (!wrong.empty()) break;
    SET_VECTOR_ELT(out, done, results_of(*recording, false));
  }
  out = Rf_lengthgets(out, done);
  UNPROTECT(1);
  return out;
}
