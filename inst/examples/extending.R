# The code of the vignette "Extending elman". A test runs it too.

## ---- activation ----
# Bent identity: nearly linear, and never flat.
bent_identity <- function(x) (op_sqrt(x^2 + 1) - 1) / 2 + x

layer <- layer_simple_rnn(units = 4, activation = bent_identity)
dim(layer(array(rnorm(30), c(2, 5, 3))))

## ---- activation-gradient ----
at <- c(-2, 0, 0.5, 3)
gradient <- value_and_grad(\(x) op_sum(bent_identity(x)))(at)$gradients[[1]]
by_hand <- at / (2 * sqrt(at^2 + 1)) + 1
rbind(gradient = as.numeric(gradient), by_hand)

## ---- cell ----
# Minimal gated unit (Zhou, Wu, Zhang and Zhou, 2016): one gate f decides how
# much of the state is forgotten, and how much of it the candidate sees.
#
#   f = sigmoid(x W_f + h R_f + b_f)
#   c = tanh(x W_c + (f * h) R_c + b_c)
#   h' = (1 - f) * h + f * c
rnn_cell_minimal <- Layer(
  "MinimalGatedCell",
  initialize = function(units, ...) {
    super$initialize(...)
    self$units <- as.integer(units)
    self$state_size <- self$units
  },
  build = function(input_shape) {
    features <- tail(input_shape, 1)
    matrix <- function(rows) shape(rows, self$units)
    self$W_f <- self$add_weight(matrix(features), name = "W_f")
    self$R_f <- self$add_weight(matrix(self$units), "orthogonal", name = "R_f")
    self$b_f <- self$add_weight(shape(self$units), "ones", name = "b_f")
    self$W_c <- self$add_weight(matrix(features), name = "W_c")
    self$R_c <- self$add_weight(matrix(self$units), "orthogonal", name = "R_c")
    self$b_c <- self$add_weight(shape(self$units), "zeros", name = "b_c")
  },
  call = function(inputs, states) {
    h <- states[[1]]
    f <- op_sigmoid(op_matmul(inputs, self$W_f) + op_matmul(h, self$R_f) +
                      self$b_f)
    c <- op_tanh(op_matmul(inputs, self$W_c) + op_matmul(f * h, self$R_c) +
                   self$b_c)
    h <- (1 - f) * h + f * c
    list(h, list(h))
  }
)

layer_minimal <- function(object, units, ...) {
  layer_rnn(object, rnn_cell_minimal(units = units), ...)
}

## ---- cell-model ----
set.seed(1)
model <- keras_model_sequential(input_shape = c(10, 2)) |>
  layer_minimal(units = 8) |>
  layer_dense(units = 1)
model

## ---- cell-reference ----
reference_minimal <- function(x, weights) {
  W_f <- weights[[1]]
  R_f <- weights[[2]]
  b_f <- c(weights[[3]])
  W_c <- weights[[4]]
  R_c <- weights[[5]]
  b_c <- c(weights[[6]])
  h <- numeric(length(b_f))
  for (t in seq_len(nrow(x))) {
    f <- plogis(c(x[t, ] %*% W_f + h %*% R_f) + b_f)
    c <- tanh(c(x[t, ] %*% W_c + (f * h) %*% R_c) + b_c)
    h <- (1 - f) * h + f * c
  }
  h
}

x <- array(rnorm(20), c(1, 10, 2))
recurrent <- model$layers[[1]]
reference <- reference_minimal(x[1, , ], get_weights(recurrent))
largest_difference <- max(abs(as.array(recurrent(x))[1, ] - reference))
largest_difference

## ---- optimizer ----
# Descent by signs with momentum: every weight moves by the same small step, in
# the direction in which the running mean of its gradient points.
SignDescent <- Model(
  "SignDescent",
  initialize = function(inputs, outputs, rate = 0.001, momentum = 0.9, ...) {
    super$initialize(inputs, outputs, ...)
    self$rate <- rate
    self$momentum <- momentum
    self$means <- lapply(self$trainable_variables, function(weight) {
      self$add_weight(weight$shape, "zeros", trainable = FALSE)
    })
  },
  train_step = function(data) {
    c(x, y) %<-% data
    weights <- self$trainable_variables
    step <- value_and_grad(function() {
      self$compute_loss(y = y, y_pred = self(x, training = TRUE))
    }, weights)()
    for (k in seq_along(weights)) {
      mean <- self$means[[k]]
      mean$assign(self$momentum * mean +
                    (1 - self$momentum) * step$variable_gradients[[k]])
      weights[[k]]$assign_sub(self$rate * op_sign(mean))
    }
    list(loss = step$value)
  }
)

## ---- optimizer-model ----
inputs <- keras_input(shape = c(10, 2))
outputs <- inputs |> layer_minimal(units = 8) |> layer_dense(units = 1)
model <- SignDescent(inputs, outputs, rate = 0.01)
model |> compile(loss = "mse")

x <- array(rnorm(128 * 20), c(128, 10, 2))
y <- x[, 8, 1] * x[, 10, 2]
history <- model |> fit(x, y, epochs = 25, verbose = 0)
losses <- history$metrics$loss
c(variance = mean(y^2), first = losses[1], last = losses[25])
