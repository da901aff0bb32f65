# Loading and unloading.

.onLoad <- function(libname, pkgname) {
  cpp_threads_default(default_threads())
}

.onUnload <- function(libpath) {
  cpp_threads_shutdown()
  library.dynam.unload("elman", libpath)
}

# Bound by R6 and by the classes of users where the code that uses them runs.
utils::globalVariables(c("self", "super"))
