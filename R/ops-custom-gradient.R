# A function with a gradient of one's own.

#' A function with its own gradient
#'
#' @param f A function of tensors that gives a list of two: the output, a tensor
#'   or a list of them, and a function of the gradients of a scalar with respect
#'   to them. That one gives the gradient with respect to each of `f`'s
#'   arguments, a tensor or a list. Written as `function(..., upstream)` it gets
#'   `f`'s arguments, too.
#' @return A function that gives `f`'s output and is differentiated by its
#'   second element.
#' @section Errors: `elman_error_argument` where `f` or what it gives is of
#'   another kind; `elman_error_state` for symbolic tensors: call it within a
#'   layer.
#' @examples
#' log1pexp <- op_custom_gradient(function(x) {
#'   e <- op_exp(x)
#'   list(op_log(1 + e), function(upstream) upstream * (1 - 1 / (1 + e)))
#' })
#' value_and_grad(log1pexp)(100)$gradients
#' @export
op_custom_gradient <- function(f) {
  check_function(f, "f")
  function(...) {
    given <- list(...)
    inputs <- nest_leaves(nest_tensors(unname(given), "..."))
    if (has_symbolic(inputs)) {
      abort_state("A custom gradient needs numbers, not symbolic tensors.")
    }
    result <- untaped(f(...))
    if (!is_nest(result) || length(result) != 2L ||
          !is.function(result[[2]])) {
      must_be(result, "f",
              "a function that gives a list of output and gradient")
    }
    outputs <- lapply(nest_leaves(nest_tensors(result[[1]], "f")), cpp_copy)
    one <- length(outputs) == 1L
    if (is_taping()) {
      marked <- record(custom_op(result[[2]], inputs, outputs, one), inputs,
                       if (one) outputs[[1]] else outputs, NULL)
      outputs <- if (one) list(marked) else marked
    }
    nest_like(result[[1]], outputs)
  }
}

custom_op <- function(slope, inputs, outputs, one) {
  new_op("custom_gradient", infer = NULL, gradient = function(dy, ...) {
    dy <- if (one) list(dy) else Map(or_zeros, dy, outputs)
    names <- names(formals(slope))
    down <- if (all(c("...", "upstream") %in% names)) {
      slope_of <- if (one) dy[[1]] else dy
      do.call(slope, c(inputs, list(upstream = slope_of)))
    } else {
      do.call(slope, dy)
    }
    down <- if (is_nest(down)) unname(down) else list(down)
    if (length(down) != length(inputs)) {
      abort_argument(sprintf("The gradient must give %d tensors, not %d.",
                             length(inputs), length(down)), "f")
    }
    Map(function(slope, x) {
      if (is.null(slope)) return(NULL)
      op_broadcast_to(op_cast(operand(slope, "f"), dtype_of(x)), shape_of(x))
    }, down, inputs)
  })
}
