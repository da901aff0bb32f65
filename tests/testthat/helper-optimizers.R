# Holds an optimizer to a plain-R rule over several steps.

# `rule(state, w, g, t)` gives list(w, state) for one variable; the optimizer is
# run on two variables of different shape with the same gradients. float64, so
# that only the order of operations can differ.
expect_follows_rule <- function(optimizer, rule, steps = 5) {
  withr::local_seed(1)
  values <- list(matrix(stats::rnorm(6), 2), array(stats::rnorm(3)))
  variables <- lapply(values, function(v) {
    new_variable(as_tensor(v, "float64"), "w")
  })
  states <- list(NULL, NULL)
  for (t in seq_len(steps)) {
    gradients <- lapply(values, function(v) {
      array(stats::rnorm(length(v)), dim(v))
    })
    optimizer$apply(lapply(gradients, as_tensor, "float64"), variables)
    for (k in seq_along(values)) {
      step <- rule(states[[k]], values[[k]], gradients[[k]], t)
      values[[k]] <- step$w
      states[[k]] <- step$state
    }
  }
  for (k in seq_along(values)) {
    testthat::expect_equal(as.array(variables[[k]]), values[[k]],
                           tolerance = 1e-12, ignore_attr = TRUE)
  }
}
