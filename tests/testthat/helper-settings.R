# Runs code under other settings of the package and puts the old ones back.

with_threads <- function(n, code) {
  withr::with_options(list(elman.threads = n), code)
}

# Every instruction set of this processor: for (isa in cpp_isas()) ...
with_isa <- function(name, code) {
  old <- cpp_isa("")
  withr::defer(cpp_isa(old))
  cpp_isa(name)
  code
}

with_floatx <- function(dtype, code) {
  old <- config_set_floatx(dtype)
  withr::defer(config_set_floatx(old))
  code
}
