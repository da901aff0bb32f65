# Classes of layers and models for tests of what users write.

# layer_dense() once more, in plain R.
own_dense <- function() {
  Layer(
    "OwnDense",
    initialize = function(units, use_bias = TRUE, ...) {
      super$initialize(...)
      self$units <- as.integer(units)
      self$use_bias <- use_bias
    },
    build = function(input_shape) {
      self$kernel <- self$add_weight(
        shape = shape(tail(input_shape, 1), self$units),
        initializer = "glorot_uniform", name = "kernel"
      )
      if (self$use_bias) {
        self$bias <- self$add_weight(shape = shape(self$units),
                                     initializer = "zeros", name = "bias")
      }
    },
    call = function(inputs) {
      y <- op_matmul(inputs, self$kernel)
      if (self$use_bias) y + self$bias else y
    }
  )
}

# A recurrent and a dense layer in fields.
own_forecaster <- function(...) {
  Model(
    "Forecaster",
    initialize = function(units, ...) {
      super$initialize(...)
      self$memory <- layer_simple_rnn(units = units)
      self$head <- layer_dense(units = 1)
    },
    call = function(inputs) inputs |> self$memory() |> self$head(),
    ...
  )
}

# What Keras's own step does, by hand.
by_hand <- function(...) {
  Model(
    "ByHand",
    train_step = function(data) {
      c(x, y = NULL, sample_weight = NULL) %<-% data
      variables <- self$trainable_variables
      y_pred <- NULL
      step <- value_and_grad(function() {
        y_pred <<- self(x, training = TRUE)
        self$compute_loss(y = y, y_pred = y_pred,
                          sample_weight = sample_weight)
      }, variables)()
      self$optimizer$apply(step$variable_gradients, variables)
      for (metric in self$metrics) {
        if (metric$name == "loss") {
          metric$update_state(step$value, dim(x)[1])
        } else {
          metric$update_state(y, y_pred, sample_weight = sample_weight)
        }
      }
      metrics <- lapply(self$metrics, function(m) m$result())
      setNames(metrics, sapply(self$metrics, function(m) m$name))
    },
    ...
  )
}

# A functional model that `create(inputs, outputs)` makes.
functional_by <- function(create, features = 3) {
  inputs <- keras_input(shape = features)
  create(inputs, inputs |> layer_dense(4, "tanh") |> layer_dense(1))
}

flat_data <- function(n = 20, features = 3, seed = 1) {
  withr::local_seed(seed)
  x <- matrix(stats::rnorm(n * features), n)
  list(x = x, y = x[, 1] - x[, features])
}
