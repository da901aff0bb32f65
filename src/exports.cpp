// The boundary: everything that R calls. Convert, call, wrap; no logic.
#include "core/crc32.h"
#include "core/decompositions.h"
#include "core/file_output.h"
#include "core/isa.h"
#include "core/registry.h"
#include "core/rnn.h"
#include "core/thread_pool.h"
#include "core/workspace.h"
#include "r_convert.h"
#include "r_recorder.h"

namespace {

using elman::Array;
using elman::DType;
using elman::r::Recorder;

// Threads where no option says otherwise; set when the package is loaded.
int default_threads = 1;

// Runs a kernel; gives NULL, or what it found wrong as a string. `fresh`: the
// outputs were made for this call.
SEXP run(SEXP name, SEXP inputs, SEXP outputs, SEXP attributes, bool fresh) {
  std::string message;
  try {
    const elman::KernelFunction* kernel =
        elman::find_kernel(CHAR(STRING_ELT(name, 0)));
    if (kernel == nullptr) throw std::invalid_argument("no such kernel");
    (*kernel)(elman::r::views(inputs), elman::r::views(outputs),
              elman::r::attributes(attributes));
    if (Recorder::active()) {
      Recorder::active()->call(CHAR(STRING_ELT(name, 0)), inputs, outputs,
                               attributes, fresh);
    }
    return R_NilValue;
  } catch (const std::exception& error) {
    message = error.what();
  }
  return Rf_mkString(message.c_str());
}

DType dtype_at(SEXP dtypes, R_xlen_t k) {
  return elman::parse_dtype(CHAR(STRING_ELT(dtypes, k)));
}

}  // namespace

void elman::r::follow_thread_option() {
  static elman::r::Symbol option("elman.threads");
  SEXP value = Rf_GetOption1(option);
  int wanted = value == R_NilValue ? NA_INTEGER : Rf_asInteger(value);
  if (wanted == NA_INTEGER || wanted < 1) wanted = default_threads;
  if (wanted != elman::num_threads()) elman::set_num_threads(wanted);
}

// A kernel on fresh outputs. `shapes` is one shape, or a list of them with NULL
// for an output that is not wanted. Gives one tensor or a list, or a string:
// what the kernel found wrong.
// [[Rcpp::export(rng = false)]]
SEXP cpp_kernel_call(SEXP name, SEXP inputs, SEXP shapes, SEXP dtypes,
                     SEXP attributes) {
  elman::r::follow_thread_option();
  const bool many = TYPEOF(shapes) == VECSXP;
  const R_xlen_t n = many ? Rf_xlength(shapes) : 1;
  SEXP outputs = PROTECT(Rf_allocVector(VECSXP, n));
  for (R_xlen_t k = 0; k < n; ++k) {
    SEXP shape = many ? VECTOR_ELT(shapes, k) : shapes;
    if (many && shape == R_NilValue) continue;
    SET_VECTOR_ELT(outputs, k,
                   elman::r::new_tensor(shape, dtype_at(dtypes, k)));
  }
  SEXP wrong = run(name, inputs, outputs, attributes, true);
  UNPROTECT(1);
  if (wrong != R_NilValue) return wrong;
  return many ? outputs : VECTOR_ELT(outputs, 0);
}

// A kernel that changes `targets` (tensors or variables) in place. Gives NULL,
// or a string: what the kernel found wrong.
// [[Rcpp::export(rng = false)]]
SEXP cpp_kernel_update(SEXP name, SEXP inputs, SEXP targets, SEXP attributes) {
  elman::r::follow_thread_option();
  return run(name, inputs, targets, attributes, false);
}

// A tensor from an R vector or array. A number without dim is a scalar.
// [[Rcpp::export(rng = false)]]
SEXP cpp_tensor_from_r(SEXP x, SEXP dtype) {
  const DType type = dtype_at(dtype, 0);
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  SEXP shape = R_NilValue;
  if (dim != R_NilValue) {
    shape = PROTECT(Rf_duplicate(dim));
    Rf_setAttrib(shape, R_NamesSymbol, R_NilValue);
  } else {
    const R_xlen_t n = Rf_xlength(x);
    shape = PROTECT(Rf_allocVector(INTSXP, n == 1 ? 0 : 1));
    if (n != 1) INTEGER(shape)[0] = static_cast<int>(n);
  }
  SEXP out = PROTECT(elman::r::new_tensor(shape, type));
  elman::r::fill(elman::r::view(out), x);
  UNPROTECT(2);
  return out;
}

