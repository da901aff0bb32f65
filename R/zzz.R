# Loading and unloading.

.onUnload <- function(libpath) {
  cpp_threads_shutdown()
  library.dynam.unload("elman", libpath)
}
