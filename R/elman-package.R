# The package's own help page, its compiled code, and what it re-exports.

#' @keywords internal
"_PACKAGE"

#' @useDynLib elman, .registration = TRUE
#' @importFrom Rcpp evalCpp
#' @import rlang
#' @importFrom R6 R6Class
NULL
