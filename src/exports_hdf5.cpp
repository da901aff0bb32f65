// The boundary of HDF5 files: their structure as an R list, their numbers as an
// R vector.
#include <climits>

#include "core/hdf5_file.h"
#include "core/hdf5_numbers.h"
#include "r_convert.h"

namespace {

using elman::hdf5::Array;
using elman::hdf5::File;
using elman::hdf5::FileError;
using elman::hdf5::Text;
using elman::hdf5::Type;

// These functions own nothing but what they protect: R leaves them by a jump
// where a file asks for more memory than there is.

void set_text(SEXP to, size_t k, const std::string& text) {
  SET_STRING_ELT(to, static_cast<R_xlen_t>(k),
                 Rf_mkCharLenCE(text.data(), static_cast<int>(text.size()),
                                CE_UTF8));
}

SEXP text_vector(const std::vector<std::string>& texts) {
  SEXP out =
      PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(texts.size())));
  for (size_t k = 0; k < texts.size(); ++k) set_text(out, k, texts[k]);
  UNPROTECT(1);
  return out;
}

// A list whose elements are still to be set.
template <size_t n>
SEXP named_list(const char* const (&names)[n]) {
  SEXP out = PROTECT(Rf_allocVector(VECSXP, n));
  SEXP labels = PROTECT(Rf_allocVector(STRSXP, n));
  for (size_t k = 0; k < n; ++k) {
    SET_STRING_ELT(labels, static_cast<R_xlen_t>(k), Rf_mkChar(names[k]));
  }
  Rf_setAttrib(out, R_NamesSymbol, labels);
  UNPROTECT(2);
  return out;
}

SEXP array_list(const Array& array) {
  SEXP out = PROTECT(named_list({"shape", "type", "at", "count"}));
  const R_xlen_t rank = static_cast<R_xlen_t>(array.shape.size());
  SEXP shape = Rf_allocVector(INTSXP, rank);
  SET_VECTOR_ELT(out, 0, shape);
  for (R_xlen_t axis = 0; axis < rank; ++axis) {
    INTEGER(shape)[axis] =
        static_cast<int>(array.shape[static_cast<size_t>(axis)]);
  }
  SEXP type = Rf_allocVector(REALSXP, 4);
  SET_VECTOR_ELT(out, 1, type);
  REAL(type)[0] = array.type.kind == Type::kInteger;
  REAL(type)[1] = static_cast<double>(array.type.size);
  REAL(type)[2] = array.type.is_signed;
  REAL(type)[3] = array.type.big_endian;
  SET_VECTOR_ELT(out, 2, Rf_ScalarReal(static_cast<double>(array.at)));
  SET_VECTOR_ELT(out, 3, Rf_ScalarReal(static_cast<double>(array.count)));
  UNPROTECT(1);
  return out;
}

SEXP text_list(const Text& text) {
  SEXP out = PROTECT(named_list({"at", "values"}));
  SEXP at = Rf_allocVector(STRSXP, 2);
  SET_VECTOR_ELT(out, 0, at);
  set_text(at, 0, text.path);
  set_text(at, 1, text.name);
  SET_VECTOR_ELT(out, 1, text_vector(text.values));
  UNPROTECT(1);
  return out;
}

SEXP index_list(const File& file) {
  SEXP out = PROTECT(named_list({"groups", "arrays", "texts"}));
  SET_VECTOR_ELT(out, 0, text_vector(file.groups));
  const R_xlen_t n = static_cast<R_xlen_t>(file.arrays.size());
  SEXP arrays = Rf_allocVector(VECSXP, n);
  SET_VECTOR_ELT(out, 1, arrays);
  SEXP paths = PROTECT(Rf_allocVector(STRSXP, n));
  for (size_t k = 0; k < file.arrays.size(); ++k) {
    set_text(paths, k, file.arrays[k].path);
    SET_VECTOR_ELT(arrays, static_cast<R_xlen_t>(k),
                   array_list(file.arrays[k]));
  }
  Rf_setAttrib(arrays, R_NamesSymbol, paths);
  SEXP texts =
      Rf_allocVector(VECSXP, static_cast<R_xlen_t>(file.texts.size()));
  SET_VECTOR_ELT(out, 2, texts);
  for (size_t k = 0; k < file.texts.size(); ++k) {
    SET_VECTOR_ELT(texts, static_cast<R_xlen_t>(k), text_list(file.texts[k]));
  }
  UNPROTECT(2);
  return out;
}

// Texts of R have at most 2 GB.
void check_lengths(const File& file) {
  for (const Text& text : file.texts) {
    for (const std::string& value : text.values) {
      if (value.size() > INT_MAX) throw FileError("a text in it is too long");
    }
  }
}

}  // namespace

// list(groups, arrays, texts) of the bytes of a file, or a text that says what
// is wrong with it.
// [[Rcpp::export(rng = false)]]
SEXP cpp_hdf5_index(SEXP bytes) {
  const R_xlen_t size = Rf_xlength(bytes);
  const unsigned char* data = RAW(bytes);
  try {
    const File file(data, static_cast<uint64_t>(size));
    check_lengths(file);
    return Rcpp::unwindProtect([&] { return index_list(file); });
  } catch (const FileError& error) {
    return Rf_mkString(error.what());
  }
}

// The numbers of an array that cpp_hdf5_index() has found in these bytes.
// [[Rcpp::export(rng = false)]]
SEXP cpp_hdf5_numbers(SEXP bytes, SEXP type, double at, double count) {
  Type of;
  of.kind = REAL(type)[0] != 0 ? Type::kInteger : Type::kFloat;
  of.size = static_cast<uint64_t>(REAL(type)[1]);
  of.is_signed = REAL(type)[2] != 0;
  of.big_endian = REAL(type)[3] != 0;
  SEXP out = PROTECT(Rf_allocVector(REALSXP, static_cast<R_xlen_t>(count)));
  elman::hdf5::read_numbers(RAW(bytes) + static_cast<R_xlen_t>(at), of,
                            static_cast<uint64_t>(count), REAL(out));
  UNPROTECT(1);
  return out;
}
