// R values as the core sees them: views of tensors, attributes of a call, and
// tensors made from shape and dtype. The only header that knows both sides.
#ifndef ELMAN_R_CONVERT_H_
#define ELMAN_R_CONVERT_H_

#include <Rcpp.h>

#include <cstring>

#include "core/array.h"
#include "core/attributes.h"
#include "core/convert.h"

namespace elman {
namespace r {

// A symbol, looked up when it is first needed. R leaves by a jump where it finds
// no memory, so that a static must not be made by a call of R.
class Symbol {
 public:
  constexpr explicit Symbol(const char* name) : name_(name) {}
  operator SEXP() {
    if (symbol_ == nullptr) symbol_ = Rf_install(name_);
    return symbol_;
  }

 private:
  const char* name_;
  SEXP symbol_ = nullptr;
};

inline SEXP shape_symbol() {
  static Symbol symbol("shape");
  return symbol;
}

inline SEXP dtype_symbol() {
  static Symbol symbol("dtype");
  return symbol;
}

// A value that stays for the session; it is given to nobody who changes it.
inline SEXP forever(SEXP value) {
  PROTECT(value);
  R_PreserveObject(value);
  MARK_NOT_MUTABLE(value);
  UNPROTECT(1);
  return value;
}

// The R type whose vectors hold the numbers of a dtype: float32 bits lie in
// integer vectors.
inline SEXPTYPE storage(DType dtype) {
  if (dtype == DType::kFloat64) return REALSXP;
  return dtype == DType::kBool ? LGLSXP : INTSXP;
}

inline void* data(SEXP x) {
  switch (TYPEOF(x)) {
    case REALSXP:
      return REAL(x);
    case LGLSXP:
      return LOGICAL(x);
    default:
      return INTEGER(x);
  }
}

// A fresh tensor; its numbers are not set. The caller protects it.
inline SEXP new_tensor(SEXP shape, DType dtype) {
  static SEXP classes = nullptr;
  if (classes == nullptr) {
    SEXP names = PROTECT(Rf_allocVector(STRSXP, 2));
    SET_STRING_ELT(names, 0, Rf_mkChar("elman_tensor"));
    SET_STRING_ELT(names, 1, Rf_mkChar("elman_value"));
    classes = forever(names);
    UNPROTECT(1);
  }
  static SEXP dtypes[4] = {};
  SEXP& name = dtypes[static_cast<int>(dtype)];
  if (name == nullptr) name = forever(Rf_mkString(dtype_name(dtype)));
  R_xlen_t size = 1;
  for (R_xlen_t k = 0; k < Rf_xlength(shape); ++k) size *= INTEGER(shape)[k];
  SEXP out = PROTECT(Rf_allocVector(storage(dtype), size));
  Rf_setAttrib(out, shape_symbol(), shape);
  Rf_setAttrib(out, dtype_symbol(), name);
  Rf_setAttrib(out, R_ClassSymbol, classes);
  UNPROTECT(1);
  return out;
}

// The tensor behind a kernel argument: itself, or a variable's value.
inline SEXP tensor_of(SEXP x) {
  static Symbol value("value");
  return TYPEOF(x) == ENVSXP ? Rf_findVarInFrame(x, value) : x;
}

// A view of a tensor or variable; NULL is an absent input.
inline Array view(SEXP x) {
  Array out;
  if (x == R_NilValue) return out;
  x = tensor_of(x);
  SEXP shape = Rf_getAttrib(x, shape_symbol());
  SEXP dtype = Rf_getAttrib(x, dtype_symbol());
  if (TYPEOF(shape) != INTSXP || TYPEOF(dtype) != STRSXP) {
    throw std::invalid_argument("an argument is not a tensor");
  }
  out.dtype = parse_dtype(CHAR(STRING_ELT(dtype, 0)));
  out.shape = Shape(INTEGER(shape), INTEGER(shape) + Rf_xlength(shape));
  if (TYPEOF(x) != static_cast<int>(storage(out.dtype)) ||
      Rf_xlength(x) != out.shape.size()) {
    throw std::invalid_argument("a tensor does not hold what it says");
  }
  out.data = data(x);
  return out;
}

// Fills a tensor's numbers from an R vector or array of as many. Whole numbers
// become floats on the way, without a vector of doubles in between.
inline void fill(const Array& out, SEXP x) {
  const bool floating = is_floating(out.dtype);
  const bool whole = TYPEOF(x) == INTSXP || TYPEOF(x) == LGLSXP;
  const SEXPTYPE source = floating ? REALSXP : storage(out.dtype);
  x = PROTECT(floating && whole ? x : Rf_coerceVector(x, source));
  const int64_t* dims = out.shape.begin();
  const int rank = out.shape.rank();
  auto convert = [&](auto* to) {
    if (whole) {
      from_column_major(static_cast<const int*>(data(x)), to, dims, rank);
    } else {
      from_column_major(REAL(x), to, dims, rank);
    }
  };
  switch (out.dtype) {
    case DType::kFloat32:
      convert(out.as<float>());
      break;
    case DType::kFloat64:
      convert(out.as<double>());
      break;
    default:
      from_column_major(static_cast<const int*>(data(x)), out.as<int>(), dims,
                        rank);
  }
  UNPROTECT(1);
}

// A tensor of its own with these numbers.
inline SEXP tensor(const Array& from) {
  SEXP shape = PROTECT(Rf_allocVector(INTSXP, from.shape.rank()));
  for (int axis = 0; axis < from.shape.rank(); ++axis) {
    INTEGER(shape)[axis] = static_cast<int>(from.shape[axis]);
  }
  SEXP out = PROTECT(new_tensor(shape, from.dtype));
  if (from.size() > 0) {
    std::memcpy(data(out), from.data, from.size() * dtype_bytes(from.dtype));
  }
  UNPROTECT(2);
  return out;
}

// The R array of a tensor's numbers: doubles, integers or logicals; a scalar
// has no dim.
inline SEXP array(const Array& from) {
  const int rank = from.shape.rank();
  const SEXPTYPE type =
      is_floating(from.dtype) ? REALSXP : storage(from.dtype);
  SEXP out = PROTECT(Rf_allocVector(type, from.size()));
  switch (from.dtype) {
    case DType::kFloat32:
      to_column_major(from.as<float>(), REAL(out), from.shape.begin(), rank);
      break;
    case DType::kFloat64:
      to_column_major(from.as<double>(), REAL(out), from.shape.begin(), rank);
      break;
    default:
      to_column_major(from.as<int>(), static_cast<int*>(data(out)),
                      from.shape.begin(), rank);
  }
  if (rank > 0) {
    SEXP dim = PROTECT(Rf_allocVector(INTSXP, rank));
    for (int axis = 0; axis < rank; ++axis) {
      INTEGER(dim)[axis] = static_cast<int>(from.shape[axis]);
    }
    Rf_setAttrib(out, R_DimSymbol, dim);
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return out;
}

// options(elman.threads = n) rules at every call.
void follow_thread_option();

inline Arrays views(SEXP list) {
  Arrays out;
  out.reserve(Rf_xlength(list));
  for (R_xlen_t k = 0; k < Rf_xlength(list); ++k) {
    out.push_back(view(VECTOR_ELT(list, k)));
  }
  return out;
}

// A named list of numbers, flags and strings; NULL elements are left out.
inline Attributes attributes(SEXP list) {
  Attributes out;
  if (list == R_NilValue) return out;
  SEXP names = Rf_getAttrib(list, R_NamesSymbol);
  for (R_xlen_t k = 0; k < Rf_xlength(list); ++k) {
    SEXP value = VECTOR_ELT(list, k);
    const char* name = CHAR(STRING_ELT(names, k));
    const R_xlen_t n = Rf_xlength(value);
    switch (TYPEOF(value)) {
      case STRSXP:
        if (n > 0) out.set(name, CHAR(STRING_ELT(value, 0)));
        break;
      case REALSXP:
        out.set(name, std::vector<double>(REAL(value), REAL(value) + n));
        break;
      case INTSXP:
        out.set(name, std::vector<double>(INTEGER(value), INTEGER(value) + n));
        break;
      case LGLSXP:
        out.set(name, std::vector<double>(LOGICAL(value), LOGICAL(value) + n));
        break;
      default:
        break;
    }
  }
  return out;
}

}  // namespace r
}  // namespace elman

#endif  // ELMAN_R_CONVERT_H_
