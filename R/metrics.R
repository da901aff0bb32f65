# Metrics: numbers over the batches seen since the last reset, so that an
# epoch's number weighs every sample alike.
#
# A metric of the package is native: a batch becomes statistics, tensors made by
# ops alone; their numbers, once fetched, are added to the state; the result is
# computed from the state. A step can thus be recorded with its metrics in it.
# Metrics of users override update_state() and run in R after the step.

# ---- what metrics inherit from -----------------------------------------------

MetricBase <- R6::R6Class(
  "Metric",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    name = NULL,
    dtype = NULL,
    # Are there statistics() and absorb()?
    native = FALSE,
    own_variables = NULL,

    initialize = function(dtype = NULL, name = NULL, ...) {
      check_dots(...)
      self$name <- check_string(name, "name", null_ok = TRUE) %||%
        unique_name(snake_case(class_name_of(self)))
      self$dtype <- if (!is.null(dtype)) check_dtype(dtype)
    },

    # State that reset_state() puts to zero.
    add_variable = function(shape = integer(), initializer = "zeros",
                            dtype = NULL, aggregation = "sum", name = NULL) {
      name <- name %||% "variable"
      path <- paste0(self$name, "/", name)
      value <- initial_value(get_initializer(initializer %||% "zeros"),
                             known_shape(shape), dtype %||% self$dtype %||%
                               the$floatx, path)
      variable <- new_variable(value, name, trainable = FALSE, path = path)
      self$own_variables <- c(self$own_variables, list(variable))
      variable
    },

    add_weight = function(shape = integer(), initializer = "zeros",
                          dtype = NULL, name = NULL) {
      self$add_variable(shape, initializer, dtype = dtype, name = name)
    },

    update_state = function(...) self$must_have("update_state"),

    result = function() self$must_have("result"),

    reset_state = function() {
      for (variable in self$variables) {
        variable_assign(variable, op_zeros(shape_of(variable),
                                           dtype_of(variable)))
      }
      invisible(self)
    },

    get_config = function() {
      list(name = self$name, dtype = self$dtype %||% the$floatx)
    },

    must_have = function(method) {
      abort_state(sprintf("%s must have a method `%s()`.", class(self)[1],
                          method))
    }
  ),
  active = list(
    variables = function() c(list(), self$own_variables)
  )
)

# Those of the package. `state` is a named list of R numbers or arrays. What
# every step calls reads it by .subset2(), because `$` looks for methods first.
NativeMetric <- R6::R6Class(
  "NativeMetric",
  inherit = MetricBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    native = TRUE,
    class_name = NULL,
    config = NULL,
    state = NULL,
    # What metrics share with losses, see LossBase.
    axis = NULL,
    fused = NULL,
    class_numbers = FALSE,

    initialize = function(class_name, state, config = list(), name = NULL,
                          dtype = NULL) {
      self$class_name <- class_name
      super$initialize(dtype = dtype, name = name)
      self$config <- config
      self$initial <- state
      self$state <- state
    },

    # Tensors, one per element of the state, for tensors.
    statistics = function(y_true, y_pred, sample_weight = NULL) {
      self$must_have("statistics")
    },

    # Adds the numbers of statistics(), as R arrays in double.
    absorb = function(values) {
      state <- .subset2(self, "state")
      for (k in seq_along(values)) state[[k]] <- state[[k]] + values[[k]]
      assign("state", state, envir = self)
      invisible(self)
    },

    update_state = function(y_true, y_pred, sample_weight = NULL) {
      update_native(self, y_true, y_pred, sample_weight)
    },

    take = function(tensors) self$absorb(lapply(tensors, cpp_tensor_to_r)),

    reset_state = function() {
      assign("state", .subset2(self, "initial"), envir = self)
      invisible(self)
    },

    get_config = function() c(super$get_config(), config_of(self$config))
  ),
  active = list(
    # Copies: the state itself is R's.
    variables = function() {
      lapply(names(self$state), function(name) {
        value <- as_tensor(self$state[[name]], self$dtype %||% the$floatx)
        new_variable(value, name, trainable = FALSE,
                     path = paste0(self$name, "/", name))
      })
    }
  )
)

# One batch of arrays or tensors.
update_native <- function(self, y_true, y_pred, sample_weight) {
  y_pred <- as_float(y_pred, self$dtype)
  check_loss_data(self, y_true, y_pred)
  if (!is.null(sample_weight)) {
    sample_weight <- as_weight(sample_weight, tensor_dtype(y_pred))
  }
  self$take(self$statistics(as_data(y_true, "y_true"), y_pred, sample_weight))
}

# A kernel that counts or sums; what it finds wrong is the data's fault.
run_statistic <- function(kernel, inputs, shape, dtype = "float64",
                          attributes = NULL) {
  out <- cpp_kernel_call(kernel, inputs, shape, dtype, attributes)
  if (is.character(out)) abort_argument(out, "y_true")
  out
}

# x / y, and 0 where y is 0.
ratio_or_zero <- function(x, y) {
  out <- x / y
  out[y == 0] <- 0
  out
}

# ---- what users hold ---------------------------------------------------------

# Called with data a metric function gives one value per sample, else a metric:
# a function of (y_true, y_pred, sample_weight) that updates and answers `$`.
metric_or_values <- function(metric, y_true, y_pred) {
  if (missing(y_true) && missing(y_pred)) return(wrap_metric(metric))
  if (missing(y_true) || missing(y_pred)) {
    abort_argument("`y_true` and `y_pred` must be given together.", "y_true")
  }
  values_of_data(metric, y_true, y_pred)
}

wrap_metric <- function(self) {
  call <- function(...) {
    self$update_state(...)
    self$result()
  }
  structure(call, self = self, class = "elman_metric")
}

# The metric behind what users hold, or NULL.
metric_object <- function(x) {
  if (inherits(x, "elman_metric")) return(attr(x, "self", exact = TRUE))
  if (is.environment(x) && inherits(x, "Metric")) x
}

#' @export
`$.elman_metric` <- function(x, name) {
  self <- attr(x, "self", exact = TRUE)
  if (name == "get_config") return(function() get_config(x))
  value <- self[[name]]
  if (is.null(value)) .subset2(self, "config")[[name]] else value
}

#' @export
print.elman_metric <- function(x, ...) {
  self <- attr(x, "self")
  cat(sprintf("<%s name=%s>\n", class_name_of(self), self$name))
  invisible(x)
}

#' @export
get_config.elman_metric <- function(object) {
  self <- attr(object, "self")
  structure(self$get_config(),
            `__class__` = paste0("keras.metrics.", class_name_of(self)))
}

#' @export
reset_state.elman_metric <- function(object) {
  attr(object, "self")$reset_state()
  invisible(object)
}
