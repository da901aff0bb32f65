# Losses: how far predictions are from what was wanted. A loss is its element
# function, the axis it averages over and a way to reduce a batch to a number.

# ---- the loss object ---------------------------------------------------------

# What losses of users inherit from: `call(y_true, y_pred)` gives tensors, one
# value per sample or of any other shape, which are then reduced.
LossBase <- R6::R6Class(
  "Loss",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    name = NULL,
    reduction = NULL,
    dtype = NULL,
    # The axis that elements are averaged over, where there is one.
    axis = NULL,
    # One kernel that gives what elements() gives; see row_loss().
    fused = NULL,
    # Are the targets 0-based class numbers?
    class_numbers = FALSE,

    initialize = function(name = NULL, reduction = "sum_over_batch_size",
                          dtype = NULL, ...) {
      check_dots(...)
      self$name <- check_string(name, "name", null_ok = TRUE) %||%
        unique_name(snake_case(class(self)[1]))
      self$reduction <- check_reduction(reduction)
      self$dtype <- if (!is.null(dtype)) check_dtype(dtype)
    },

    call = function(y_true, y_pred) {
      abort_state(sprintf("%s must have a method `call(y_true, y_pred)`.",
                          class(self)[1]))
    },

    elements = function(y_true, y_pred) self$call(y_true, y_pred),

    get_config = function() {
      reduction <- if (self$reduction != "none") self$reduction
      list(name = self$name, reduction = reduction)
    }
  )
)

# A loss of the package, or one made of a user's function.
FunctionLoss <- R6::R6Class(
  "LossFunctionWrapper",
  inherit = LossBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    class_name = NULL,
    config = NULL,

    # `elements(y_true, y_pred)` gives one number per element, or per sample
    # where `axis` is NULL.
    initialize = function(class_name, elements, axis = NULL, fused = NULL,
                          config = list(), reduction = "sum_over_batch_size",
                          name = NULL, dtype = NULL, class_numbers = FALSE) {
      super$initialize(name %||% unique_name(snake_case(class_name)), reduction,
                       dtype)
      self$class_name <- class_name
      self$element_function <- elements
      self$axis <- axis
      self$fused <- fused
      self$config <- config
      self$class_numbers <- class_numbers
    },

    elements = function(y_true, y_pred) self$element_function(y_true, y_pred),

    call = function(y_true, y_pred) {
      sample_values(self$elements(y_true, y_pred), self$axis)
    },

    get_config = function() c(super$get_config(), config_of(self$config))
  )
)

# Axes count from 0 in configurations.
config_of <- function(config) {
  if (is.null(config$axis)) return(config)
  config$axis <- ifelse(config$axis > 0L, config$axis - 1L, config$axis)
  config
}

# What users hold: a function of (y_true, y_pred, sample_weight) that also
# answers `$name` and such.
wrap_loss <- function(self) {
  call <- function(y_true, y_pred, sample_weight = NULL) {
    tensors <- is_tensor(y_pred) || is_tensor(y_true) || is_taping()
    y_pred <- as_float(y_pred, self$dtype)
    check_loss_data(self, y_true, y_pred)
    value <- loss_value(self, y_true, y_pred, sample_weight)
    if (tensors) value else as.array(value)
  }
  structure(call, self = self, class = "elman_loss")
}

new_loss <- function(class, elements, axis = NULL, fused = NULL,
                     config = list(), reduction = "sum_over_batch_size",
                     name = NULL, dtype = NULL, class_numbers = FALSE) {
  wrap_loss(FunctionLoss$new(
    class, elements, axis, fused = fused, config = config,
    reduction = reduction, name = name, dtype = dtype,
    class_numbers = class_numbers
  ))
}

# The loss behind what users hold, or NULL.
loss_object <- function(x) {
  if (inherits(x, "elman_loss")) return(attr(x, "self", exact = TRUE))
  if (is.environment(x) && inherits(x, "Loss")) x
}

