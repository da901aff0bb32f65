# The layers named after their cell: they take its arguments beside their own,
# make it, and answer for it.

# Entries of their configurations, and arguments of theirs.
initializer_entries <- c("kernel_initializer", "recurrent_initializer",
                         "bias_initializer")
regularizer_entries <- c("kernel_regularizer", "recurrent_regularizer",
                         "bias_regularizer")
constraint_entries <- c("kernel_constraint", "recurrent_constraint",
                        "bias_constraint")

# Arguments that a cell's constructor takes.
cell_arguments <- c(
  "activation", "recurrent_activation", "use_bias", initializer_entries,
  regularizer_entries, constraint_entries, "dropout", "recurrent_dropout",
  "seed", "unit_forget_bias", "reset_after", "implementation"
)

CellLayer <- R6::R6Class(
  "CellLayer",
  inherit = RecurrentLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(class, cell_name, units, ...) {
      given <- rlang::dots_list(..., .ignore_empty = "trailing")
      takes <- intersect(cell_arguments, constructor_arguments(class))
      is_cells <- names(given) %in% takes
      do.call(super$initialize, given[!is_cells], quote = TRUE)
      self$cell <- make_instance(
        class, given[is_cells], units = units, name = cell_name,
        dtype = self$dtype, trainable = self$trainable
      )
    }
  ),
  active = delegate(
    c("units", "activation", "use_bias", initializer_entries,
      regularizer_entries, constraint_entries, "dropout", "recurrent_dropout",
      "seed"),
    "cell"
  )
)

# The arguments of a class's constructor and of those that it hands on to.
constructor_arguments <- function(class) {
  found <- character()
  while (!is.null(class)) {
    constructor <- class$public_methods$initialize
    if (is.function(constructor)) found <- c(found, names(formals(constructor)))
    class <- class$get_inherit()
  }
  found
}

# What layer_lstm() and layer_gru() have besides.
GatedLayer <- R6::R6Class(
  "GatedLayer",
  inherit = CellLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    use_cudnn = "auto",

    initialize = function(class, cell_name, units, ..., use_cudnn = "auto") {
      super$initialize(class, cell_name, units, ...)
      self$use_cudnn <- check_cudnn(use_cudnn)
    }
  ),
  active = delegate("recurrent_activation", "cell")
)

check_cudnn <- function(x) {
  if (!identical(x, "auto") && !identical(x, TRUE) && !identical(x, FALSE)) {
    must_be(x, "use_cudnn", "\"auto\", TRUE or FALSE")
  }
  x
}

# The named fields of a cell or layer as a configuration has them.
entries_of <- function(object, entries) {
  values <- lapply(entries, function(name) {
    value <- object[[name]]
    if (grepl("activation$", name)) return(serialize_activation(value))
    serialize_object(value)
  })
  stats::setNames(values, entries)
}

# ---- from a function's arguments to an instance ------------------------------

# The arguments of the function that asks, by name, less its dots.
own_arguments <- function(without = character()) {
  names <- names(formals(sys.function(sys.parent())))
  mget(setdiff(names, c("...", without)), envir = parent.frame())
}

# Symbols and calls among the arguments are values, and are not looked up.
make_instance <- function(class, arguments, ...) {
  do.call(class$new,
          c(arguments, rlang::dots_list(..., .ignore_empty = "trailing")),
          quote = TRUE)
}
