// Pieces of plain vectors of doubles, for sums over ranks: R's own indexing
// would make a vector of places for each.
#include <Rcpp.h>

#include <algorithm>

namespace {

void check_piece(const Rcpp::NumericVector& x, double from, double count) {
  if (!(from >= 0 && count >= 0 && from + count <= x.size())) {
    Rcpp::stop("a piece must lie within its vector");
  }
}

}  // namespace

// A copy of `count` numbers after the first `from`.
// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector cpp_piece(Rcpp::NumericVector x, double from,
                              double count) {
  check_piece(x, from, count);
  const double* first = x.begin() + static_cast<R_xlen_t>(from);
  return Rcpp::NumericVector(first, first + static_cast<R_xlen_t>(count));
}

// Adds `y` to the numbers after the first `from`, or replaces them, in place:
// nobody else may hold `x`.
// [[Rcpp::export(rng = false)]]
void cpp_piece_put(Rcpp::NumericVector x, double from, Rcpp::NumericVector y,
                   bool add) {
  check_piece(x, from, static_cast<double>(y.size()));
  double* to = x.begin() + static_cast<R_xlen_t>(from);
  if (add) {
    for (R_xlen_t i = 0; i < y.size(); ++i) to[i] += y[i];
  } else {
    std::copy(y.begin(), y.end(), to);
  }
}
