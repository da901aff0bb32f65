// The boundary of HDF5 files: their structure as an R list, their numbers as an
// R vector.
#include "core/hdf5_file.h"
#include "core/hdf5_numbers.h"
#include "r_convert.h"

namespace {

using elman::hdf5::Array;
using elman::hdf5::File;
using elman::hdf5::Text;
using elman::hdf5::Type;

Rcpp::CharacterVector utf8(const std::vector<std::string>& texts) {
  Rcpp::CharacterVector out(static_cast<R_xlen_t>(texts.size()));
  for (size_t k = 0; k < texts.size(); ++k) {
    out[static_cast<R_xlen_t>(k)] =
        Rf_mkCharLenCE(texts[k].data(), static_cast<int>(texts[k].size()),
                       CE_UTF8);
  }
  return out;
}

Rcpp::List array_list(const Array& array) {
  const double type[] = {
      static_cast<double>(array.type.kind == Type::kInteger),
      static_cast<double>(array.type.size),
      static_cast<double>(array.type.is_signed),
      static_cast<double>(array.type.big_endian)};
  return Rcpp::List::create(
      Rcpp::Named("shape") =
          Rcpp::IntegerVector(array.shape.begin(), array.shape.end()),
      Rcpp::Named("type") = Rcpp::NumericVector(type, type + 4),
      Rcpp::Named("at") = static_cast<double>(array.at),
      Rcpp::Named("count") = static_cast<double>(array.count));
}

}  // namespace

// list(groups, arrays, texts) of the bytes of a file, or a text that says what
// is wrong with it.
// [[Rcpp::export(rng = false)]]
SEXP cpp_hdf5_index(SEXP bytes) {
  try {
    const File file(RAW(bytes), static_cast<uint64_t>(Rf_xlength(bytes)));
    Rcpp::List arrays(static_cast<R_xlen_t>(file.arrays.size()));
    Rcpp::List texts(static_cast<R_xlen_t>(file.texts.size()));
    std::vector<std::string> paths;
    for (size_t k = 0; k < file.arrays.size(); ++k) {
      paths.push_back(file.arrays[k].path);
      arrays[static_cast<R_xlen_t>(k)] = array_list(file.arrays[k]);
    }
    arrays.names() = utf8(paths);
    for (size_t k = 0; k < file.texts.size(); ++k) {
      const Text& text = file.texts[k];
      texts[static_cast<R_xlen_t>(k)] = Rcpp::List::create(
          Rcpp::Named("at") = utf8({text.path, text.name}),
          Rcpp::Named("values") = utf8(text.values));
    }
    return Rcpp::List::create(Rcpp::Named("groups") = utf8(file.groups),
                              Rcpp::Named("arrays") = arrays,
                              Rcpp::Named("texts") = texts);
  } catch (const elman::hdf5::FileError& error) {
    return utf8({error.what()});
  }
}

// The numbers of an array that cpp_hdf5_index() has found in these bytes.
// [[Rcpp::export(rng = false)]]
SEXP cpp_hdf5_numbers(SEXP bytes, Rcpp::NumericVector type, double at,
                      double count) {
  Type of;
  of.kind = type[0] != 0 ? Type::kInteger : Type::kFloat;
  of.size = static_cast<uint64_t>(type[1]);
  of.is_signed = type[2] != 0;
  of.big_endian = type[3] != 0;
  Rcpp::NumericVector out(static_cast<R_xlen_t>(count));
  elman::hdf5::read_numbers(RAW(bytes) + static_cast<R_xlen_t>(at), of,
                            static_cast<uint64_t>(count), out.begin());
  return out;
}
