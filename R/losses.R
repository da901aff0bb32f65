# Losses: how far predictions are from what was wanted. A loss is its element
# function, the axis it averages over and a way to reduce a batch to a number.

# ---- the loss object ---------------------------------------------------------

# `elements(y_true, y_pred)` gives one number per element, or per sample where
# `axis` is NULL; else `axis` is the axis to average over. `fused` is an op that
# gives the mean of all elements at once. What users hold is a function(y_true, y_pred, sample_weight) that also answers `$name` and such.
new_loss <- function(class, elements, axis = NULL, fused = NULL,
                     config = list(),
                     reduction = "sum_over_batch_size", name = NULL,
                     dtype = NULL) {
  self <- list(
    class = class,
    name = check_string(name, "name", null_ok = TRUE) %||% snake_case(class),
    elements = elements,
    axis = axis,
    fused = fused,
    reduction = check_reduction(reduction),
    dtype = if (!is.null(dtype)) check_dtype(dtype),
    config = config
  )
  call <- function(y_true, y_pred, sample_weight = NULL) {
    tensors <- is_tensor(y_pred) || is_tensor(y_true) || is_taping()
    value <- loss_value(self, y_true, y_pred, sample_weight)
    if (tensors) value else as.array(value)
  }
  structure(call, self = self, class = "elman_loss")
}

reductions <- c("sum_over_batch_size", "sum", "mean",
                "mean_with_sample_weight", "none")

check_reduction <- function(reduction) {
  if (is.null(reduction)) return("none")
  match_name(reduction, reductions, "reduction")
}

# A loss as users give it (name, object, un-called loss_*, own function) as the
# list that training works with.
resolve_loss <- function(loss, name = NULL) {
  if (is.null(loss)) return(NULL)
  if (is.character(loss) && length(loss) == 1L) {
    if (plain_name(loss) %in% c("crossentropy", "ce")) {
      return(list(name = loss, automatic = TRUE))
    }
    loss <- named_loss(loss)()
  } else if (is_uncalled(loss, "loss_")) {
    loss <- loss()
  }
  if (inherits(loss, "elman_loss")) return(attr(loss, "self"))
  if (!is.function(loss)) {
    must_be(loss, "loss", "a name, a loss or a function of (y_true, y_pred)")
  }
  name <- name %||% function_name(loss) %||% "custom_loss"
  attr(new_loss("Function", loss, name = name), "self")
}

# The name that a user's own function was given, if any.
function_name <- function(f) {
  attr(f, "name", exact = TRUE) %||% attr(f, "py_function_name", exact = TRUE)
}

# "crossentropy" chooses by shape, as "accuracy" does.
settle_loss <- function(loss, y_true, y_pred) {
  if (!isTRUE(loss$automatic)) return(loss)
  kind <- target_kind(y_true, y_pred)
  kind <- switch(kind, binary = "binary_crossentropy",
                 sparse = "sparse_categorical_crossentropy",
                 "categorical_crossentropy")
  resolve_loss(kind)
}

# ---- one number for a batch --------------------------------------------------

# The same as loss_value() in one op, where training can do with first
# derivatives and there is neither mask nor weight; else NULL.
fused_loss <- function(loss, y_true, y_pred) {
  ok <- !is.null(loss$fused) && the$taping < 2L && is.null(get_mask(y_pred)) &&
    is.null(loss$dtype) && loss$reduction %in% c("sum_over_batch_size", "mean")
  if (!ok) return(NULL)
  y_true <- match_target(y_true, y_pred)
  if (!identical(tensor_shape(y_true), tensor_shape(y_pred))) return(NULL)
  run_op(loss$fused, list(y_true, y_pred))
}

# The reduced loss; masks on the predictions are honoured.
loss_value <- function(loss, y_true, y_pred, sample_weight = NULL) {
  y_pred <- as_float(y_pred, loss$dtype)
  y_true <- match_target(y_true, y_pred)
  mask <- get_mask(y_pred)
  elements <- as_float(loss$elements(y_true, y_pred))
  inner <- get_mask(elements)
  if (is.null(mask)) {
    mask <- inner
  } else if (!is.null(inner)) {
    mask <- op_logical_and(mask, inner)
  }
  reduction <- loss$reduction
  if (is.null(mask) && is.null(sample_weight)) {
    # Groups of one size: the mean of their means is the mean of all.
    if (reduction == "none") return(sample_values(elements, loss$axis))
    if (reduction != "sum") return(op_mean(elements))
    if (is.null(loss$axis)) return(op_sum(elements))
  }
  values <- sample_values(elements, loss$axis)
  reduce_values(values, sample_weight, mask, reduction)
}

sample_values <- function(elements, axis) {
  if (is.null(axis)) elements else op_mean(elements, axis = axis)
}

# Weighted values, reduced; see behaviour of masks: with a mask the divisor is
# the number of valid entries, whatever the weights.
reduce_values <- function(values, sample_weight, mask, reduction) {
  dtype <- dtype_of(values)
  weight <- if (!is.null(sample_weight)) as_tensor(sample_weight, dtype)
  if (!is.null(mask)) weight <- weigh_mask(weight, mask, reduction, dtype)
  if (!is.null(weight)) {
    values <- op_multiply(values, align_weight(weight, values))
  }
  if (reduction == "none" || !rank_of(values)) return(values)
  if (reduction == "sum") return(op_sum(values))
  if (reduction == "mean_with_sample_weight" && !is.null(weight)) {
    divisor <- as.numeric(op_sum(weight))
    total <- op_sum(values)
    if (divisor == 0) return(op_multiply(total, 0))
    return(op_divide(total, divisor))
  }
  op_mean(values)
}

