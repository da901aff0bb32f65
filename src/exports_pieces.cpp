// Plain vectors of doubles that are added up over ranks: R's own indexing would
// make a vector of places for each piece, and fresh memory for each result.
//
// The first `pairs` numbers of such a vector may each hold two floats instead of
// a double, so that gradients in single precision take half the room.
#include <Rcpp.h>

#include <algorithm>
#include <thread>

#include "r_convert.h"

namespace {

void check_piece(const Rcpp::NumericVector& x, double from, double count) {
  if (!(from >= 0 && count >= 0 && from + count <= x.size())) {
    Rcpp::stop("a piece must lie within its vector");
  }
}

template <class T>
void add_up(T* to, const T* y, R_xlen_t count) {
  for (R_xlen_t i = 0; i < count; ++i) to[i] += y[i];
}

}  // namespace

// Copies the numbers after the first `from` into `y`, as many as that has.
// [[Rcpp::export(rng = false)]]
void cpp_piece_take(Rcpp::NumericVector x, double from, Rcpp::NumericVector y) {
  check_piece(x, from, static_cast<double>(y.size()));
  std::copy_n(x.begin() + static_cast<R_xlen_t>(from), y.size(), y.begin());
}

// Adds `y` to the numbers after the first `from`, or replaces them, in place:
// nobody else may hold `x`.
// [[Rcpp::export(rng = false)]]
void cpp_piece_put(Rcpp::NumericVector x, double from, Rcpp::NumericVector y,
                   bool add, double pairs) {
  const R_xlen_t count = y.size();
  check_piece(x, from, static_cast<double>(count));
  double* to = x.begin() + static_cast<R_xlen_t>(from);
  if (!add) {
    std::copy_n(y.begin(), count, to);
    return;
  }
  const R_xlen_t floats = static_cast<R_xlen_t>(
      std::min(std::max(pairs - from, 0.0), static_cast<double>(count)));
  add_up(reinterpret_cast<float*>(to),
         reinterpret_cast<const float*>(y.begin()), 2 * floats);
  add_up(to + floats, y.begin() + floats, count - floats);
}

// Copies tensors of floats and doubles into `x` or, with `back`, out of it in
// place: floats from its beginning on, doubles after the first `pairs` numbers.
// [[Rcpp::export(rng = false)]]
void cpp_pack(Rcpp::NumericVector x, Rcpp::List tensors, double pairs,
              bool back) {
  using elman::Array;
  using elman::DType;
  float* floats = reinterpret_cast<float*>(x.begin());
  double* doubles = x.begin() + static_cast<R_xlen_t>(pairs);
  float* const floats_end = reinterpret_cast<float*>(doubles);
  double* const doubles_end = x.end();
  auto copy = [back](auto** at, auto* end, auto* numbers, int64_t count) {
    if (count > end - *at) Rcpp::stop("tensors do not fit their vector");
    if (back) {
      std::copy_n(*at, count, numbers);
    } else {
      std::copy_n(numbers, count, *at);
    }
    *at += count;
  };
  for (R_xlen_t k = 0; k < tensors.size(); ++k) {
    const Array one = elman::r::view(tensors[k]);
    if (one.dtype == DType::kFloat32) {
      copy(&floats, floats_end, one.as<float>(), one.size());
    } else if (one.dtype == DType::kFloat64) {
      copy(&doubles, doubles_end, one.as<double>(), one.size());
    } else {
      Rcpp::stop("only floats and doubles are added up");
    }
  }
}

// Lets other processes have the processor.
// [[Rcpp::export(rng = false)]]
void cpp_yield() { std::this_thread::yield(); }
