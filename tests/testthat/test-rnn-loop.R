# The loop in R means what the native loop means.

test_that("the loop in R agrees with the native one under all flags", {
  x <- waves(3, 4, 2)
  state <- waves(3, 5, shift = 3)
  mask <- matrix(c(TRUE, FALSE, TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, TRUE,
                   TRUE, FALSE, FALSE), 3)
  flags <- expand.grid(backwards = c(FALSE, TRUE), sequences = c(FALSE, TRUE),
                       zero = c(FALSE, TRUE), masked = c(FALSE, TRUE),
                       started = c(FALSE, TRUE))
  for (i in seq_len(nrow(flags))) {
    f <- flags[i, ]
    run <- function(activation) {
      layer <- double_rnn(2, 5, activation = activation, return_state = TRUE,
                          go_backwards = f$backwards,
                          return_sequences = f$sequences,
                          zero_output_for_mask = f$zero)
      layer(x, mask = if (f$masked) mask,
            initial_state = if (f$started) state)
    }
    expect_equal(run(function(z) op_tanh(z)), run("tanh"), tolerance = 1e-14,
                 label = toString(f))
  }
})

test_that("gradients of both loops agree", {
  x <- as_tensor(waves(2, 3, 2), "float64")
  mask <- rbind(c(TRUE, FALSE, TRUE), c(FALSE, TRUE, FALSE))
  run <- function(activation) {
    layer <- double_rnn(2, 3, activation = activation)
    layer(x)
    value_and_grad(function(x) op_sum(layer(x, mask = mask)),
                   layer$weights)(x)
  }
  own <- run(function(z) op_tanh(z))
  native <- run("tanh")
  expect_equal(lapply(own$gradients, as.array),
               lapply(native$gradients, as.array), tolerance = 1e-12)
  expect_equal(lapply(own$variable_gradients, as.array),
               lapply(native$variable_gradients, as.array), tolerance = 1e-12)
})

test_that("a step may be any function of input and states", {
  x <- as_tensor(array(1:6, c(1, 6, 1)), "float64")
  step <- function(x, states) {
    total <- op_add(states[[1]], x)
    list(total, list(total))
  }
  zero <- list(op_zeros(c(1L, 1L), "float64"))
  got <- run_rnn_loop(step, x, zero, return_sequences = TRUE)
  expect_equal(as.vector(as.array(got[[1]])), cumsum(1:6))
  back <- run_rnn_loop(step, x, zero, go_backwards = TRUE,
                       return_sequences = TRUE)
  expect_equal(as.vector(as.array(back[[1]])), cumsum(6:1))
  expect_equal(as.vector(as.array(back[[2]][[1]])), 21)
})
