# Holds gradients to central differences.

# `fn` maps the arrays in `...` to a tensor of any shape, or to a list of them.
# Its product with fixed cotangents is differentiated in float64 with respect to
# each array and each variable, by value_and_grad() and by central differences.
# Their error is of order step^2 and eps / step, about 1e-10 for values around
# one, so 1e-6 of the largest gradient is a wide margin for rounding and none
# for a mistake.
expect_gradient <- function(fn,
                            ...,
                            variables = list(),
                            tolerance = 1e-6,
                            step = 1e-5) {
  old <- config_set_floatx("float64")
  withr::defer(config_set_floatx(old))
  arguments <- unname(list(...))
  loss <- function(...) {
    outputs <- fn(...)
    if (!is.list(outputs)) outputs <- list(outputs)
    Reduce(op_add, lapply(outputs, weighted_sum))
  }
  got <- do.call(value_and_grad(loss, variables = variables), arguments)

  for (k in seq_along(arguments)) {
    at <- function(x) {
      arguments[[k]] <- x
      as.numeric(do.call(loss, lapply(arguments, as_tensor)))
    }
    want <- central_differences(at, arguments[[k]], step)
    expect_near(
      got$gradients[[k]], want, tolerance, paste("gradient of argument", k)
    )
  }
  for (k in seq_along(variables)) {
    variable <- variables[[k]]
    kept <- as.array(variable)
    at <- function(x) {
      variable_assign(variable, as_tensor(x, dtype = "float64"))
      as.numeric(do.call(loss, lapply(arguments, as_tensor)))
    }
    want <- central_differences(at, kept, step)
    variable_assign(variable, as_tensor(kept, dtype = "float64"))
    expect_near(
      got$variable_gradients[[k]], want, tolerance,
      paste("gradient of variable", k)
    )
  }
  invisible(got)
}

weighted_sum <- function(x) {
  shape <- tensor_shape(x)
  if (length(shape) == 0) return(x)
  op_sum(op_multiply(x, array(cos(seq_len(prod(shape))), shape)))
}

central_differences <- function(fn, x, step = 1e-5) {
  gradient <- x
  for (i in seq_along(x)) {
    h <- step * max(1, abs(x[i]))
    above <- below <- x
    above[i] <- x[i] + h
    below[i] <- x[i] - h
    gradient[i] <- (fn(above) - fn(below)) / (2 * h)
  }
  gradient
}

# The largest difference is at most `tolerance` of the largest value.
expect_near <- function(got, want, tolerance, label = "value") {
  got <- as.numeric(as.array(got))
  want <- as.numeric(as.array(want))
  if (length(got) != length(want)) {
    testthat::fail(sprintf(
      "%s has %d values, not %d.", label, length(got), length(want)
    ))
    return(invisible(FALSE))
  }
  error <- max(abs(got - want), 0) / max(abs(want), 1)
  testthat::expect(
    is.finite(error) && error <= tolerance,
    sprintf("%s is off by %.2g, more than %.2g.", label, error, tolerance)
  )
  invisible(error <= tolerance)
}
