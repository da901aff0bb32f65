# The sunspot task: its slices and scores, its baselines, and the network that
# tools/demo.R trains.
#
# The task is that of Dancho and Keydana, "Predicting Sunspot Frequency with
# Keras" (2018): six slices of 1800 months that begin 241 months apart, 1200
# months to train on and 600 to test on; the score is the RMSE over the twelve
# months of a forecast, averaged over the 570 forecasts of a slice.

library(elman)

series <- as.numeric(datasets::sunspot.month)[1:3177]
ahead <- 12
slices <- 1 + 241 * 0:5
processes <- if (.Platform$OS.type == "windows") 1 else 2
options(elman.threads = 1)
published <- c(21.6, 20.6, 21.3, 31.4, 35.2, 31.4) # their LSTM of 128 units

# ---- months before and after an origin, the last month known -----------------

# [origin, month], oldest first.
months_before <- function(origins, n, x = series) {
  matrix(x[outer(origins, seq_len(n) - n, "+")], length(origins))
}

months_after <- function(origins, x = series) {
  matrix(x[outer(origins, seq_len(ahead), "+")], length(origins))
}

# Origins whose inputs and outputs all lie within the months from `first`.
origins_within <- function(first, months, inputs) {
  seq(first + inputs - 1, first + months - 1 - ahead)
}

# The months to train on and the origins to be judged at. A rehearsal trains on
# the first 800 of the 1200 months and judges on the 400 that are left.
split_slice <- function(first, rehearsal = FALSE) {
  months <- if (rehearsal) 800 else 1200
  judged <- first + months + 11 + if (rehearsal) 0:376 else 0:569
  list(first = first, months = months, judged = judged)
}

score <- function(forecast, origins) {
  mean(sqrt(rowMeans((forecast - months_after(origins))^2)))
}

# ---- baselines ---------------------------------------------------------------

repeat_last <- function(split) {
  months_before(split$judged, 1)[, rep(1, ahead)]
}

# Least squares from the last months to the next twelve; `penalty` shrinks the
# weights, as in ridge regression.
linear_map <- function(split, inputs = 12, months = split$months, root = TRUE,
                       penalty = 0) {
  x <- if (root) sqrt(series) else series
  used <- x[split$first + seq_len(months) - 1]
  x <- (x - mean(used)) / sd(used)
  origins <- origins_within(split$first, months, inputs)
  past <- cbind(1, months_before(origins, inputs, x))
  shrink <- diag(c(0, rep(penalty * length(origins), inputs)))
  weights <- solve(crossprod(past) + shrink,
                   crossprod(past, months_after(origins, x)))
  forecast <- cbind(1, months_before(split$judged, inputs, x)) %*% weights
  forecast <- forecast * sd(used) + mean(used)
  if (root) pmax(forecast, 0)^2 else forecast
}

# An autoregression on the root scale, its order (at most 60) chosen by AIC.
autoregression <- function(split, method) {
  x <- sqrt(series)
  model <- ar(x[split$first + seq_len(split$months) - 1], order.max = 60,
              method = method)
  lags <- seq_len(model$order)
  path <- months_before(split$judged, model$order, x) - model$x.mean
  for (step in seq_len(ahead)) {
    recent <- path[, ncol(path) + 1 - lags]
    path <- cbind(path, recent %*% c(model$ar) + sum(model$x.intercept))
  }
  pmax(path[, -lags] + model$x.mean, 0)^2
}

# ---- the network -------------------------------------------------------------

# Chosen on training data: see `choose()`.
design <- list(years = 12, units = 32, recurrent_dropout = 0.2, penalty = 0.1,
               linear = TRUE, rate = 1e-3, batch_size = 64, epochs = 20)

# Twelve years of monthly root numbers, one year per time step, go through a
# recurrent layer; a linear path beside it sees the same months. Their sum is
# squared, so that no forecast is negative.
sunspot_network <- function(design, level) {
  past <- keras_input(shape = c(design$years, 12))
  recurrent <- past |>
    layer_simple_rnn(design$units,
                     recurrent_dropout = design$recurrent_dropout) |>
    layer_dense(ahead, bias_initializer = initializer_constant(level),
                kernel_initializer = initializer_random_normal(stddev = 0.02))
  straight <- past |>
    op_reshape(c(-1, design$years * 12)) |>
    layer_dense(ahead, use_bias = FALSE, kernel_initializer = "zeros",
                kernel_regularizer = regularizer_l2(design$penalty))
  root <- if (design$linear) recurrent + straight else recurrent
  keras_model(past, op_square(root)) |>
    compile(optimizer_adam(design$rate), loss = window_rmse)
}

# The score itself is the loss.
window_rmse <- function(y_true, y_pred) {
  op_sqrt(op_mean(op_square(y_true - y_pred), axis = -1))
}

# Trains one network: list(forecast, history). `watch` follows its loss on the
# judged months, which changes nothing.
train_network <- function(split, seed, design, watch = FALSE) {
  set.seed(seed)
  known <- sqrt(series[split$first + seq_len(split$months) - 1])
  unit <- var(known)
  level <- mean(known) / sd(known)
  inputs <- design$years * 12
  past <- function(origins) {
    x <- months_before(origins, inputs, sqrt(series / unit) - level)
    aperm(array(x, c(length(origins), 12, design$years)), c(1, 3, 2))
  }
  after <- function(origins) months_after(origins) / unit
  origins <- origins_within(split$first, split$months, inputs)
  model <- sunspot_network(design, level)
  history <- fit(
    model, past(origins), after(origins), verbose = 0,
    batch_size = design$batch_size, epochs = design$epochs,
    validation_data = if (watch) list(past(split$judged), after(split$judged))
  )
  list(forecast = predict(model, past(split$judged), verbose = 0) * unit,
       history = history)
}

# list(alone, together): the scores of the networks and of their mean, which is
# `forecast`; and `losses`, a column per network.
train_networks <- function(split, seeds, design) {
  networks <- lapply(seeds, train_network, split = split, design = design)
  forecasts <- lapply(networks, `[[`, "forecast")
  forecast <- Reduce(`+`, forecasts) / length(forecasts)
  list(
    alone = vapply(forecasts, score, 0, origins = split$judged),
    together = score(forecast, split$judged),
    forecast = forecast,
    losses = vapply(networks, \(n) n$history$metrics$loss,
                    numeric(design$epochs))
  )
}

# What `f` makes of each slice. Two processes of one thread each share the
# slices; every network starts from its own seed, so no number depends on that.
each_slice <- function(f, rehearsal = FALSE) {
  splits <- lapply(slices, split_slice, rehearsal = rehearsal)
  results <- parallel::mclapply(splits, f, mc.cores = processes)
  failed <- Find(\(result) inherits(result, "try-error"), results)
  if (!is.null(failed)) stop(failed)
  results
}
