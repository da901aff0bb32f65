// The boundary of recorded programs: what R calls to record the kernel calls of
// a step, and to run them again.
#include "r_program.h"

namespace {

using elman::r::bind_rows;
using elman::r::failure_of;
using elman::r::Recorder;
using elman::r::Recording;
using elman::r::results_of;
using elman::r::run;
using elman::r::run_on;

void end_recording() {
  delete Recorder::active();
  Recorder::active() = nullptr;
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

// There will be no program, and that is why.
// [[Rcpp::export(rng = false)]]
void cpp_recording_refuse(std::string why) {
  if (Recorder::active()) Recorder::active()->refuse(why.c_str());
}

// Ends recording. Gives a program whose runs give the numbers of the tensors in
// `results`, or a string: why there is none.
// [[Rcpp::export(rng = false)]]
SEXP cpp_recording_end(SEXP results) {
  Recorder* recorder = Recorder::active();
  if (recorder == nullptr) return Rf_mkString("nothing is being recorded");
  SEXP program = PROTECT(recorder->finish(results));
  if (program == R_NilValue) {
    UNPROTECT(1);
    program = PROTECT(Rf_mkString(recorder->refused().c_str()));
  }
  end_recording();
  UNPROTECT(1);
  return program;
}

// [[Rcpp::export(rng = false)]]
void cpp_recording_cancel() { end_recording(); }

// What a program needs to run without R: `generators` of its random keys,
// `settings` of its live calls (see Settings; none where they have to be given),
// `means` that its results go to (see RunningMeans; NULL for none), and whether
// inputs are `direct`: R arrays of their very shape, see step_at_once().
// [[Rcpp::export(rng = false)]]
void cpp_program_arrange(SEXP program, SEXP generators, SEXP settings,
                         SEXP means, bool direct) {
  auto* recording = static_cast<Recording*>(R_ExternalPtrAddr(program));
  if (recording == nullptr) Rcpp::stop("the program is gone");
  SEXP held = PROTECT(Rf_allocVector(VECSXP, 4));
  SET_VECTOR_ELT(held, 0, R_ExternalPtrProtected(program));
  SET_VECTOR_ELT(held, 1, generators);
  SET_VECTOR_ELT(held, 2, settings);
  SET_VECTOR_ELT(held, 3, means);
  R_SetExternalPtrProtected(program, held);
  UNPROTECT(1);
  for (R_xlen_t k = 0; k < Rf_xlength(generators); ++k) {
    recording->generators.push_back(VECTOR_ELT(generators, k));
  }
  for (R_xlen_t k = 0; k < Rf_xlength(settings); ++k) {
    recording->settings.emplace_back(recording->live[static_cast<size_t>(k)],
                                     VECTOR_ELT(settings, k));
  }
  if (means != R_NilValue) recording->means = elman::r::RunningMeans(means);
  recording->direct = direct;
}

// Runs a program on inputs as bind_input() takes them. `live` holds attributes
// in the order of recording, or is NULL. Gives a list of R arrays, or of tensors
// where `as_tensors` is TRUE; or a string: what was wrong.
// [[Rcpp::export(rng = false)]]
SEXP cpp_program_run(SEXP program, SEXP inputs, SEXP live, bool as_tensors) {
  auto* recording = static_cast<Recording*>(R_ExternalPtrAddr(program));
  if (recording == nullptr) return Rf_mkString("the program is gone");
  const std::string wrong = run_on(recording, inputs, live);
  if (!wrong.empty()) return Rf_mkString(wrong.c_str());
  return results_of(*recording, as_tensors);
}

// Runs a program `runs` times, the k-th time on the k-th `size` of the rows `at`
// (from 0) of `tensors`. Gives the results of the runs that went well, those
// before the first that did not: as lists of R arrays, or only how many where
// the program's means have taken them.
// [[Rcpp::export(rng = false)]]
SEXP cpp_program_run_rows(SEXP program, SEXP tensors, SEXP at, int size,
                          int runs) {
  elman::r::follow_thread_option();
  auto* recording = static_cast<Recording*>(R_ExternalPtrAddr(program));
  if (recording == nullptr) runs = 0;
  const bool counts = runs == 0 || !recording->means.empty();
  SEXP out = PROTECT(Rf_allocVector(VECSXP, counts ? 0 : runs));
  int done = 0;
  for (; done < runs; ++done) {
    int* numbers = INTEGER(at) + static_cast<int64_t>(done) * size;
    const std::string wrong = failure_of([&] {
      for (size_t k = 0; k < recording->inputs.size(); ++k) {
        bind_rows(recording, k, VECTOR_ELT(tensors, static_cast<R_xlen_t>(k)),
                  numbers, size);
      }
      run(recording, R_NilValue);
    });
    if (!wrong.empty()) break;
    if (counts) {
      recording->means.absorb(recording->program, recording->results, size,
                              false);
    } else {
      SET_VECTOR_ELT(out, done, results_of(*recording, false));
    }
  }
  SEXP result = counts ? Rf_ScalarInteger(done) : Rf_lengthgets(out, done);
  UNPROTECT(1);
  return result;
}