// The R array of a tensor: doubles, integers or logicals; a scalar has no dim.
// [[Rcpp::export(rng = false)]]
SEXP cpp_tensor_to_r(SEXP tensor) {
  if (Recorder::active()) Recorder::active()->read(tensor);
  return elman::r::array(elman::r::view(tensor));
}

// A tensor of its own with the same numbers, without node or mask.
// [[Rcpp::export(rng = false)]]
SEXP cpp_copy(SEXP tensor) {
  SEXP out = PROTECT(elman::r::tensor(elman::r::view(tensor)));
  if (Recorder::active()) Recorder::active()->copy(tensor, out);
  UNPROTECT(1);
  return out;
}

// How much the forward pass of a recurrent layer keeps for its backward pass,
// in elements.
// [[Rcpp::export(rng = false)]]
double cpp_rnn_saved_size(std::string cell, std::string activation,
                          std::string recurrent_activation, double batch,
                          double time, double units) {
  elman::Cell kind = elman::Cell::kSimple;
  elman::Activation of_state = elman::Activation::kTanh, of_gates = of_state;
  if (!elman::parse_cell(cell.c_str(), &kind) ||
      !elman::parse_activation(activation.c_str(), &of_state) ||
      !elman::parse_activation(recurrent_activation.c_str(), &of_gates)) {
    return NA_REAL;
  }
  return static_cast<double>(elman::rnn_saved_size(
      kind, of_state, of_gates, static_cast<int64_t>(batch),
      static_cast<int64_t>(time), static_cast<int64_t>(units)));
}

// Sets the number of threads where no option is set (0: all processors).
// [[Rcpp::export(rng = false)]]
void cpp_threads_default(int n) {
  static const int all = elman::num_threads();
  default_threads = n < 1 ? all : n;
}

// The number of threads that the next kernel call uses.
// [[Rcpp::export(rng = false)]]
int cpp_threads() {
  elman::r::follow_thread_option();
  return elman::num_threads();
}

// Gives the kernels' kept work space on this thread back to the system.
// [[Rcpp::export(rng = false)]]
void cpp_workspace_free() { elman::release_workspace(); }

// [[Rcpp::export(rng = false)]]
void cpp_threads_shutdown() { elman::shutdown_threads(); }

// Forces a narrower instruction set if one is named; gives the one in use.
// [[Rcpp::export(rng = false)]]
std::string cpp_isa(std::string name) {
  if (!name.empty()) elman::set_isa(name);
  return elman::isa_name();
}

// [[Rcpp::export(rng = false)]]
std::vector<std::string> cpp_isas() { return elman::supported_isas(); }

// Orthonormal columns from the columns of a matrix of doubles.
// [[Rcpp::export(rng = false)]]
SEXP cpp_orthonormal_columns(SEXP matrix) {
  SEXP out = PROTECT(Rf_duplicate(matrix));
  elman::orthonormal_columns(REAL(out), Rf_nrows(out), Rf_ncols(out));
  UNPROTECT(1);
  return out;
}

// Flushes a file or folder to the disk; FALSE where that failed.
// [[Rcpp::export(rng = false)]]
bool cpp_sync_path(std::string path) { return elman::sync_path(path.c_str()); }

// Writes a raw vector into a file, at its end where `append`; gives why not, or
// "".
// [[Rcpp::export(rng = false)]]
std::string cpp_write_path(std::string path, SEXP bytes, bool append) {
  return elman::write_path(path.c_str(), RAW(bytes),
                           static_cast<size_t>(Rf_xlength(bytes)), append);
}

// The checksum of a raw vector, as zip files note it down.
// [[Rcpp::export(rng = false)]]
double cpp_crc32(SEXP bytes) {
  return elman::crc32(RAW(bytes), static_cast<size_t>(Rf_xlength(bytes)));
}

// `n` bytes of a raw vector after the first `from`, which lie within it.
// [[Rcpp::export(rng = false)]]
SEXP cpp_raw_slice(SEXP bytes, double from, double n) {
  SEXP out = PROTECT(Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(n)));
  if (n > 0) {
    std::memcpy(RAW(out), RAW(bytes) + static_cast<R_xlen_t>(from),
                static_cast<size_t>(n));
  }
  UNPROTECT(1);
  return out;
}
