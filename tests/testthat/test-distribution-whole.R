# What looks at all rows of a batch together, and so at those of all ranks.

# The last of 3 batches has fewer rows than there are ranks.
whole_cases <- function() {
  set.seed(12)
  x <- array(rnorm(11 * 6 * 3), c(11, 6, 3))
  # Far from 0, where sums of squares would lose their digits, and floats have
  # but four behind the point.
  shifted <- x + 1000
  y <- matrix(rnorm(22), 11)
  steps <- array(rnorm(11 * 6 * 2), c(11, 6, 2))
  weight <- runif(11)
  padded <- x
  for (i in 1:11) padded[i, seq_len(i %% 6), ] <- 0
  new <- function(build, ...) {
    function(optimizer) {
      set.seed(5)
      compile(build(), optimizer(), ...)
    }
  }
  sequence <- function() keras_model_sequential(input_shape = c(6, 3))
  # A loss of pairs: no part of a batch says what the whole gives.
  contrast <- function(y_true, y_pred) {
    scores <- op_matmul(y_pred, op_transpose(y_true))
    op_logsumexp(scores, axis = 2) - op_sum(y_pred * y_true, axis = 2)
  }
  spread <- function(y_true, y_pred) op_max(y_pred) - op_min(y_true)
  Own <- Metric(
    "Largest",
    initialize = function(name = "largest", ...) {
      super$initialize(name = name, ...)
      self$largest <- self$add_variable(shape(), "zeros", name = "largest")
    },
    update_state = function(y_true, y_pred, sample_weight = NULL) {
      error <- op_max(op_abs(y_true - y_pred))
      self$largest$assign(op_maximum(self$largest, error))
    },
    result = function() self$largest
  )
  two <- function() {
    input <- keras_input(c(6, 3))
    h <- input |> layer_masking(0) |> layer_gru(4, return_sequences = TRUE) |>
      layer_batch_normalization(momentum = 0.5)
    keras_model(input, list(
      h |> layer_dense(2), h |> layer_global_average_pooling_1d() |>
        layer_dense(2)
    ))
  }
  own_loss <- function(y_true, y_pred) {
    op_sqrt(op_mean(op_square(y_true - y_pred)))
  }
  normalized <- new(function() {
    sequence() |> layer_batch_normalization(momentum = 0.5) |>
      layer_simple_rnn(4) |> layer_batch_normalization(momentum = 0.5) |>
      layer_dropout(rate = 0.2) |> layer_dense(2)
  }, loss = "mse", metrics = "mae")
  list(
    normalized = list(normalized, list(x, y, batch_size = 5)),
    far = list(normalized, list(shifted, y, batch_size = 5)),
    in_time = list(new(function() {
      sequence() |> layer_masking(0) |>
        layer_batch_normalization(momentum = 0.5) |>
        layer_lstm(4, return_sequences = TRUE) |>
        layer_time_distributed(layer = layer_batch_normalization()) |>
        layer_dense(2)
    }, loss = "mse"),
    list(padded, steps, batch_size = 5, sample_weight = weight)),
    one_number = list(new(function() {
      sequence() |> layer_gru(4) |> layer_dense(2)
    }, loss = own_loss, metrics = list(spread, "mae")),
    list(x, y, batch_size = 5, validation_split = 0.3, epochs = 10)),
    pairs = list(new(function() {
      sequence() |> layer_gru(4) |> layer_dense(2)
    }, loss = contrast, weighted_metrics = list(contrast)),
    list(x, y, batch_size = 5, sample_weight = weight)),
    own_metric = list(new(function() {
      sequence() |> layer_masking(0) |>
        layer_gru(4, return_sequences = TRUE) |> layer_dense(2)
    }, loss = "mse", metrics = list("mae", Own(), spread)),
    list(padded, steps, batch_size = 5, validation_split = 0.3, epochs = 10)),
    two_outputs = list(new(two, loss = list(own_loss, "mse"),
                           metrics = list(list(spread), list("mae", spread)),
                           loss_weights = list(0.5, 2)),
    list(padded, list(steps, y), batch_size = 5))
  )
}

test_that("what looks at whole batches sees those of all ranks", {
  same_on_ranks(whole_cases, 3, "float64", 1e-10, recorded = FALSE)
})

test_that("whole batches are seen in float32 as well", {
  same_on_ranks(whole_cases, 2, "float32", 2e-5, recorded = FALSE,
                but = "far")
})
