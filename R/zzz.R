# Loading and unloading.

.onLoad <- function(libname, pkgname) {
  cpp_threads_default(default_threads())
}

.onUnload <- function(libpath) {
  cpp_threads_shutdown()
  library.dynam.unload("elman", libpath)
}
