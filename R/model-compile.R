# compile(): which optimizer, losses and metrics a model trains with.

#' @importFrom generics compile
#' @export
generics::compile

#' @importFrom generics fit
#' @export
generics::fit

#' Choose how a model is trained
#'
#' @param object A model; changed in place.
#' @param optimizer A name (`"rmsprop"`, `"adam"`, `"sgd"`), an optimizer, or an
#'   un-called `optimizer_*`.
#' @param loss A name (`"mse"`, `"binary_crossentropy"`), a loss, an un-called
#'   `loss_*`, a configuration from [get_config()], or a function of
#'   `(y_true, y_pred)`; for several outputs a list of these, by name or in
#'   order. `"crossentropy"` chooses by the shapes.
#' @param metrics The same for metrics: names, metrics, functions, or a vector
#'   or list of them; for several outputs a list with one element per output.
#'   `"accuracy"` chooses by the shapes. Histories show a metric under the name
#'   that was written.
#' @param ... None; a trailing comma is forgiven.
#' @param loss_weights Numbers, by name or in order, that the losses of the
#'   outputs are multiplied by.
#' @param weighted_metrics Like `metrics`, but with sample weights applied.
#' @param run_eagerly,steps_per_execution,jit_compile,auto_scale_loss Accepted
#'   for compatibility; they change no number.
#' @return The model, invisibly.
#' @section Compatibility: Unknown names are refused here; Keras finds them at
#'   the first batch. As in Keras, which weights are trained is settled by the
#'   first step after `compile()`: compile again after changing `trainable`.
#' @section Errors: `elman_error_argument` for an unknown name, with the nearest
#'   known one.
#' @examples
#' model <- keras_model_sequential(input_shape = c(10, 2)) |>
#'   layer_simple_rnn(4) |>
#'   layer_dense(1)
#' compile(model, optimizer_adam(0.01), loss = "mse", metrics = "mae")
#' @export
compile.elman_model <- function(object, optimizer = "rmsprop", loss = NULL,
                                metrics = NULL, ..., loss_weights = NULL,
                                weighted_metrics = NULL, run_eagerly = FALSE,
                                steps_per_execution = 1L, jit_compile = "auto",
                                auto_scale_loss = TRUE) {
  self <- as_model(object)
  check_dots(..., .known = names(formals(compile.elman_model)))
  optimizer <- resolve_optimizer(optimizer)
  arguments <- list(
    loss = loss,
    losses = resolve_each(loss, is_one_loss, resolve_loss, "loss"),
    loss_weights = check_loss_weights(loss_weights),
    metrics = resolve_each(metrics, is_one_metric, resolve_metric, "metrics"),
    weighted_metrics = resolve_each(weighted_metrics, is_one_metric,
                                    resolve_metric, "weighted_metrics"),
    # As they were written, for files.
    given = list(loss = loss, loss_weights = loss_weights, metrics = metrics,
                 weighted_metrics = weighted_metrics)
  )
  if (self$built) {
    # Names of outputs that are wrong are found now.
    arrange_losses(arguments, output_names(self))
    arrange_metrics(arguments$metrics, output_names(self), "metrics")
    arrange_metrics(arguments$weighted_metrics, output_names(self),
                    "weighted_metrics")
  }
  self$optimizer <- optimizer
  self$compile_arguments <- arguments
  self$compiled <- TRUE
  self$stop_training <- FALSE
  self$plan <- NULL
  invisible(object)
}

# Resolves one item, or every item of a vector or list, keeping the nesting.
resolve_each <- function(x, is_one, resolve, arg) {
  if (is.null(x)) return(NULL)
  if (is_one(x)) return(new_item(resolve(x)))
  if (is.character(x) || is.list(x)) {
    items <- lapply(seq_along(x), function(k) {
      item <- x[[k]]
      label <- names(x)[k]
      if (is.null(item)) return(NULL)
      if (is_one(item)) {
        own <- is.function(item) && is.null(attr(item, "self")) &&
          is.null(function_name(item))
        return(new_item(if (own && nzchar(label %||% "")) resolve(item, label)
                        else resolve(item)))
      }
      resolve_each(item, is_one, resolve, arg)
    })
    return(stats::setNames(items, names(x)))
  }
  must_be(x, arg, "names, objects or functions")
}

new_item <- function(value) structure(list(value), class = "elman_item")

is_item <- function(x) inherits(x, "elman_item")

is_one_loss <- function(x) {
  is.function(x) || is_config(x) || is.environment(x) ||
    is.character(x) && length(x) == 1L && is.null(names(x))
}

is_one_metric <- is_one_loss

check_loss_weights <- function(weights) {
  if (is.null(weights)) return(NULL)
  values <- unlist(weights)
  if (!is.numeric(values) || anyNA(values)) {
    must_be(weights, "loss_weights", "numbers, one per output")
  }
  as.list(weights)
}

# ---- which loss and metrics belong to which output ---------------------------

# A list by output: list(loss, weight), or NULL for an output without a loss.
arrange_losses <- function(arguments, names) {
  losses <- arguments$losses
  if (is.null(losses)) return(vector("list", length(names)))
  losses <- if (is_item(losses)) {
    rep(list(losses), length(names))
  } else {
    by_output(losses, names, "loss")
  }
  weights <- if (is.null(arguments$loss_weights)) {
    rep(list(1), length(names))
  } else {
    by_output(arguments$loss_weights, names, "loss_weights")
  }
  lapply(seq_along(names), function(k) {
    if (is.null(losses[[k]])) return(NULL)
    item <- losses[[k]]
    while (is.list(item) && !is_item(item)) item <- item[[1]]
    list(loss = item[[1]], weight = as.numeric(weights[[k]] %||% 1))
  })
}

# A list by output of lists of metric makers.
arrange_metrics <- function(metrics, names, arg) {
  if (is.null(metrics)) return(vector("list", length(names)))
  if (is_item(metrics)) metrics <- list(metrics)
  if (length(names) == 1L) return(list(flat_items(metrics)))
  lapply(by_output(metrics, names, arg), flat_items)
}

flat_items <- function(x) {
  if (is.null(x)) return(list())
  if (is_item(x)) return(list(x[[1]]))
  unlist(lapply(unname(x), flat_items), recursive = FALSE)
}

# A list by output name or in order, as a list in order.
by_output <- function(x, names, arg) {
  if (!is.null(names(x))) {
    for (name in names(x)) match_name(name, names, "output")
    return(lapply(names, function(name) x[[name]]))
  }
  if (length(x) != length(names)) {
    abort_argument(sprintf(
      "`%s` must have one element per output (%s), not %d.", arg,
      quote_all(names), length(x)), arg)
  }
  unname(x)
}

require_compiled <- function(self) {
  if (!self$compiled) {
    abort_state("The model must be compiled first: call compile().")
  }
}