# The mask as weights, and times the weights.
weigh_mask <- function(weight, mask, reduction, dtype) {
  scaled <- op_cast(mask, dtype)
  if (reduction %in% c("mean", "sum_over_batch_size")) {
    valid <- as.numeric(op_sum(scaled))
    total <- prod(tensor_shape(mask))
    scaled <- op_multiply(scaled, if (valid == 0) 0 else total / valid)
  }
  if (is.null(weight)) return(scaled)
  op_multiply(scaled, align_weight(weight, scaled))
}

# Weights with as many axes as the values, from the left: one per sample, or
# per sample and step.
align_weight <- function(weight, values) {
  have <- shape_of(weight)
  rank <- rank_of(values)
  n <- length(have)
  if (n == rank) return(weight)
  if (n == rank + 1L && have[n] == 1L) return(op_reshape(weight, have[-n]))
  if (n > rank) {
    abort_shape(sprintf(
      "`sample_weight` must have one number per value, shape %s, not %s.",
      format_shape(shape_of(values)), format_shape(have)), "sample_weight")
  }
  op_reshape(weight, c(have, rep(1L, rank - n)))
}

# ---- targets -----------------------------------------------------------------

as_float <- function(x, dtype = NULL) {
  if (is_tensor(x) && is.null(dtype) && is_float(tensor_dtype(x))) return(x)
  if (is_symbolic(x)) return(x)
  mask <- if (is_tensor(x)) get_mask(x)
  if (is_tensor(x)) {
    keep <- is_float(tensor_dtype(x))
    x <- as_tensor(x, dtype %||% if (keep) tensor_dtype(x) else the$floatx)
  } else {
    x <- as_tensor(as_data(x, "x"), dtype %||% the$floatx)
  }
  if (is.null(mask)) x else set_mask(x, mask)
}

# Targets in the predictions' dtype; a last axis of 1 is added or dropped where
# ranks differ by one.
match_target <- function(y_true, y_pred) {
  if (!is_tensor(y_true) || tensor_dtype(y_true) != tensor_dtype(y_pred)) {
    y_true <- as_tensor(as_data(y_true, "y_true"), tensor_dtype(y_pred))
  }
  have <- tensor_shape(y_true)
  want <- tensor_shape(y_pred)
  if (length(have) == length(want)) return(y_true)
  if (length(have) == length(want) + 1L && have[length(have)] == 1L) {
    return(op_reshape(y_true, have[-length(have)]))
  }
  if (length(want) == length(have) + 1L && want[length(want)] == 1L) {
    return(op_reshape(y_true, c(have, 1L)))
  }
  y_true
}

check_same_shape <- function(y_true, y_pred) {
  have <- shape_of(y_true)
  want <- shape_of(y_pred)
  if (!identical(as.integer(have), as.integer(want))) {
    abort_shape(sprintf(
      "`y` must have the shape of the predictions, %s, not %s.",
      format_shape(want), format_shape(have)), "y")
  }
}

# What kind of classes do targets and predictions hold? One output: "binary";
# targets without the class axis: "sparse"; else "categorical".
target_kind <- function(y_true, y_pred) {
  t <- shape_of(y_true)
  p <- shape_of(y_pred)
  last <- p[length(p)]
  if (last == 1L) return("binary")
  if (length(t) < length(p) || t[length(t)] == 1L) "sparse" else "categorical"
}

# Called with data a loss function gives one value per sample, else an object.
loss_or_values <- function(loss, y_true, y_pred) {
  if (missing(y_true) && missing(y_pred)) return(loss)
  if (missing(y_true) || missing(y_pred)) {
    abort_argument("`y_true` and `y_pred` must be given together.", "y_true")
  }
  self <- attr(loss, "self")
  tensors <- is_tensor(y_pred) || is_tensor(y_true) || is_taping()
  y_pred <- as_float(y_pred, self$dtype)
  if (rank_of(y_pred) == 1L && length(dim(y_true)) == 2L) {
    y_pred <- op_expand_dims(y_pred, -1L)
  }
  y_true <- match_target(y_true, y_pred)
  values <- sample_values(self$elements(y_true, y_pred), self$axis)
  if (tensors) values else as.array(values)
}

# ---- what a loss answers -----------------------------------------------------

#' @export
`$.elman_loss` <- function(x, name) {
  self <- attr(x, "self", exact = TRUE)
  if (name == "get_config") return(function() get_config(x))
  if (name == "call") return(x)
  if (!is.null(self[[name]])) self[[name]] else self$config[[name]]
}

#' @export
print.elman_loss <- function(x, ...) {
  self <- attr(x, "self")
  cat(sprintf("<%s name=%s, reduction=%s>\n", self$class, self$name,
              self$reduction))
  invisible(x)
}

#' @export
get_config.elman_loss <- function(object) {
  self <- attr(object, "self")
  reduction <- if (self$reduction == "none") NULL else self$reduction
  config <- c(list(name = self$name, reduction = self$reduction), self$config)
  config["reduction"] <- list(reduction)
  structure(config, `__class__` = paste0("keras.losses.", self$class))
}
