# Gradients of a user's own function: walked back anew at every call, or run by
# a program that was recorded at an earlier one.

#' A function's value together with its gradients
#'
#' Gives a function that calls `fn` and differentiates its value, exactly, by
#' walking the recorded operations back. This is the same differentiation that
#' training uses. Calls nest, for derivatives of derivatives of the elementary
#' operations.
#'
#' @section Compiled calls: With `jit_compile = TRUE` R runs `fn` only for the
#'   first two calls with arguments of each shape and type. Later calls run the
#'   same operations in the same order in C++ alone, to the same bits, at a
#'   fraction of the time where operations are small. So what `fn` does besides
#'   operations on tensors, such as printing, counting or looking at variables
#'   of R, happens no more; variables of layers and `variables` are looked at at
#'   every call. After a layer, a model or a setting has changed, `fn` runs
#'   again. A function that reads its tensors' numbers into R, and a call within
#'   another one that is differentiated, run as they are written.
#'
#' @param fn A function of tensors, built from `op_*`, arithmetic and layers,
#'   whose value is a scalar tensor.
#' @param variables A list of variables (such as `layer$trainable_weights`) to
#'   differentiate with respect to as well.
#' @param jit_compile Whether calls are recorded and run again without R, see
#'   below.
#' @return A function. Called with arrays or tensors it gives a list: `value`,
#'   a scalar tensor; `gradients`, one tensor per argument, of its shape;
#'   `variable_gradients`, one per variable. What the value does not depend on
#'   has a gradient of zeros.
#' @section Errors: `elman_error_shape` where the value of `fn` is not a scalar.
#' @examples
#' f <- value_and_grad(function(x) op_sum(x^2))
#' f(c(1, 2, 3))$gradients
#'
#' layer <- layer_dense(units = 1)
#' layer$build(c(NA, 2))
#' g <- value_and_grad(function(x) op_mean(layer(x)), layer$trainable_weights)
#' g(matrix(1, 4, 2))$variable_gradients
#' @export
value_and_grad <- function(fn, variables = list(), jit_compile = FALSE) {
  if (!is.function(fn)) must_be(fn, "fn", "a function")
  if (!is.list(variables)) variables <- list(variables)
  if (!all(vapply(variables, is_variable, NA))) {
    must_be(variables, "variables", "a list of variables")
  }
  jit_compile <- check_flag(jit_compile, "jit_compile")
  differentiate <- function(inputs) {
    value_then_gradients(fn, inputs, variables)
  }
  programs <- if (jit_compile) new.env(parent = emptyenv())
  function(...) {
    if (jit_compile) {
      # As in train_on_batch().
      found <- .Call(gradients_at_once, programs, list(...), the)
      if (is.character(found)) abort_state(found)
      if (!is.null(found)) return(found)
    }
    inputs <- lapply(list(...), as_differentiable)
    found <- if (jit_compile && is_on_its_own()) {
      run_recorded(programs, inputs, differentiate)
    } else {
      differentiate(inputs)
    }
    n <- seq_along(inputs)
    list(value = found[[1]],
         gradients = stats::setNames(found[1L + n], names(inputs)),
         variable_gradients = found[-c(1L, 1L + n)])
  }
}

as_differentiable <- function(x) {
  x <- as_tensor(x)
  if (is_float(tensor_dtype(x))) x else op_cast(x, the$floatx)
}

# list(value, gradients of inputs and variables in their order).
value_then_gradients <- function(fn, inputs, variables) {
  with_tape(function(first, close) {
    watched <- lapply(inputs, watch_tensor)
    leaves <- lapply(watched, node_of)
    inner <- record_variables(fn, watched, variables)
    value <- scalar_value(inner$value)
    close()
    all <- walk_back(value, c(leaves, inner$leaves), first)
    all <- Map(function(g, x) g %||% op_zeros(shape_of(x), dtype_of(x)), all,
               c(inputs, variables))
    lapply(unname(c(list(value), all)), unmarked)
  })
}

record_variables <- function(fn, inputs, variables) {
  before <- lapply(variables, watch_variable)
  on.exit(for (k in seq_along(variables)) {
    assign("node", before[[k]], envir = variables[[k]])
  })
  leaves <- lapply(variables, node_of)
  list(value = do.call(fn, inputs), leaves = leaves)
}

scalar_value <- function(value) {
  if (!is_tensor(value)) value <- as_tensor(value)
  if (length(value) != 1L) {
    abort_shape(sprintf(
      "The value of `fn` must be a scalar, not of shape %s.",
      format_shape(tensor_shape(value))), "fn")
  }
  value
}

# Outside of every tape, recording and call of a layer: nothing but its
# arguments and variables decides what a call does.
is_on_its_own <- function() {
  !is_taping() && is.null(the$recording) && is.null(the$call) &&
    is.null(the$training)
}

# A call by the programs that `holder` keeps (see step-program.R).
run_recorded <- function(holder, inputs, differentiate) {
  run_step(step_log(holder, TRUE), "gradients", list(x = inputs),
           function(batch) differentiate(batch$x), as_tensors = TRUE)
}
