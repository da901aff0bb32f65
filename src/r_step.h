// What a recorded program takes from R's objects at every run and what it leaves
// there: random keys, an optimizer's settings, running means. All of it by
// looking into environments, so that no R code runs.
//
// The objects are those of random.R, optimizer.R and metrics-mean.R; whoever
// holds the program keeps them alive.
#ifndef ELMAN_R_STEP_H_
#define ELMAN_R_STEP_H_

#include <R_ext/Random.h>

#include <cmath>
#include <utility>
#include <vector>

#include "core/program.h"
#include "r_convert.h"

namespace elman {
namespace r {

// R's NULL where there is no such variable.
inline SEXP variable_in(SEXP environment, SEXP symbol) {
  SEXP value = Rf_findVarInFrame(environment, symbol);
  return value == R_UnboundValue ? R_NilValue : value;
}

// The numbers of a tensor of floats, as doubles.
inline double number_at(const Array& array, int64_t at) {
  return array.dtype == DType::kFloat32
             ? static_cast<double>(array.as<float>()[at])
             : array.as<double>()[at];
}

// ---- random keys ------------------------------------------------------------

// 32 bits of R's generator, as floor(runif(1) * 2^32).
inline double draw_bits() {
  double u;
  do {
    u = unif_rand();
  } while (u <= 0 || u >= 1);
  return std::floor(u * 4294967296.0);
}

// The next keys of seed generators, as next_key() gives them. `keys` outlives the
// call: R may leave it by a jump.
inline void next_keys(const std::vector<SEXP>& generators,
                      std::vector<std::vector<double>>* keys) {
  static Symbol seed_symbol("seed");
  static Symbol draws_symbol("draws");
  if (generators.empty()) return;
  keys->resize(generators.size(), std::vector<double>(2));
  GetRNGstate();
  for (size_t k = 0; k < generators.size(); ++k) {
    std::vector<double>& key = (*keys)[k];
    SEXP seed = variable_in(generators[k], seed_symbol);
    if (seed == R_NilValue) {
      key[0] = draw_bits();
      key[1] = draw_bits();
    } else {
      const double draws =
          Rf_asReal(variable_in(generators[k], draws_symbol)) + 1;
      SEXP counted = PROTECT(Rf_ScalarReal(draws));
      Rf_defineVar(draws_symbol, counted, generators[k]);
      UNPROTECT(1);
      const double value = Rf_asReal(seed);
      key[0] = value - std::floor(value / 4294967296.0) * 4294967296.0;
      key[1] = draws;
    }
  }
  PutRNGstate();
}

// ---- settings of an optimizer -----------------------------------------------

// What step_attributes() of an optimizer whose learning rate is a number gives,
// for one call of a program. The list of settings is told to the call only where
// it is another one than at the run before: see keep_settings() in optimizer.R.
class Settings {
 public:
  // `source`: list(private fields, NULL). The second element becomes the list
  // told last, which is kept so that R changes a copy of it.
  Settings(int call, SEXP source)
      : call_(call), hidden_(VECTOR_ELT(source, 0)), source_(source) {}

  void tell(Program* program) {
    static Symbol settings_symbol("settings");
    SEXP settings = variable_in(hidden_, settings_symbol);
    const bool changed = settings != VECTOR_ELT(source_, 1);
    const double rate = learning_rate();
    Attributes& attributes = program->attributes(call_);
    if (changed) {
      attributes = r::attributes(settings);
      attributes.set("learning_rate", rate);
      SET_VECTOR_ELT(source_, 1, settings);
    } else if (rate != rate_) {
      attributes.change("learning_rate", {rate});
    }
    rate_ = rate;
  }

 private:
  // The number given, unless somebody has set the variable since.
  double learning_rate() const {
    static Symbol rate_symbol("rate");
    static Symbol bits_symbol("bits");
    static Symbol exact_symbol("exact");
    SEXP stored = tensor_of(variable_in(hidden_, rate_symbol));
    SEXP bits = variable_in(hidden_, bits_symbol);
    const bool untouched = TYPEOF(stored) == INTSXP
                               ? INTEGER(stored)[0] == Rf_asInteger(bits)
                               : REAL(stored)[0] == Rf_asReal(bits);
    return untouched ? Rf_asReal(variable_in(hidden_, exact_symbol))
                     : number_at(view(stored), 0);
  }

