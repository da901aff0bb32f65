# Runs code under other settings of the package and puts the old ones back.

with_threads <- function(n, code) {
  withr::with_options(list(elman.threads = n), code)
}

with_floatx <- function(dtype, code) {
  old <- config_set_floatx(dtype)
  withr::defer(config_set_floatx(old))
  code
}
