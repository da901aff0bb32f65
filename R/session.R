# What belongs to the R session and not to a model: the default dtype, the
# counters behind automatic names, the open tape, the training flag.

the <- new.env(parent = emptyenv())
the$floatx <- "float32"
the$epsilon <- 1e-7
the$names <- new.env(parent = emptyenv())
the$taping <- 0L
the$node <- NULL
the$last_node <- 0L
the$training <- NULL
# Is a layer called only to learn the shapes it gives?
the$measuring <- FALSE
# The outermost layer call now running, and how many there have been.
the$call <- NULL
the$calls <- 0
# Are steps recorded? What is noted while one is; and the edition of layers and
# settings, another environment after each change and in each session, which a
# recorded program does not outlive.
the$record_steps <- TRUE
the$recording <- NULL
the$edition <- new.env(parent = emptyenv())
# Which rows of a batch a step is for, where other ranks have the others.
the$shard <- NULL
# How fit() trains where it is not told, and this process among others.
the$distribution <- NULL
the$mpi <- NULL
# Users' own classes by name, for good and for as long as a scope's code runs.
the$custom_objects <- list()
the$custom_scope <- list()

#' Default floating point type
#'
#' Tensors made from R numbers, weights and layers have this type unless
#' `dtype` says otherwise. Arithmetic in `"float32"` is about twice as fast as
#' in `"float64"` and is what Keras uses.
#'
#' @param value `"float32"` or `"float64"`; for `config_set_epsilon()` a small
#'   positive number.
#' @return `config_floatx()` the type's name and `config_epsilon()` a number;
#'   the setters return the previous value, invisibly.
#' @section Errors: `elman_error_argument` for another type.
#' @examples
#' config_floatx()
#' old <- config_set_floatx("float64")
#' as_tensor(1:3 / 3)
#' config_set_floatx(old)
#' @export
config_floatx <- function() the$floatx

#' @rdname config_floatx
#' @export
config_set_floatx <- function(value) {
  if (!identical(value, "float32") && !identical(value, "float64")) {
    must_be(value, "value", "\"float32\" or \"float64\"")
  }
  old <- the$floatx
  the$floatx <- value
  note_edit()
  invisible(old)
}

#' @rdname config_floatx
#' @export
config_epsilon <- function() the$epsilon

#' @rdname config_floatx
#' @export
config_set_epsilon <- function(value) {
  value <- check_number(value, "value", min = 0)
  old <- the$epsilon
  the$epsilon <- value
  note_edit()
  invisible(old)
}

#' Forget automatic names
#'
#' Layers without a `name` are numbered per class through the session:
#' `simple_rnn`, `simple_rnn_1`, and so on. This starts the numbers again.
#' Models and layers made before stay as they are.
#'
#' @param free_memory Also end the kernels' threads, give their work space back
#'   to the system and run R's garbage collector.
#' @return `NULL`, invisibly.
#' @section Errors: `elman_error_argument` where `free_memory` is neither `TRUE`
#'   nor `FALSE`.
#' @examples
#' layer_dense(units = 2)$name
#' clear_session()
#' layer_dense(units = 2)$name
#' @export
clear_session <- function(free_memory = TRUE) {
  free_memory <- check_flag(free_memory, "free_memory")
  rm(list = ls(the$names, all.names = TRUE), envir = the$names)
  if (free_memory) {
    cpp_threads_shutdown()
    cpp_workspace_free()
    gc()
  }
  invisible(NULL)
}

# "simple_rnn", then "simple_rnn_1", ... for each stem.
unique_name <- function(stem) {
  count <- the$names[[stem]] %||% 0L
  the$names[[stem]] <- count + 1L
  if (count == 0L) stem else paste0(stem, "_", count)
}

# "SimpleRNN" -> "simple_rnn", as Keras derives names from classes.
snake_case <- function(x) {
  x <- gsub("(.)([A-Z][a-z]+)", "\\1_\\2", x)
  tolower(gsub("([a-z])([A-Z])", "\\1_\\2", x))
}

#' Number of threads
#'
#' Kernels run on `options(elman.threads = n)`, else on the environment variable
#' `ELMAN_NUM_THREADS`, else on all cores, and on two at most under
#' `R CMD check`. Results are the same, bit for bit, for any number of threads.
#'
#' @return The number of threads that the next kernel call uses.
#' @examples
#' elman_threads()
#' @export
elman_threads <- function() cpp_threads()

# What holds where no option is set; 0 stands for all processors.
default_threads <- function() {
  wanted <- suppressWarnings(as.integer(Sys.getenv("ELMAN_NUM_THREADS")))
  if (is.na(wanted) || wanted < 1L) wanted <- 0L
  limit <- tolower(Sys.getenv("_R_CHECK_LIMIT_CORES_"))
  limited <- nzchar(limit) && limit != "false"
  if (limited && (wanted == 0L || wanted > 2L)) 2L else wanted
}
