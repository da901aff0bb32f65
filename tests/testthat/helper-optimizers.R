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

# Every optimizer, with settings under which its slots matter, and options.
every_optimizer <- function(...) {
  list(
    sgd = optimizer_sgd(0.01, momentum = 0.5, ...),
    rmsprop = optimizer_rmsprop(0.01, momentum = 0.5, centered = TRUE, ...),
    adam = optimizer_adam(0.01, amsgrad = TRUE, ...),
    adam_w = optimizer_adam_w(0.01, ...),
    nadam = optimizer_nadam(0.01, ...),
    adamax = optimizer_adamax(0.01, ...),
    adagrad = optimizer_adagrad(0.01, ...),
    adadelta = optimizer_adadelta(0.5, ...),
    adafactor = optimizer_adafactor(0.01, ...),
    ftrl = optimizer_ftrl(0.01, ...),
    lamb = optimizer_lamb(0.01, ...),
    lion = optimizer_lion(0.01, ...),
    muon = optimizer_muon(0.01, ...),
    loss_scale = optimizer_loss_scale(optimizer_adam(0.01, ...),
                                      dynamic_growth_steps = 2)
  )
}

# Adam in plain R, which others build on.
adam_rule <- function(lr, b1 = 0.9, b2 = 0.999, epsilon = 1e-7,
                      amsgrad = FALSE) {
  function(state, w, g, t) {
    s <- state %||% list(m = 0, v = 0, top = 0)
    s$m <- b1 * s$m + (1 - b1) * g
    s$v <- b2 * s$v + (1 - b2) * g^2
    s$top <- pmax(s$top, s$v)
    v <- if (amsgrad) s$top else s$v
    a <- lr * sqrt(1 - b2^t) / (1 - b1^t)
    list(w = w - a * s$m / (sqrt(v) + epsilon), state = s)
  }
}
