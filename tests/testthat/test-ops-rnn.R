# The native recurrent op: its gradients under dropout masks, and their limits.

run_dropped <- function(x, kernel, recurrent_kernel, bias, state, mask) {
  drops <- list(array(c(0, 2, 2, 0, 2, 0), c(3, 2)),
                array(c(1.5, 0, 1.5), c(3, 4)))
  drops <- lapply(drops, as_tensor, dtype = "float64")
  run_rnn(
    operand(x), lapply(list(kernel, recurrent_kernel, bias), operand),
    list(operand(state)), if (!is.null(mask)) as_tensor(mask), drops,
    "simple", "tanh",
    list(go_backwards = FALSE, return_sequences = TRUE,
         zero_output_for_mask = FALSE)
  )
}

test_that("gradients hold under dropout masks", {
  w <- rnn_weights(2, 4)
  mask <- matrix(c(TRUE, FALSE, TRUE, TRUE, TRUE, FALSE), 3)
  for (m in list(NULL, mask)) {
    expect_gradient(function(x, kernel, recurrent, bias, state) {
      run_dropped(x, kernel, recurrent, bias, state, mask = m)[[1]]
    }, waves(3, 2, 2), w[[1]], w[[2]], w[[3]], waves(3, 4, shift = 3))
  }
})

test_that("outside a tape nothing is kept for the backward pass", {
  for (cell in c("simple", "lstm", "gru")) {
    out <- rnn_op$infer(
      list(as_tensor(waves(2, 3, 2)), NULL, as_tensor(waves(4, 4))),
      list(cell = cell, return_sequences = FALSE, activation = "tanh",
           recurrent_activation = "sigmoid")
    )
    state <- c(2L, 4L)
    expect_identical(out$shape,
                     list(state, state, if (cell == "lstm") state, NULL))
  }
})

test_that("second derivatives are refused, not silently zero", {
  layer <- double_rnn(2, 3)
  x <- as_tensor(waves(2, 3, 2), "float64")
  slope <- function(x) {
    op_sum(value_and_grad(function(x) op_sum(layer(x)))(x)$gradients[[1]])
  }
  expect_error(value_and_grad(slope)(x), class = "elman_error_state")
})
