// The boundary of JSON text, which is looked through before it is parsed.
#include "core/json_scan.h"
#include "r_convert.h"

// What is wrong with the bytes of a JSON text; "" where nothing is found.
// [[Rcpp::export(rng = false)]]
std::string cpp_json_problem(SEXP bytes, double depth, double values) {
  const elman::JsonLimits limits = {static_cast<size_t>(depth),
                                    static_cast<size_t>(values)};
  return elman::JsonScan({reinterpret_cast<const char*>(RAW(bytes)),
                          static_cast<size_t>(Rf_xlength(bytes))},
                         limits)
      .problem();
}