  int call_;
  SEXP hidden_, source_;
  double rate_ = 0;
};

// ---- running means ----------------------------------------------------------

// Means whose state is list(sums = c(total, count)): one for each result of a
// program, in its order.
class RunningMeans {
 public:
  RunningMeans() = default;
  // `source`: list(metrics, does each take a mean that weighs by the batch's
  // size?, places in the logs, names of the logs).
  explicit RunningMeans(SEXP source)
      : metrics_(VECTOR_ELT(source, 0)),
        weighs_(VECTOR_ELT(source, 1)),
        order_(VECTOR_ELT(source, 2)),
        names_(VECTOR_ELT(source, 3)) {}

  bool empty() const { return metrics_ == nullptr; }

  // Adds the results of a batch, to what there was unless `anew`.
  void absorb(const Program& program, const std::vector<int>& results,
              double size, bool anew) const {
    for (size_t k = 0; k < results.size(); ++k) {
      const Array& result = program.array(results[k]);
      const bool weighs = LOGICAL(weighs_)[k] != 0 && result.size() == 1;
      const double total = number_at(result, 0);
      add(metric(k), weighs ? total * size : total,
          weighs ? size : number_at(result, 1), anew);
    }
  }

  // The logs: a named list, or the only number.
  SEXP logs() const {
    const R_xlen_t n = Rf_xlength(order_);
    if (n == 1) return Rf_ScalarReal(mean(0));
    SEXP out = PROTECT(Rf_allocVector(VECSXP, n));
    for (R_xlen_t k = 0; k < n; ++k) {
      SET_VECTOR_ELT(out, k, Rf_ScalarReal(mean(k)));
    }
    Rf_setAttrib(out, R_NamesSymbol, names_);
    UNPROTECT(1);
    return out;
  }

 private:
  static SEXP state_symbol() {
    static Symbol symbol("state");
    return symbol;
  }

  SEXP metric(size_t k) const {
    return VECTOR_ELT(metrics_, static_cast<R_xlen_t>(k));
  }
  static const double* sums(SEXP metric) {
    return REAL(VECTOR_ELT(variable_in(metric, state_symbol()), 0));
  }

  // A state that nobody holds but the metric, so that it can change in place.
  static bool is_own(SEXP state) {
    if (TYPEOF(state) != VECSXP || Rf_xlength(state) != 1) return false;
    SEXP pair = VECTOR_ELT(state, 0);
    return TYPEOF(pair) == REALSXP && Rf_xlength(pair) == 2 &&
           !MAYBE_SHARED(state) && !MAYBE_SHARED(pair);
  }

  static void add(SEXP metric, double total, double count, bool anew) {
    SEXP kept = variable_in(metric, state_symbol());
    if (is_own(kept)) {
      double* pair = REAL(VECTOR_ELT(kept, 0));
      pair[0] = (anew ? 0 : pair[0]) + total;
      pair[1] = (anew ? 0 : pair[1]) + count;
      return;
    }
    static SEXP names = nullptr;
    if (names == nullptr) names = forever(Rf_mkString("sums"));
    SEXP state = PROTECT(Rf_allocVector(VECSXP, 1));
    SEXP pair = Rf_allocVector(REALSXP, 2);
    SET_VECTOR_ELT(state, 0, pair);
    REAL(pair)[0] = (anew ? 0 : sums(metric)[0]) + total;
    REAL(pair)[1] = (anew ? 0 : sums(metric)[1]) + count;
    Rf_setAttrib(state, R_NamesSymbol, names);
    Rf_defineVar(state_symbol(), state, metric);
    UNPROTECT(1);
  }

  double mean(R_xlen_t k) const {
    const double* pair = sums(metric(INTEGER(order_)[k] - 1));
    return pair[1] == 0 ? 0 : pair[0] / pair[1];
  }

  SEXP metrics_ = nullptr, weighs_ = nullptr, order_ = nullptr,
       names_ = nullptr;
};

}  // namespace r
}  // namespace elman

#endif  // ELMAN_R_STEP_H_