reductions <- c("sum_over_batch_size", "sum", "mean",
                "mean_with_sample_weight", "none")

check_reduction <- function(reduction) {
  if (is.null(reduction)) return("none")
  match_name(reduction, reductions, "reduction")
}

# Called with data a loss function gives one value per sample, else an object.
loss_or_values <- function(loss, y_true, y_pred) {
  if (missing(y_true) && missing(y_pred)) return(loss)
  if (missing(y_true) || missing(y_pred)) {
    abort_argument("`y_true` and `y_pred` must be given together.", "y_true")
  }
  values_of_data(loss_object(loss), y_true, y_pred)
}

# Of losses and metrics alike.
values_of_data <- function(self, y_true, y_pred) {
  tensors <- is_tensor(y_pred) || is_tensor(y_true) || is_taping()
  y_pred <- as_float(y_pred, self$dtype)
  check_loss_data(self, y_true, y_pred)
  y_true <- as_data(y_true, "y_true")
  pair <- match_ranks(self, y_true, y_pred)
  elements <- as_float(self$elements(pair$y_true, pair$y_pred))
  values <- sample_values(elements, self$axis)
  if (tensors) values else as.array(values)
}

# ---- losses as compile() takes them ------------------------------------------

# A loss as users give it (name, object, un-called loss_*, own function,
# configuration) as the object that training works with.
resolve_loss <- function(loss, name = NULL) {
  if (is.null(loss)) return(NULL)
  if (is_config(loss)) loss <- from_config(loss)
  if (is.character(loss) && length(loss) == 1L) {
    if (tolower(loss) %in% c("crossentropy", "ce")) {
      return(list(name = loss, automatic = TRUE))
    }
    loss <- named_loss(loss)()
  } else if (is_uncalled(loss, "loss_")) {
    loss <- loss()
  }
  self <- loss_object(loss)
  if (!is.null(self)) return(self)
  if (!is.function(loss)) {
    must_be(loss, "loss", "a name, a loss or a function of (y_true, y_pred)")
  }
  name <- name %||% function_name(loss) %||% "custom_loss"
  loss_object(new_loss("LossFunctionWrapper", loss, name = name,
                       config = list(fn = loss)))
}

# A list that get_config() or a saved file gives for one object.
is_config <- function(x) {
  is.list(x) && (!is.null(attr(x, "__class__")) ||
                   is.character(x$class_name) && !is.null(x$config))
}

# The name that a user's own function was given, if any.
function_name <- function(f) {
  attr(f, "name", exact = TRUE) %||% attr(f, "py_function_name", exact = TRUE)
}

# "crossentropy" chooses by shape, as "accuracy" does.
settle_loss <- function(loss, y_true, y_pred) {
  if (!isTRUE(loss$automatic)) return(loss)
  kind <- target_kind(shape_of(y_true), shape_of(y_pred))
  kind <- switch(kind, binary = "binary_crossentropy",
                 sparse = "sparse_categorical_crossentropy",
                 "categorical_crossentropy")
  resolve_loss(kind)
}

# ---- what a loss answers -----------------------------------------------------

#' @export
`$.elman_loss` <- function(x, name) {
  self <- attr(x, "self", exact = TRUE)
  if (name == "get_config") return(function() get_config(x))
  if (name == "call") return(function(...) self$call(...))
  value <- .subset2(self, name)
  if (is.null(value)) .subset2(self, "config")[[name]] else value
}

#' @export
print.elman_loss <- function(x, ...) {
  self <- attr(x, "self")
  cat(sprintf("<%s name=%s, reduction=%s>\n", class_name_of(self), self$name,
              self$reduction))
  invisible(x)
}

class_name_of <- function(self) .subset2(self, "class_name") %||% class(self)[1]

#' @export
get_config.elman_loss <- function(object) {
  self <- attr(object, "self")
  structure(self$get_config(),
            `__class__` = paste0("keras.losses.", class_name_of(self)))
}
